#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 and tcpdump 4.99.3 (Debian 12): frame numbers count blocks of a pcapng that are no packets.
# Expected: in a capture of two packets the second is number 2, in tshark as in `tcpdump --number`.
# Seen: a custom block or a block of the systemd journal between the two takes a number in tshark, so the second packet
# is frame 3 there and 2 in tcpdump. capinfos counts 2 packets. Who passes a number from the one tool to the other
# (`frame.number == 2`, `editcap -r FILE OUT 2`) gets no packet at all.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
command -v python3 > log || skip "no python3 here"
apt-get -qq download tshark=4.0.17-0+deb12u3 libwireshark16=4.0.17-0+deb12u3 \
    libwiretap13=4.0.17-0+deb12u3 libwsutil14=4.0.17-0+deb12u3 tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"

tshark=$dir/root/usr/bin/tshark
"$tshark" --version 2> log | grep -q '4\.0\.17' || skip "tshark 4.0.17 does not start: $(tail -n 1 log)"
python3 - << 'END'
import struct
def block(kind, body):
    n = struct.pack('<I', len(body) + 12)
    return struct.pack('<I', kind) + n + body + n
section = block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1))
interface = block(1, struct.pack('<HHI', 101, 0, 0))
def packet(number):
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20, number, 0, 64, 253, 0, b'\x0a\0\0\1', b'\x0a\0\0\2')
    return block(6, struct.pack('<IIIII', 0, 0, number, 20, 20) + ip)
entry = b'__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=up\n\n'
others = {'custom': block(0xbad, struct.pack('<I', 32473) + b'note'),
          'journal': block(9, entry + bytes(-len(entry) % 4))}
for name, other in others.items():
    open(name + '.pcapng', 'wb').write(section + interface + packet(1) + other + packet(2))
END
for name in custom journal; do
    numbers=$("$tshark" -n -r $name.pcapng -Y ip -T fields -e frame.number 2> log | tr '\n' ' ')
    [ "$numbers" = '1 3 ' ] || changed "tshark numbers the packets of $name.pcapng $numbers"
    numbers=$("$dir/root/usr/bin/tcpdump" -n --number -r $name.pcapng 2> log | awk '{ print $1 }' | tr '\n' ' ')
    [ "$numbers" = '1 2 ' ] || changed "tcpdump numbers the packets of $name.pcapng $numbers"
done
echo "seen: the second packet is frame 3 in tshark, number 2 in tcpdump"
