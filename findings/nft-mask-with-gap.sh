#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# nft 1.1.3 (Debian 13) lists a raw payload match whose mask has a gap as a match of other bits.
# Expected: `@th,104,8 & 0x12 == 0x12` (TCP's SYN and ACK) is listed with its mask, as nft 1.0.6 lists it, or in other
# words that mean the same.
# Seen: 1.1.3 lists `@th,110,2 0x9`: a field of two bits that is to be nine, so that a saved copy never matches. With
# `== 0x2` it lists `@th,110,2 0x1`, which nft loads, and which matches other packets. A mask without a gap is right.
set -u
skip() { echo "SKIPPED: $1"; exit 77; }
changed() { echo "CHANGED: $1"; exit 1; }
dir=$(mktemp -d) || skip "no temporary folder"
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
cd "$dir" || skip "no temporary folder"
unshare -n true 2> log || skip "no network namespace of our own: $(tail -n 1 log)"
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
cat > newer.sh << END
exec $dir/newer/usr/lib64/ld-linux-x86-64.so.2 --library-path $dir/newer/usr/lib/x86_64-linux-gnu \\
    $dir/newer/usr/sbin/nft "\$@"
END
sh newer.sh --version | grep -q 'v1\.1\.3 ' || skip "nft 1.1.3 does not start"
cat > inside << 'END'
sh newer.sh -f rules.nft && sh newer.sh list ruleset > listed || exit 3
sh newer.sh flush ruleset
sh newer.sh -f listed 2> refused
echo $? > status
END
cat > rules.nft << 'END'
table inet filter {
    chain input {
        @th,104,8 & 0x18 == 0x18
        @th,104,8 & 0x12 == 0x2
        @th,104,8 & 0x12 == 0x12
    }
}
END
unshare -n sh inside 2> log || skip "the rules can't be made here: $(head -n 1 log)"
seen=$(grep -o '@th.*' listed | paste -s -d ';')
[ "$seen" = '@th,107,2 0x3;@th,110,2 0x1;@th,110,2 0x9' ] || changed "the rules are listed as $seen"
[ "$(cat status)" = 1 ] || changed "nft 1.1.3 loads its listing, with status $(cat status)"
echo "seen: $seen; $(head -n 1 refused)"
