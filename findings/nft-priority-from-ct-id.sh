#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# nft 1.1.3 (Debian 13) lists a rule that nft 1.0.6 (Debian 12) made, and refuses its own listing.
# Expected: what `nft list ruleset` prints, the same nft loads, so that a saved rule set outlives an upgrade.
# Seen: 1.0.6 loads `meta priority set ct id` and reads its listing back. 1.1.3 lists that rule in the same words, and
# of them it says "datatype mismatch: expected TC classid, expression has type integer". The rest of the file is not
# loaded either.
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
# shellcheck disable=SC2016 # apt expands it
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | sort -u | head -n 1)
[ "$(dpkg --print-architecture)" = amd64 ] || skip "the pinned packages are of amd64"
while read -r path sum; do
    /usr/lib/apt/apt-helper download-file "$mirror/pool/main/$path" new.deb "SHA256:$sum" > log 2>&1 ||
        skip "$path can't be had: $(grep '^E:' log | tail -n 1)"
    dpkg -x new.deb newer
    rm new.deb
done << 'END'
n/nftables/nftables_1.1.3-1_amd64.deb 2ddfa61baaf3a76e2c499db9e521ba6affb226f85af0b6fef739f346ac5f0c39
n/nftables/libnftables1_1.1.3-1_amd64.deb c7cbee3dce8452ae5c3c4269f6f52e96b896d36a46ea3c490e0e11e8ff359896
libn/libnftnl/libnftnl11_1.2.9-1_amd64.deb 1b3eae46bfb9c6ab44e404797fb45278045f926d73974a84097ad47a3e27d983
libm/libmnl/libmnl0_1.0.5-3_amd64.deb 4ec9c1096e0b954e3bdb03a62314ee7f49999045d3d55be3e4ded520ffc9baf5
g/glibc/libc6_2.41-12+deb13u5_amd64.deb b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf
END
cat > older.sh << END
LD_LIBRARY_PATH=$dir/root/usr/lib/x86_64-linux-gnu exec $dir/root/usr/sbin/nft "\$@"
END
cat > newer.sh << END
exec $dir/newer/usr/lib64/ld-linux-x86-64.so.2 --library-path $dir/newer/usr/lib/x86_64-linux-gnu \\
    $dir/newer/usr/sbin/nft "\$@"
END
sh older.sh --version | grep -q 'v1\.0\.6 ' || skip "nft 1.0.6 does not start"
sh newer.sh --version | grep -q 'v1\.1\.3 ' || skip "nft 1.1.3 does not start"
cat > inside << 'END'
sh older.sh -f rules.nft && sh older.sh list ruleset > by_older && sh older.sh flush ruleset &&
    sh older.sh -f by_older && sh newer.sh list ruleset > by_newer || exit 3
sh newer.sh flush ruleset
sh newer.sh -f by_newer 2> refused
echo $? > status
END
echo 'table inet filter { chain input { meta priority set ct id; }; }' > rules.nft
unshare -n sh inside 2> log || skip "the rule can't be made here: $(head -n 1 log)"
cmp -s by_older by_newer || changed "nft 1.1.3 lists the rule as $(grep priority by_newer)"
[ "$(cat status)" = 1 ] || changed "nft 1.1.3 loads its listing, with status $(cat status)"
grep -q 'expected TC classid, expression has type integer' refused ||
    changed "it is refused otherwise: $(head -n 1 refused)"
echo "seen: $(head -n 1 refused)"
