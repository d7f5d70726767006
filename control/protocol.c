// SPDX-License-Identifier: GPL-2.0-or-later
// Shows that the header is C, and needs no other header (CMakeLists.txt hides them all).
#include "control/protocol.h"

extern const unsigned long nflua_protocol_in_c;
const unsigned long nflua_protocol_in_c = NFLUA_MAX_CHUNK_BYTES(NFLUA_PAYLOAD_BYTES(4096));
