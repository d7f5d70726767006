#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# nft 1.0.6 (Debian 12): the JSON listing of a rule that fills a map can't be loaded.
# Expected: `nft -j list ruleset` writes what `nft -j -f` of the same version reads, as the text form does.
# Seen: the rule `update @names { ip saddr : ct mark }` is listed as
#     "expr": ["update @names { ip saddr : ct mark }"]
# that is the rule's text where an object belongs, with status 0 and the warning "stmt ops map have no json callback";
# reading it back ends in "Unexpected expr array element of type string, expected object". The text listing of the same
# rules loads.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
unshare -n true 2> log || skip "no network namespace of our own: $(tail -n 1 log)"
apt-get -qq download nftables=1.0.6-2+deb12u2 libnftables1=1.0.6-2+deb12u2 libnftnl11=1.2.4-2 \
    libmnl0=1.0.4-3 libjansson4=2.14-2 libxtables12=1.8.9-2 libedit2=3.1-20221030-2 \
    > log 2>&1 || skip "these packages can't be had: $(grep '^E:' log | tail -n 1)"
for deb in *.deb; do dpkg -x "$deb" root; done
export LD_LIBRARY_PATH="$dir/root/usr/lib/x86_64-linux-gnu:$dir/root/lib/x86_64-linux-gnu:$dir/root/usr/lib"
nft=$dir/root/usr/sbin/nft

"$nft" --version | grep -q 'v1\.0\.6 ' || skip "nft 1.0.6 does not start: $("$nft" --version 2>&1 | tail -n 1)"
cat > rules.nft << 'END'
table inet filter {
    map names { type ipv4_addr : mark; flags dynamic, timeout; timeout 1m; }
    chain input { update @names { ip saddr : ct mark }; }
}
END
cat > inside << 'END'
"$1" -f rules.nft && "$1" list ruleset > text && "$1" -j list ruleset > json 2> warning || exit 3
"$1" flush ruleset && "$1" -f text || exit 3
"$1" flush ruleset
"$1" -j -f json 2> refused
echo $? > status
END
unshare -n sh inside "$nft" 2> log || skip "the rule can't be made here: $(head -n 1 log)"
grep -q '"expr": \["update @names { ip saddr : ct mark }"\]' json || changed "the rule is listed otherwise: $(cat json)"
[ "$(cat status)" = 1 ] || changed "the JSON listing loads, with status $(cat status)"
grep -q 'array element of type string, expected object' refused ||
    changed "it is refused otherwise: $(head -n 1 refused)"
echo "seen: $(cat warning); then $(head -n 1 refused)"
