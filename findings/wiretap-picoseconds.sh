#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# capinfos (and tshark, editcap) 4.0.17 (Debian 12): picoseconds in a pcapng give a wrong time.
# Expected: with if_tsresol 12 a time stamp of 5 123 456 789 012 units is 5.123456789 s, as tcpdump has it.
# Seen: 5.012776324 s, without a warning: the part below a second is wrong, and editcap writes it so into its copy. The
# resolution is valid: if_tsresol allows any power of ten.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
command -v python3 > log || skip "no python3 here"
apt-get -qq download wireshark-common=4.0.17-0+deb12u3 \
    libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"

bin=$dir/root/usr/bin
"$bin/capinfos" --version 2> log | grep -q '4\.0\.17' || skip "capinfos 4.0.17 does not start: $(tail -n 1 log)"
python3 - << 'END'
import struct
def block(kind, body):
    n = struct.pack('<I', len(body) + 12)
    return struct.pack('<I', kind) + n + body + n
section = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))
interface = block(1, struct.pack('<HHIHHB7x', 101, 0, 0, 9, 1, 12))
ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20, 1, 0, 64, 253, 0, b'\x0a\0\0\1', b'\x0a\0\0\2')
stamp = 5_123_456_789_012
open('pico.pcapng', 'wb').write(
    section + interface + block(6, struct.pack('<IIIII', 0, stamp >> 32, stamp & 0xffffffff, 20, 20) + ip))
END
tcpdump=$("$bin/tcpdump" -n -tt --nano -r pico.pcapng 2> log | awk '{ print $1 }')
[ "$tcpdump" = 5.123456789 ] || changed "tcpdump says $tcpdump"
capinfos=$("$bin/capinfos" -S -a -M pico.pcapng 2> log | awk '/First packet time/ { print $NF }')
[ "$capinfos" = 5.012776324 ] || changed "capinfos says $capinfos"
echo "seen: $tcpdump in tcpdump, $capinfos in capinfos"
