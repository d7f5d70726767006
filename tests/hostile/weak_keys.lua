-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: load-error weak keys
-- A chain of ephemerons is quadratic.
setmetatable({}, {__mode = "k"})
function match() end
