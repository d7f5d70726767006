#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/check-includes lets pass and what it finds, one include at a time.
set -u
tools=$1
failed=0

expect() { # answer, file, include
    tree=$(mktemp -d)
    mkdir -p "$tree/$(dirname "$2")"
    echo "#include $3" > "$tree/$2"
    if "$tools/check-includes" "$tree" > /dev/null; then answer=good; else answer=bad; fi
    [ $answer = "$1" ] || { echo "$2 including $3 was found $answer, expected $1"; failed=1; }
    rm -rf "$tree"
}

expect good engine/rules.cpp '"engine/rules.hpp"'
expect good engine/rules.cpp '<stdint.h>'
expect bad engine/rules.cpp '<string>'
expect bad engine/rules.cpp '<stdio.h>'
expect bad engine/rules.cpp '<linux/skbuff.h>'
expect bad engine/rules.cpp '"lua.h"'
expect bad engine/rules.cpp '"datapath/replay/replay.hpp"'
expect bad engine/rules.cpp '"rules.hpp"'
expect bad engine/rules.cpp '"engine/lua/binding.hpp"'
expect good engine/state.cpp '"lua.h"'
expect good engine/state.cpp '"engine/lua/binding.hpp"'
expect bad engine/state.hpp '"lua.h"'
expect good engine/lua/timer.cpp '"lauxlib.h"'
expect bad engine/lua/timer.cpp '<time.h>'
expect good cli/table.hpp '<CLI/App.hpp>'
expect bad cli/table.hpp '<CLI/CLI.hpp>'
expect good cli/command_line.cpp '<CLI/CLI.hpp>'
expect good engine/state.cpp '"lua/protect.h"'
expect bad engine/rules.cpp '"lua/protect.h"'
expect bad engine/rules.cpp '<vector>'
expect bad lua/budget.c '"engine/state.hpp"'
expect good lua/budget.c '"lstate.h"'
expect good datapath/replay/clock.cpp '"engine/host.hpp"'
expect good datapath/replay/clock.cpp '<pcap/pcap.h>'
expect good datapath/replay/clock.cpp '"datapath/replay/clock.hpp"'
expect good datapath/replay/clock.cpp '"datapath/outcome.hpp"'
expect bad datapath/clock.cpp '"datapath/replay/clock.hpp"'
expect bad datapath/replay/clock.cpp '"datapath/queue/loop.hpp"'
expect bad datapath/replay/clock.cpp '"cli/options.hpp"'
expect bad datapath/replay/clock.cpp '"engine/lua/binding.hpp"'
expect bad datapath/replay/clock.cpp '<lua.h>'
expect bad control/codec.cpp '"engine/state.hpp"'
expect good control/codec.cpp '"control/protocol.h"'
expect good lua_modules/memory.cpp '"engine/lua/memory.hpp"'
expect good lua_modules/nflua.cpp '"control/client.hpp"'
expect good lua_modules/plain/lua/userdata.h '"lauxlib.h"'
expect bad lua_modules/nflua.cpp '"datapath/events.hpp"'
expect bad lua_modules/nflua.cpp '"cli/version.hpp"'
expect bad engine/lua/memory.cpp '"lua_modules/plain/lua/userdata.h"'
expect good cli/replay.cpp '"datapath/replay/run.hpp"'
expect bad cli/replay.cpp '"lua.h"'
exit $failed
