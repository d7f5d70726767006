#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/check-module finds in objects of one small file.
set -u
tools=$1
failed=0

expect() { # answer, what it is, C source
    build=$(mktemp -d)
    echo "$3" | cc -x c -O2 -fcf-protection=branch -c -o "$build/file.o" -
    if "$tools/check-module" "$build/file.o" > /dev/null; then answer=good; else answer=bad; fi
    [ $answer = "$1" ] || { echo "$2 was found $answer, expected $1"; failed=1; }
    rm -rf "$build"
}

tracked='void f(void) {} void (*table[])(void) = {f};'
expect good 'a function that is called by address' "$tracked"
expect bad 'an object without functions' 'int x;'
expect bad 'a function without endbr64 in a table' \
    "$tracked __attribute__((nocf_check, noipa)) void g(void) {} void* other[] = {(void*)g};"
expect bad 'a function without endbr64 whose address is loaded' \
    "$tracked __attribute__((nocf_check, noipa)) void g(void) {} void* h(void) { return (void*)g; }"
expect good 'a function without endbr64 that is only called' \
    "$tracked static __attribute__((nocf_check, noipa)) void g(void) {} void h(void) { g(); }"
expect bad 'an indirect branch' "$tracked void h(void (*p)(void)) { p(); }"
expect bad 'two sections of one name' "$tracked
    __asm__(\".section one,\\\"aG\\\",@progbits,a,comdat; .byte 1; .section one,\\\"aG\\\",@progbits,b,comdat; .byte 1; .text\");"
exit $failed
