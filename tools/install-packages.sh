#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what is missing of the given sections of packaging/packages.txt:
#   tools/install-packages.sh build check
# Of a line with several names, the first that apt knows counts; "-" is none, and always known.
# Exit status: 0 all there; 2 usage; 4 not root, or apt failed.
set -eu

list=$(dirname "$0")/../packaging/packages.txt
tries=5      # another apt may hold a lock that apt itself does not wait for
pause_s=15
lock_timeout_s=300

[ $# -gt 0 ] || { echo "usage: $0 SECTION..." >&2; exit 2; }

for section in "$@"; do
    grep -qx "## $section" "$list" || {
        echo "$0: no section '$section' in packaging/packages.txt" >&2
        exit 2
    }
done

lines=$(sed "s/\$(uname -r)/$(uname -r)/" "$list" | awk -v sections=" $* " '
    /^## /        { on = index(sections, " " $2 " ") }
    /^#/ || !NF   { next }
    on && !seen[$0]++')

# Package names have no blanks: unquoted lists are meant to split.
installed() {
    { dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2> /dev/null || true; } |
        awk '$2 == "installed" { print $1 }'
}

# What apt could install of the given names, with the installed ones among them.
offered() {
    apt-cache policy "$@" 2> /dev/null |
        awk '/^[^ ]/ { name = $1; sub(/:$/, "", name) } /^  Candidate:/ && $2 != "(none)" { print name }'
}

# Sets `missing`: of each line, the first name that apt knows, unless that is installed.
choose() {
    # shellcheck disable=SC2086
    missing=$(echo "$lines" | awk -v offered="$(offered $lines)" -v installed="$(installed $lines)" '
        function set_of(text, set,  n, names, i) { n = split(text, names); for (i = 1; i <= n; i++) set[names[i]] = 1 }
        BEGIN { set_of(offered " -", known); set_of(installed " -", there) }
        { for (i = 1; i <= NF && !known[$i]; i++); name = i <= NF ? $i : $1 }
        !there[name] && !seen[name]++ { printf "%s ", name }')
}
choose
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    cat >&2 <<MESSAGE
Debian packages are missing, and only root can install them. Run this, then try again:
    sudo apt-get install --no-install-recommends $missing
MESSAGE
    exit 4
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { apt-get -q -o DPkg::Lock::Timeout=$lock_timeout_s "$@" > "$log" 2>&1; }
# shellcheck disable=SC2086
install() { apt install -y --no-install-recommends $missing; }

give_up() {
    cat "$log" >&2
    echo "$0: apt could not install: $missing" >&2
    exit 4
}

# A new machine may have no index yet, and without one the first name of each line is a guess.
set -- /var/lib/apt/lists/*_Packages*
if [ ! -e "$1" ] && apt update; then choose; fi
echo "installing Debian packages: $missing"
for try in $(seq $tries); do
    install && exit 0
    # The index may be missing or too old; refreshing it is slow, so only then.
    if apt update; then
        choose
        install && exit 0
        # Waiting does not make a package: only a fresh index without it is sure of that.
        ! grep -qE '^E: (Unable to locate package|Package .* has no installation candidate)' "$log" || give_up
    fi
    [ "$try" = $tries ] || { echo "apt failed, try $try of $tries; again in $pause_s s"; sleep $pause_s; }
done
give_up
