#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What lua/fetch.sh says to trees of Lua that it is given.
set -u
fetch=$1/../lua/fetch.sh
failed=0

tree() { # RELEASE: a folder with nothing but the release's number
    made=$(mktemp -d)
    mkdir "$made/src"
    cat > "$made/src/lua.h" <<HEADER
#define LUA_VERSION_MAJOR	"5"
#define LUA_VERSION_MINOR	"4"
#define LUA_VERSION_RELEASE	"$1"
HEADER
    echo "$made"
}

expect() { # status, what it is, LUA_SRC, output folder
    LUA_SRC=$3 "$fetch" "$4" > /dev/null 2>&1
    status=$?
    [ $status = "$1" ] || { echo "$2: exit status $status, expected $1"; failed=1; }
}

known=$(tree 4)
newer=$(tree 7)
out=$(mktemp -d)
expect 0 'a tree of the known release' "$known" "$out"
[ -f "$out/src/lua.h" ] || { echo 'the tree was not copied'; failed=1; }
expect 0 'the known release, left by an earlier run' '' "$out"
expect 5 'a tree of another release' "$newer" "$out"
expect 5 'another release, left by an earlier run' '' "$newer"
expect 3 'a folder without Lua' /nonexistent "$out"
LUA_SRC=$newer "$fetch" "$out" 2>&1 | grep -q 'Lua 5.4.7 .*known is 5.4.4' ||
    { echo 'the message does not name both releases'; failed=1; }
rm -rf "$known" "$newer" "$out"
exit $failed
