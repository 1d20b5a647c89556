#!/usr/bin/env bash
# Instructions an operation takes, counted by callgrind: the same on a busy machine and an idle one.
#
# A workload runs twice in worker-async with a fixed number of laps; what the longer run executes
# more, divided by the operations that it makes more, is the cost of one. tests/budget/instructions.tsv
# says what it may be, a row for each compiler and architecture; another compiler has other figures
# and is not judged.
#
#   scripts/instructions.sh           prints workload, budget, counted; fails when one is more than
#                                     2 % above its budget, or below (then the budget is to be lowered)
#   scripts/instructions.sh --write   writes the counted figures of this compiler into the budget
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
worker=$build/worker-async
budget=${BUDGET:-tests/budget/instructions.tsv}
platform=$(uname -m)-$(basename "${CC:-gcc}")-$("${CC:-gcc}" -dumpversion | cut -d. -f1)

die() { echo "instructions: $*" >&2; exit 2; }

command -v valgrind >/dev/null || die "valgrind is not installed; apt-get install valgrind"
[ -x "$worker" ] || die "$worker is not built; run make first"

# Prints "instructions operations" of one run of so many laps.
run() { # WORKLOAD TASKS PARAMETERS LAPS
    local options=() log
    [ "$3" = - ] || options=(--param "$3")
    log=$(mktemp)
    valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$worker" run "$1" --tasks "$2" "${options[@]}" --laps "$4" 2>"$log" |
        sed -n 's/.*"operations": \([0-9]*\).*/\1/p' >"$log.operations"
    echo "$(sed -n 's/.*Collected : //p' "$log") $(cat "$log.operations")"
    rm -f "$log" "$log.operations"
}

# Prints what one operation takes.
count() { # WORKLOAD TASKS PARAMETERS LAPS
    local short long
    short=$(run "$1" "$2" "$3" "$4")
    long=$(run "$1" "$2" "$3" $((6 * $4)))
    awk -v a="$short" -v b="$long" 'BEGIN {
        split(a, s); split(b, l)
        if (l[2] <= s[2]) exit 1
        printf "%.2f\n", (l[1] - s[1]) / (l[2] - s[2]) }'
}

# What is counted: WORKLOAD TASKS PARAMETERS LAPS.
operations() {
    sed -n 's/^#count //p' "$budget"
}

compare() {
    local failed=0 judged=0 workload tasks params laps allowed counted verdict
    while read -r workload tasks params laps; do
        allowed=$(awk -v p="$platform" -v w="$workload" -v q="$params" \
            '$1 == p && $2 == w && $3 == q { print $4 }' "$budget")
        [ -n "$allowed" ] || continue
        judged=$((judged + 1))
        counted=$(count "$workload" "$tasks" "$params" "$laps") || die "$workload did not run"
        verdict=$(awk -v a="$allowed" -v c="$counted" 'BEGIN {
            print (c > a * 1.02 ? "over" : c < a * 0.98 ? "under" : "ok") }')
        printf '%s\t%s\t%s\t%s\t%s\n' "$workload" "$params" "$allowed" "$counted" "$verdict"
        [ "$verdict" = ok ] || failed=1
    done < <(operations)
    if [ "$judged" = 0 ]; then
        echo "no budget for $platform; scripts/instructions.sh --write makes one"
    elif [ "$failed" = 1 ]; then
        echo "instructions: not within 2 % of $budget; if that is meant, run scripts/instructions.sh --write" >&2
        exit 1
    fi
}

write() {
    local workload tasks params laps
    new=$(mktemp "$budget.XXXXXX") # global: the trap outlives this function
    trap 'rm -f "$new"' EXIT
    grep -v "^$platform	" "$budget" >"$new"
    while read -r workload tasks params laps; do
        printf '%s\t%s\t%s\t%s\n' "$platform" "$workload" "$params" \
            "$(count "$workload" "$tasks" "$params" "$laps")"
    done < <(operations) >>"$new"
    chmod 644 "$new"
    mv "$new" "$budget"
}

case ${1:-} in
--write) write ;;
--help) sed -n 's/^# \{0,1\}//p' "$0" | sed 1d ;;
'') compare ;;
*) die "unknown argument '$1'; see --help" ;;
esac
