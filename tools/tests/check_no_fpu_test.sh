#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/check-no-fpu finds in small objects built for it.
set -u
tools=$1
[ "$(uname -m)" = x86_64 ] || exit 0
failed=0
# Enough code to be looked at.
padding='long pad(long x) { asm volatile(".rept 100; nop; .endr"); return x; }'

expect() { # answer, what it is, options, C source
    object=$(mktemp)
    # shellcheck disable=SC2086 # several options
    echo "$4 $padding" | cc -x c -O2 $3 -c -o "$object" -
    if "$tools/check-no-fpu" "$object" > /dev/null; then answer=good; else answer=bad; fi
    [ $answer = "$1" ] || { echo "$2 was found $answer, expected $1"; failed=1; }
    rm -f "$object"
}

expect good 'integer code' '' 'long f(long a, long b) { return a * b / 3; }'
expect bad 'a sum of doubles' '' 'double f(double a, double b) { return a + b; }'
expect bad 'a long double on the x87' '' 'void f(long double* a) { *a *= 3; }'
expect bad 'a copy through a vector register' '' 'struct s { long a, b; }; void f(struct s* a, struct s* b) { *a = *b; }'
expect bad 'a call of software floating point' '' 'extern long __adddf3(long, long); long f(long a) { return __adddf3(a, a); }'
expect bad 'a division of 128 bits' '' 'unsigned __int128 f(unsigned __int128 a, long b) { return a / b; }'
padding=
expect bad 'an object without code' '' 'int x;'
exit $failed
