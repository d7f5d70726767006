-- SPDX-License-Identifier: GPL-2.0-or-later
-- packets: udp4
error("at load")
