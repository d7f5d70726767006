#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# editcap 4.0.17 (Debian 12): a pcapng of two sections is copied into a file that is cut short.
# Expected: a copy with all packets, each with its own interface. Files of several sections come from `cat a b > c`,
# which pcapng allows; tshark reads this one right.
# Seen: packets of the second section are written as if they came from the first section's interface 0. With another
# link type there, editcap stops with "An internal error occurred while writing record 2 ... interface 0 encap 1 !=
# packet encap 7" and leaves a file that ends within a packet. With the same link type it says nothing, and a second
# section in nanoseconds loses its last three digits to the first one's microseconds.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
command -v python3 > log || skip "no python3 here"
apt-get -qq download wireshark-common=4.0.17-0+deb12u3 \
    libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"

bin=$dir/root/usr/bin
"$bin/editcap" --version 2> log | grep -q '4\.0\.17' || skip "editcap 4.0.17 does not start: $(tail -n 1 log)"
python3 - << 'END'
import struct
def block(kind, body):
    n = struct.pack('<I', len(body) + 12)
    return struct.pack('<I', kind) + n + body + n
section = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))
def part(link, resolution, stamp):
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20, 1, 0, 64, 253, 0, b'\x0a\0\0\1', b'\x0a\0\0\2')
    frame = (bytes(12) + b'\x08\0' if link == 1 else b'') + ip
    body = struct.pack('<IIIII', 0, stamp >> 32, stamp & 0xffffffff, len(frame), len(frame)) + frame
    interface = block(1, struct.pack('<HHIHHB7x', link, 0, 0, 9, 1, resolution))
    return section + interface + block(6, body + bytes(-len(frame) % 4))
first = part(1, 6, 1_700_000_000_123456)
open('links.pcapng', 'wb').write(first + part(101, 6, 1_700_000_000_123456))
open('times.pcapng', 'wb').write(first + part(1, 9, 1_700_000_000_123456789))
END
last() { "$bin/capinfos" -S -e -M "$1" 2> log | awk '/Last packet time/ { print $NF }'; }
"$bin/capinfos" -c -M links.pcapng 2> log | grep -q 'Number of packets: *2$' || changed "links.pcapng is read otherwise"
! "$bin/editcap" links.pcapng copy.pcapng 2> refused || changed "editcap copies two sections of different link types"
grep -q 'interface 0 encap 1 != packet encap 7' refused || changed "it is refused otherwise: $(head -n 1 refused)"
"$bin/capinfos" -c -M copy.pcapng 2>&1 | grep -q 'cut short' || changed "the copy is not cut short"
"$bin/editcap" times.pcapng copy.pcapng 2> log || changed "editcap refuses two sections of one link type"
before=$(last times.pcapng) after=$(last copy.pcapng)
[ "$before" = 1700000000.123456789 ] || changed "times.pcapng ends at $before"
[ "$after" = 1700000000.123456 ] || [ "$after" = 1700000000.123456000 ] || changed "the copy ends at $after"
echo "seen: $(tail -n 1 refused); $before became $after"
