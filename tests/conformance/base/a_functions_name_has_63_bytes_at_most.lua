-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --match n23456789012345678901234567890123456789012345678901234567890123
_G["n" .. ("2345678901"):rep(6) .. "23"] = function() return true end
