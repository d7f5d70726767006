#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# libpcap 1.10.3, tcpdump 4.99.3 (Debian 12): a filter on link layer bytes, where the capture has no link layer.
# Expected: for raw IP (DLT_RAW) `ether[0]`, `wlan[0]` and `fddi[0]` are refused, as `ether host`, `vlan` and `wlan
# type` are.
# Seen: they compile, to a load of the packet's byte 0, which is the IP header's version and length: `ether[0] = 0x45`
# matches IPv4, and so does `wlan[0] = 0x45`.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
apt-get -qq download tcpdump=4.99.3-1 libpcap0.8=1.10.3-1 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"

tcpdump=$dir/root/usr/bin/tcpdump
"$tcpdump" --version 2>&1 | grep -q 'libpcap version 1\.10\.3 ' || skip "tcpdump does not start with libpcap 1.10.3"
# A capture of link type 101 with one packet: an IPv4 header with no payload.
printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\1\0\145\0\0\0' > raw.pcap
printf '\0\0\0\0\0\0\0\0\24\0\0\0\24\0\0\0' >> raw.pcap
printf '\105\0\0\24\0\1\0\0\100\375\146\354\12\0\0\1\12\0\0\2' >> raw.pcap
for filter in 'ether host 02:00:00:00:00:01' vlan 'wlan type data'; do
    ! "$tcpdump" -n -r raw.pcap "$filter" > out 2>&1 || changed "'$filter' is taken for raw IP"
done
for word in ether wlan fddi; do
    "$tcpdump" -n -r raw.pcap "${word}[0] = 0x45" > out 2> log || changed "'${word}[0]' is refused: $(tail -n 1 log)"
    grep -q '10\.0\.0\.1 > 10\.0\.0\.2' out || changed "'${word}[0] = 0x45' does not match the IP header"
done
echo "seen: $("$tcpdump" -y RAW -d 'wlan[0] = 0x45' | head -n 2 | tr -s ' \n' ' ')"
