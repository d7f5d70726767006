#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# libtrace 3.0.22 (tracestats, Debian 12): of an .xz capture only the first stream is read.
# Expected: the two halves of a capture, each compressed by itself and joined, are one compressed file: the .xz format
# allows it, `xz -dc` gives the whole capture, and for .gz made in the same way tracestats reads all packets.
# Seen: for .xz tracestats counts the packets of the first half, and ends with status 0 and without a warning.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
apt-get -qq download libtrace-tools=3.0.22-0.1 libtrace3=3.0.22-0.1 libwandio1=3.0.22-0.1 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"

tracestats=$dir/root/usr/bin/tracestats
for tool in xz gzip; do command -v $tool > log || skip "no $tool here"; done
# Two halves of a capture of link type 1: a header and two frames, then two frames.
frame() {
    printf '\0\0\0\0\0\0\0\0\74\0\0\0\74\0\0\0'
    head -c 60 /dev/zero
}
{ printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\0\0' && frame && frame; } > one
{ frame && frame; } > two
{ xz -c one && xz -c two; } > joined.pcap.xz
{ gzip -c one && gzip -c two; } > joined.pcap.gz
cat one two > whole
xz -dc joined.pcap.xz | cmp -s - whole || skip "xz does not give the capture back"
count() { "$tracestats" "pcapfile:$1" 2> log | awk '$1 == "Total:" { print $2 }'; }
[ "$(count whole)" = 4 ] || skip "tracestats does not read a plain capture: $(tail -n 1 log)"
[ "$(count joined.pcap.gz)" = 4 ] || changed "of the .gz it reads $(count joined.pcap.gz) packets"
"$tracestats" pcapfile:joined.pcap.xz > out 2> log || changed "it ends with an error: $(tail -n 1 log)"
[ "$(count joined.pcap.xz)" = 2 ] || changed "of the .xz it reads $(count joined.pcap.xz) packets"
echo "seen: 4 packets of the .gz, 2 of the .xz"
