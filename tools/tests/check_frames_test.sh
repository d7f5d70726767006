#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/check-frames finds in builds of one small file.
set -u
tools=$1
failed=0

expect() { # answer, what it is, C source
    build=$(mktemp -d)
    echo "$3" | cc -x c -O2 -fstack-usage -c -o "$build/file.o" -
    if "$tools/check-frames" "$build" > /dev/null; then answer=good; else answer=bad; fi
    [ $answer = "$1" ] || { echo "$2 was found $answer, expected $1"; failed=1; }
    rm -rf "$build"
}

expect good 'a small frame' 'void g(char*); void f(void) { char a[900]; g(a); }'
expect bad 'a large frame' 'void g(char*); void f(void) { char a[1100]; g(a); }'
expect bad 'a frame of any size' 'void g(char*); void f(int n) { char a[n]; g(a); }'
expect bad 'a build without functions' 'int x;'
exit $failed
