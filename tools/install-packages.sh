#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what is missing of the given sections of packaging/packages.txt:
#   tools/install-packages.sh build check
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

wanted=$(awk -v sections=" $* " '
    /^## /        { on = index(sections, " " $2 " ") }
    /^#/ || !NF   { next }
    on && !seen[$1]++ { print $1 }' "$list")

# Package names have no blanks: unquoted lists are meant to split.
# shellcheck disable=SC2086
missing=$({ dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true; } |
    awk -v wanted="$wanted" '
        $2 == "installed" { there[$1] = 1 }
        END { n = split(wanted, name); for (i = 1; i <= n; i++) if (!there[name[i]]) print name[i] }')
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086
missing=$(printf '%s ' $missing)

if [ "$(id -u)" -ne 0 ]; then
    cat >&2 <<MESSAGE
Debian packages are missing, and only root can install them. Run this, then try again:
    sudo apt-get install --no-install-recommends $missing
MESSAGE
    exit 4
fi

export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -q -o DPkg::Lock::Timeout=$lock_timeout_s "$@"; }
# shellcheck disable=SC2086
install() { apt install -y --no-install-recommends $missing; }

echo "installing Debian packages: $missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for try in $(seq $tries); do
    # The index may be missing or too old; refreshing it is slow, so only then.
    if install > "$log" 2>&1 || { apt update; install; } > "$log" 2>&1; then
        exit 0
    fi
    [ "$try" = $tries ] || { echo "apt failed, try $try of $tries; again in $pause_s s"; sleep $pause_s; }
done
cat "$log" >&2
echo "$0: apt could not install: $missing" >&2
exit 4
