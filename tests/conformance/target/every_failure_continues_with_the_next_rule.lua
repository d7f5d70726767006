-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
-- args: --target nowhere --target raises_words --target loops --target yields --target last
function raises_words() error("words") end
function loops() while true do end end
function yields() coroutine.yield("drop") end
function last() return "accept" end
