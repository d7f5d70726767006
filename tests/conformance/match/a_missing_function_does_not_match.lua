-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --match nowhere --match not_a_function --target after
not_a_function = 7
function after() return "accept" end
