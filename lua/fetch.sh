#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the unmodified sources of Debian's Lua 5.4 into the directory $1 (as $1/src/*.c).
#   LUA_SRC=dir   use the tree in dir (which holds src/lua.h) instead of fetching one
# One release is fetched wherever the build runs, whichever release the system has for itself: the
# overlay fits this one, and its bounds were tried on this one (docs/decisions/0008-one-lua.md).
# The description of the source package is known by its hash, and itself has those of its files, so
# that it does not matter which of the host's Debian mirrors they come from.
# Exit status: 0; 3 LUA_SRC is no tree of Lua; 4 can't fetch; 5 a release that is not known.
set -eu

# The release of Lua, and of Debian's package of it. All are known that the overlay fits.
known=5.4.4
package=lua5.4_5.4.4-3+deb12u1.dsc
package_sha256=d47c50154294a68c8a209c5d61bc09e5b22891c01b7c47501ac3f9725eb4a813
archive=lua5.4_5.4.4.orig.tar.gz
patches=lua5.4_5.4.4-3+deb12u1.debian.tar.xz
pool=pool/main/l/lua5.4
apt_helper=/usr/lib/apt/apt-helper

out=$1

version_of() {
    awk '$2 ~ /^LUA_VERSION_(MAJOR|MINOR|RELEASE)$/ { gsub(/"/, "", $3); v = v s $3; s = "." } END { print v }' \
        "$1/src/lua.h"
}

refuse_other_version() { # DIR
    got=$(version_of "$1")
    [ "$got" = "$known" ] || {
        echo "lua/fetch.sh: Lua $got in $1: known is $known; remove that folder, or set LUA_SRC to Lua $known" >&2
        exit 5
    }
}

if [ -n "${LUA_SRC:-}" ]; then
    [ -f "$LUA_SRC/src/lua.h" ] || {
        echo "lua/fetch.sh: LUA_SRC=$LUA_SRC: expected the Lua source tree there (no src/lua.h)" >&2
        exit 3
    }
    refuse_other_version "$LUA_SRC"
    mkdir -p "$out"
    rm -rf "$out/src"
    cp -r "$LUA_SRC/src" "$out/src"
    exit 0
fi

if [ -f "$out/src/lua.h" ]; then
    refuse_other_version "$out"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Security updates have an archive of their own, which has not this package: it is not tried first.
mirrors() {
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u |
        awk '/security/ { later = later $0 "\n"; next } { print } END { printf "%s", later }'
}

fetch() { # MIRROR FILE [HASH]
    "$apt_helper" -q download-file "$1/$pool/$2" "$work/$2" ${3:-} >> "$work/log" 2>&1
}

fetch_all() {
    for mirror in $(mirrors); do
        fetch "$mirror" "$package" "SHA256:$package_sha256" && fetch "$mirror" "$archive" &&
            fetch "$mirror" "$patches" && return
    done
    return 1
}

give_up() {
    cat "$work/log" >&2
    echo "lua/fetch.sh: can't fetch Lua $known from a Debian mirror of this system; with a copy of its sources, set LUA_SRC=dir" >&2
    exit 4
}

: > "$work/log"
fetch_all || give_up
# It compares the files with the hashes in the description, and applies Debian's patches.
(cd "$work" && dpkg-source --extract "$package" lua >> log 2>&1) || give_up
refuse_other_version "$work/lua"
mkdir -p "$out"
rm -rf "$out/src"
mv "$work/lua/src" "$out/src"
