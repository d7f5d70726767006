#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What tools/check-docs finds in a small tree whose code and documents agree until one line changes.
set -u
tools=$1
failed=0
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

make_tree() {
    mkdir -p "$tree/engine/lua" "$tree/docs"
    for module in conn memory netlink packet timer; do
        printf 'constexpr luaL_Reg kFunctions[] = {\n    {"open", %s_open},\n    {nullptr, nullptr},\n};\n' $module \
            > "$tree/engine/lua/$module.cpp"
        printf '### `%s.open(name)`\n' $module
    done > "$tree/docs/lua-api.md"
    mkdir -p "$tree/lua_modules"
    for pair in nflua:nflua control:control_socket data:data_socket; do
        printf 'constexpr luaL_Reg kMethods[] = {\n    {"open", %s_open},\n    {nullptr, nullptr},\n};\n' ${pair%:*} \
            > "$tree/lua_modules/${pair#*:}.cpp"
        printf '### `%s:open(name)`\n' ${pair%:*}
    done > "$tree/docs/lua-module.md"
    echo '`--strict`: exit status 1 after an error.' | tee "$tree/docs/cli.md" > "$tree/page"
    echo '| `calls` | calls |' | tee "$tree/docs/stats.md" > "$tree/counters"
    printf '#!/bin/sh\n[ "$1" = stats ] && exec cat %s/counters\ncat %s/page\n' "$tree" "$tree" > "$tree/writer"
    chmod +x "$tree/writer"
}

# refer LINE...: what a document says.
refer() { printf '%s\n' "$@" > "$tree/docs/queue.md"; }

expect() { # answer, what was done to the tree
    if "$tools/check-docs" "$tree/writer" "$tree" > /dev/null 2>&1; then answer=good; else answer=bad; fi
    [ $answer = "$1" ] || { echo "$2 was found $answer, expected $1"; failed=1; }
    rm -f "$tree/docs/queue.md"
    make_tree
}

make_tree
expect good 'a tree that agrees'
sed -i 's/timer.open/timer:open/' "$tree/docs/lua-api.md"
expect good 'a method with its colon'
sed -i '/timer/d' "$tree/docs/lua-api.md"
expect bad 'a function without a heading'
printf '### `timer.gone()`\n' >> "$tree/docs/lua-api.md"
expect bad 'a heading without a function'
sed -i 's/{"open".*/& {"gone", timer_gone},/' "$tree/engine/lua/timer.cpp"
expect bad 'the second function of a line without a heading'
printf '### `control:gone()`\n' >> "$tree/docs/lua-module.md"
expect bad 'a heading for a method that a socket does not have'
sed -i '/data/d' "$tree/docs/lua-module.md"
expect bad 'a method of a socket without a heading'
sed -i '/{"open"/d' "$tree"/engine/lua/*.cpp
expect bad 'code in which the check finds nothing'
sed -i 's/1/2/' "$tree/docs/cli.md"
expect bad 'a page that says something else of an option'
for leak in 'N:UINT in [1 - 9]' 'N:INT in [1 - 9]' 'WORD:{open,closed}' 'N:POSITIVE in [0 - 1]'; do
    echo "\`--option $leak\`: what a check of the value says of itself" | tee "$tree/page" > "$tree/docs/cli.md"
    expect bad "a page with $leak"
done
echo '| `extra` | what nothing counts |' >> "$tree/docs/stats.md"
expect bad 'a page of counters that says more than there is'
refer '# A `queue`, again' '[it](#a-queue-again)' '[a](stats.md)' '`docs/stats.md`, `engine/lua/*.cpp`, `docs/NAME.md`' \
    '`build/made.md` [out](https://example.org/gone.md) and/or `lua_modules/data_socket.cpp:3`'
expect good 'references to what is there'
refer '[it](#a-queue)'
expect bad 'a link to a heading that is not there'
refer '[it](cli.md#options)'
expect bad 'a link to a heading that another document does not have'
refer '[it](gone.md)'
expect bad 'a link to a document that is not there'
refer 'See `engine/lua/gone.cpp`.'
expect bad 'a path of a file that is not there'
refer 'As gone.md says.'
expect bad 'the name of a document that is not there'
refer '`engine/*.cpp`'
expect bad 'a pattern that no file has'
if "$tools/check-docs" > /dev/null 2> "$tree/usage"; then echo 'no arguments: expected a failure'; failed=1; fi
grep -q '^usage: ' "$tree/usage" || { echo 'no arguments: expected a usage line'; failed=1; }
rm "$tree/docs/cli.md"
expect bad 'a missing page'
rm "$tree/docs/lua-api.md"
expect bad 'a missing reference'
exit $failed
