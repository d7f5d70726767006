-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: load-error __gc
-- Finalizers would run with no bound.
setmetatable({}, {__gc = function() while true do end end})
function match() end
