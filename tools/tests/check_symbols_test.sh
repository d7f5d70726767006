#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/check-symbols finds in small objects built for it.
set -u
tools=$1
failed=0

expect() { # answer, what it is, C++ source
    tree=$(mktemp -d)
    mkdir -p "$tree/engine_unit.dir" "$tree/engine_files.dir" "$tree/module_lua.dir"
    echo "$3" | c++ -x c++ -ffreestanding -fno-pie -c -o "$tree/engine_unit.dir/engine.o" -
    cp "$tree/engine_unit.dir/engine.o" "$tree/engine_files.dir/"
    echo 'extern "C" void lua_settop(void*, int) {}' | c++ -x c++ -c -o "$tree/module_lua.dir/lua.o" -
    if "$tools/check-symbols" "$tree" "$tools/module-symbols.txt" > /dev/null; then answer=good; else answer=bad; fi
    [ $answer = "$1" ] || { echo "$2 was found $answer, expected $1"; failed=1; }
    rm -rf "$tree"
}

expect good 'a call on the list' 'extern "C" int memcmp(const void*, const void*, unsigned long);
    int f(const void* a) { return memcmp(a, a, 9); }'
expect good 'a call of Lua' 'extern "C" void lua_settop(void*, int); void f(void* l) { lua_settop(l, 0); }'
expect bad 'a call of libc' 'extern "C" int puts(const char*); int f() { return puts("x"); }'
expect bad 'a plain new' 'int* f() { return new int; }'
expect bad 'a global with a constructor' 'int g(int* p) { return *p; } extern "C" void* lua_x(void);
    void* f = lua_x();'
exit $failed
