-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: load-error instruction budget exceeded
-- A chunk has a budget, too.
while true do end
