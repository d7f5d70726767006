#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dpkt 1.9.8 (Debian 12): the first interface's clock is used for every packet of a pcapng.
# Expected: a packet's time is read with the resolution (if_tsresol) of the interface that it names.
# Seen: if interface 0 counts microseconds and interface 1 nanoseconds, a packet of interface 1 of the year 2023 gets a
# time of the year 55841 (1700000000123.4568 seconds), and no error.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
command -v python3 > log || skip "no python3 here"
apt-get -qq download python3-dpkt=1.9.8-1 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export PYTHONPATH="$dir/root/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1
python3 -c 'import dpkt; assert dpkt.__version__ == "1.9.8"' 2> log ||
    skip "dpkt 1.9.8 can't be loaded: $(tail -n 1 log)"
times=$(python3 - << 'END'
import dpkt, io
import struct
def block(kind, body):
    n = struct.pack('<I', len(body) + 12)
    return struct.pack('<I', kind) + n + body + n
section = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))
def interface(resolution):
    return block(1, struct.pack('<HHIHHB7x', 101, 0, 0, 9, 1, resolution))
def packet(number, stamp):
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20, 1, 0, 64, 253, 0, b'\x0a\0\0\1', b'\x0a\0\0\2')
    return block(6, struct.pack('<IIIII', number, stamp >> 32, stamp & 0xffffffff, 20, 20) + ip)
capture = section + interface(6) + interface(9) + packet(0, 1_700_000_000_123456) + packet(1, 1_700_000_000_123456789)
print(*('%.3f' % time for time, _ in dpkt.pcapng.Reader(io.BytesIO(capture))))
END
) || changed "dpkt refuses the capture"
[ "$times" = '1700000000.123 1700000000123.457' ] || changed "dpkt reads the times as $times"
echo "seen: $times"
