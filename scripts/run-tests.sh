#!/usr/bin/env bash
# Runs the built C tests given as arguments, then the command-line tests (tests/cli/*.bats), and
# ends with one line "N passed, N failed". BUILD names the build folder. Failures are shown whole.
set -u
cd "$(dirname "$0")/.." || exit 1
export BUILD=${BUILD:-build}
passed=0 failed=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# Counts the TAP lines of one program; a program that died or printed nothing is a failure itself.
tally() {
    local name=$1 code=$2 ok bad
    ok=$(grep -c '^ok ' "$log")
    bad=$(grep -c '^not ok ' "$log")
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    passed=$((passed + ok)) failed=$((failed + bad))
    if [ "$bad" -eq 0 ]; then
        printf 'ok   %-52s %4d\n' "$name" "$ok"
        sed -n 's/^ok [0-9]* - \(.*\) # SKIP \(.*\)/       skipped: \1: \2/p' "$log"
    else
        printf 'FAIL %-52s %4d of %d\n' "$name" "$bad" $((ok + bad))
        sed -n '/^not ok /,/^ok /p' "$log" | grep -v '^ok ' | head -60
        grep -q '^not ok ' "$log" || tail -20 "$log"
    fi
}

for program in "$@"; do
    "./$program" >"$log" 2>&1
    tally "${program#"$BUILD"/tests/}" $?
done
for file in tests/cli/*.bats; do
    [ -e "$file" ] || continue
    bats --tap "$file" >"$log" 2>&1
    tally "${file#tests/}" $?
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
