#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the unmodified sources of Debian's Lua 5.4 into the directory $1 (as $1/src/*.c).
#   LUA_SRC=dir   use the tree in dir (which holds src/lua.h) instead of fetching one
# The host's apt configuration is neither used for the index of sources nor changed: a throw-away
# one with the same mirrors and keys lives beside the sources. apt checks the archive's signature.
set -eu

want=5.4.4
out=$1

version_of() {
    awk '$2 ~ /^LUA_VERSION_(MAJOR|MINOR|RELEASE)$/ { gsub(/"/, "", $3); v = v s $3; s = "." } END { print v }' \
        "$1/src/lua.h"
}

warn_other_version() {
    got=$(version_of "$out")
    [ "$got" = "$want" ] || echo "lua/fetch.sh: warning: Lua $got; tested with $want" >&2
}

if [ -n "${LUA_SRC:-}" ]; then
    [ -f "$LUA_SRC/src/lua.h" ] || {
        echo "lua/fetch.sh: LUA_SRC=$LUA_SRC: expected the Lua source tree there (no src/lua.h)" >&2
        exit 3
    }
    mkdir -p "$out"
    rm -rf "$out/src"
    cp -r "$LUA_SRC/src" "$out/src"
    warn_other_version
    exit 0
fi

[ -f "$out/src/lua.h" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/parts" "$work/src"

# The host's sources, deb-src switched on.
for f in /etc/apt/sources.list.d/*.sources; do
    [ -f "$f" ] && sed 's/^Types:.*/Types: deb-src/' "$f" > "$work/parts/$(basename "$f")"
done
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$f" ] && sed -n 's/^deb\(-src\)\{0,1\}\([[:space:]]\)/deb-src\2/p' "$f" > "$work/parts/$(basename "$f" .list).list"
done
cat > "$work/apt.conf" <<EOF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$work/parts";
Dir::State::lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
EOF
export APT_CONFIG="$work/apt.conf"
apt-get -qq update
(cd "$work/src" && apt-get -qq source lua5.4 > "$work/log" 2>&1) || {
    cat "$work/log" >&2
    echo "lua/fetch.sh: can't fetch Lua's sources; with a copy of them, set LUA_SRC=dir" >&2
    exit 4
}
mkdir -p "$out"
rm -rf "$out/src"
mv "$work"/src/lua5.4-*/src "$out/src"
warn_other_version
