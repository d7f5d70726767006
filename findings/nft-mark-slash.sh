#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# nft 1.0.6 (Debian 12): `meta mark 0x1/0x3` is not a value and a mask, as it is for iptables.
# Expected: marks whose two lowest bits are 01, as `-m mark --mark 0x1/0x3` of iptables has it; or an error, because the
# value has bits outside a prefix.
# Seen: it loads, and is listed as `meta mark 0x00000000/3`: the mask was read as the length of a prefix, like that of
# an address, and the value's low bit is gone. A mark of 2 matches, a mark of 0xe0000001 does not. What was meant is
# `meta mark and 0x3 == 0x1`.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
unshare -n true 2> log || skip "no network namespace of our own: $(tail -n 1 log)"
command -v python3 > log || skip "no python3 here"
apt-get -qq download nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11=1.2.4-2 \
    libmnl0=1.0.4-3 libjansson4=2.14-2 libxtables12=1.8.9-2 libedit2=3.1-20221030-2 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"
nft=$dir/root/usr/sbin/nft

"$nft" --version | grep -q 'v1\.0\.6 ' || skip "nft 1.0.6 does not start: $("$nft" --version 2>&1 | tail -n 1)"
cat > rules.nft << 'END'
table ip filter {
    counter slash { }
    counter meant { }
    chain first { type filter hook output priority 0; meta mark 0x1/0x3 counter name "slash"; }
    chain second { type filter hook output priority 1; meta mark and 0x3 == 0x1 counter name "meant"; }
}
END
# Sends one datagram with the mark 2 and one with the mark 0xe0000001 over the loopback device.
cat > send.py << 'END'
import socket, sys
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(('127.0.0.1', 9))
for mark in (2, 0xe0000001):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, 36, mark.to_bytes(4, sys.byteorder))
        s.sendto(b'x' * (mark & 3), ('127.0.0.1', 9))
END
cat > inside << 'END'
ip link set lo up || exit 3
"$1" -f rules.nft 2> refused || exit 4
python3 send.py && "$1" list ruleset > listed
END
unshare -n sh inside "$nft" 2> log
status=$?
[ $status != 4 ] || changed "the rule is refused: $(head -n 1 refused)"
[ $status = 0 ] || skip "this can't be tried here: $(tail -n 1 log)"
grep -q 'meta mark 0x00000000/3 ' listed || changed "the rule is listed otherwise: $(grep '"slash"' listed)"
# The datagram of mark 2 has 2 bytes of payload, that of mark 0xe0000001 has 1: 30 and 29 bytes with their headers.
counted=$(sed -n 's/.*packets 1 bytes \([0-9]*\).*/\1/p' listed | tr '\n' ' ')
[ "$counted" = '30 29 ' ] || changed "the matching packets are of $counted bytes, not 30 and 29"
echo "seen:$(grep '/3' listed), which the mark 2 matches"
