#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# conntrack 1.4.7 (Debian 12): `conntrack -L -o save`, restored by `conntrack -R`, loses the marks.
# Expected: what is saved and restored has what the entries had and `conntrack -I` can set: the mark is one of those.
# Seen: `-o save` writes the time-out, the status, the zone and the tuples, but no `--mark`. After the restore the entry
# has mark 0, so rules that decide by `ct mark` treat the restored connections as new ones.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
unshare -n true 2> log || skip "no network namespace of our own: $(tail -n 1 log)"
apt-get -qq download conntrack=1:1.4.7-1+b2 libnetfilter-conntrack3=1.0.9-3 libnfnetlink0=1.0.2-2 libmnl0=1.0.4-3 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"

conntrack=$dir/root/usr/sbin/conntrack
"$conntrack" --version 2> log | grep -q 'v1\.4\.7 ' || skip "conntrack 1.4.7 does not start: $(tail -n 1 log)"
cat > inside << 'END'
"$1" -I -p udp -s 192.0.2.1 -d 192.0.2.2 --sport 1000 --dport 2000 -t 600 \
    -u SEEN_REPLY,ASSURED -m 5 > log 2>&1 || exit 3
"$1" -L > before 2> log && "$1" -L -o save > saved 2> log && "$1" -F 2> log && "$1" -R saved 2> log || exit 3
"$1" -L > after 2> log
END
unshare -n sh inside "$conntrack" || skip "no entry can be made here: $(tail -n 1 log)"
grep -q 'ASSURED\] mark=5 ' before || skip "the entry did not get its mark: $(cat before)"
grep -q 'ASSURED\] mark=' after || changed "the entry is not restored: $(cat after)"
! grep -q -e '--mark' -e ' -m ' saved || changed "the mark is saved: $(cat saved)"
grep -q 'mark=0 ' after || changed "the mark is restored: $(cat after)"
echo "seen: mark=5 became mark=0 by way of $(cat saved)"
