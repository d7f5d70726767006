-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4_1 udp4_2 udp4_3
-- args: --strict
-- only: replay queue (a kernel's states do not end with a status)
function target() error({}) end
