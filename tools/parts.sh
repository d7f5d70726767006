# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# To be sourced, in the top folder: checks that consist of parts. Each part's output goes to
# build/check/PART.log and is shown when the part fails.
#   NFLUA_EXPECT=all   a skip is a failure (CI: everything can run there)
skip_status=77 # of a part that can't run; its last line says why
logs=build/check
passed=0 failed=0 skipped=0
mkdir -p "$logs"

count_skips() { # how many, what and why
    [ "$1" -gt 0 ] || return 0
    if [ "${NFLUA_EXPECT:-}" = all ]; then
        failed=$((failed + $1))
        echo "FAILED   skipped, but expected to run: $2"
    else
        skipped=$((skipped + $1))
        echo "SKIPPED  $2"
    fi
}

# Sets `cpu`: the seconds that everything waited for so far took. A shell's own times are not those of
# the one in $(…), hence the file.
read_cpu() {
    times > "$logs/times"
    cpu=$(awk 'NR == 2 { split($1, user, /[ms]/); split($2, kernel, /[ms]/)
        printf "%d", (user[1] + kernel[1]) * 60 + user[2] + kernel[2] }' "$logs/times")
}

start_clock() {
    read_cpu
    started_at=$(date +%s) cpu_at_start=$cpu
}

# Sets `took`: what went by since start_clock.
stop_clock() {
    read_cpu
    took="($(($(date +%s) - started_at)) s, CPU $((cpu - cpu_at_start)) s)"
}

# part NAME COMMAND...: runs it as one check.
part() {
    name=$1
    shift
    start_clock
    "$@" > "$logs/$name.log" 2>&1
    status=$?
    stop_clock
    case $status in
    0) passed=$((passed + 1)) && echo "ok       $name $took" ;;
    "$skip_status") count_skips 1 "$name: $(tail -n 1 "$logs/$name.log")" ;;
    *)
        failed=$((failed + 1))
        echo "FAILED   $name $took: $*"
        sed 's/^/    /' "$logs/$name.log"
        ;;
    esac
    return $status
}

# The last line, "N passed, N failed, N skipped", and the exit status.
sum_up() {
    [ "$failed" -eq 0 ] || echo "logs: $logs"
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}
