-- SPDX-License-Identifier: GPL-2.0-or-later
-- expect: error
-- The message handler meets a table.
function match()
  error({})
end
