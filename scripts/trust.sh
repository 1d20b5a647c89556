#!/usr/bin/env bash
# How far `taskcost compare` and the reported intervals can be trusted on this machine, measured: runs
# of the same program are compared with each other (A/A), and with runs whose samples really are 5 %
# and 20 % slower (run --inject); and the intervals of quick runs are held against the median of them
# all. Writes docs/reference/trust.tsv, from which scripts/update-docs.sh makes the table in
# docs/method.md, and says of each promise whether it held; exits with 1 when one did not.
#
#   scripts/trust.sh            about an hour; on a machine that does nothing else
#
# PAIRS (20), QUICK (30)  pairs of runs; quick runs
# FOLDER                  where the results are (results/trust-COMMIT); what is there is not measured
#                         again, so that an interrupted evening goes on where it ended
# OUT                     the table (docs/reference/trust.tsv)
# CELLS                   arguments of `taskcost run` that choose what the pairs measure
# QUICK_CELLS             the same for the quick runs (all of the profile: an interval is only asked to
#                         see what the machine does within its run, and in a shorter one that is less)
set -euo pipefail
cd "$(dirname "$0")/.."

build=${BUILD:-build}
taskcost=$build/taskcost look=$build/tests/json-look coverage=$build/tests/coverage
pairs=${PAIRS:-20} quick=${QUICK:-30} out=${OUT:-docs/reference/trust.tsv}
for program in "$taskcost" "$look" "$coverage"; do
    [ -x "$program" ] || { echo "trust: there is no $program; run make trust" >&2 && exit 2; }
done
commit=$("$taskcost" --version | sed 's/.*(\(.*\))/\1/')
folder=${FOLDER:-results/trust-$commit}
read -r -a cells <<<"${CELLS:-create switch-channel switch-pipe -m async,threads,floor -n 100 -p one-core}"
read -r -a quick_cells <<<"${QUICK_CELLS-}"
mkdir -p "$folder"
started=$SECONDS

# measure NAME PROFILE [OPTION...]: a run into FOLDER/NAME.json, unless it is there and whole. The pass
# that counts system calls is no part of any figure compared.
measure() {
    local file=$folder/$1.json profile=$2 code=0 chosen=("${cells[@]}")
    if [ "$2" = quick ]; then chosen=("${quick_cells[@]}"); fi
    shift 2
    if [ -e "$file" ] && [ "$("$look" "$file" run.complete)" = true ]; then return; fi
    printf 'trust: %s, %d s\n' "${file##*/}" $((SECONDS - started)) >&2
    "$taskcost" run "${chosen[@]}" --profile "$profile" "$@" --overwrite -o "$file" >>"$folder/log" 2>&1 || code=$?
    [ "$code" -eq 0 ] || { echo "trust: a run ended with exit code $code; see $folder/log" >&2 && exit 2; }
}

# Neighbours in time are compared with each other: the machine changes between evenings.
for i in $(seq "$pairs"); do
    measure "slow20-$i" default --inject 20
    measure "base-$i" default
    measure "same-$i" default
    measure "slow5-$i" default --inject 5
done
for i in $(seq "$quick"); do
    measure "quick-$i" quick
done

# compare_all BASE NEW: over all pairs "ROWS PAIRS: judged, worse, better; pairs in which something got
# worse" as four numbers.
compare_all() {
    local i code judged=0 worse=0 better=0 alarms=0 numbers
    for i in $(seq "$pairs"); do
        code=0
        "$taskcost" compare "$folder/$1-$i.json" "$folder/$2-$i.json" --json >"$folder/comparison.json" || code=$?
        case $code in
        0) ;;
        3) alarms=$((alarms + 1)) ;;
        *) echo "trust: compare ended with exit code $code" >&2 && exit 2 ;;
        esac
        mapfile -t numbers < <("$look" "$folder/comparison.json" totals.worse totals.better totals.same totals.unclear)
        worse=$((worse + numbers[0])) better=$((better + numbers[1]))
        judged=$((judged + numbers[0] + numbers[1] + numbers[2] + numbers[3]))
        # All rows together are judged as one row more, where there are several.
        mapfile -t numbers < <("$look" "$folder/comparison.json" together.rows together.verdict)
        [ "${numbers[0]}" -ge 2 ] || continue
        judged=$((judged + 1))
        case ${numbers[1]} in
        worse) worse=$((worse + 1)) ;;
        better) better=$((better + 1)) ;;
        esac
    done
    echo "$judged $worse $better $alarms"
}

failed=0
# row CHECK OF FOUND [WANTED-RELATION WANTED-PERCENT]: a line of the table, and the verdict where there
# is a promise.
row() {
    local verdict=-
    if [ $# -gt 3 ]; then
        verdict=$(awk -v of="$2" -v found="$3" -v relation="$4" -v wanted="$5" 'BEGIN {
            share = of ? 100 * found / of : -1
            good = relation == "at most" ? share <= wanted : share >= wanted
            if (good && share >= 0) print "holds"; else print "fails" }')
        [ "$verdict" = holds ] || failed=1
        printf 'trust: %s: %d of %d, promised %s %s %%: %s\n' "$1" "$3" "$2" "$4" "$5" "$verdict" >&2
    fi
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:+$4 $5 %}" "$verdict" >>"$out.new"
}

printf '# taskcost %s: %s; %d pairs, %d quick runs\n# check\tof\tfound\tpromised\tverdict\n' \
    "$commit" "${cells[*]}" "$pairs" "$quick" >"$out.new"
read -r judged worse better alarms < <(compare_all base same)
row "same program: rows called different" "$judged" $((worse + better)) "at most" 5
row "same program: pairs with something worse" "$pairs" "$alarms"
read -r judged worse better alarms < <(compare_all same slow5)
row "5 % slower: pairs in which it is found" "$pairs" "$alarms" "at least" 90
row "5 % slower: rows called worse" "$judged" "$worse"
read -r judged worse better alarms < <(compare_all base slow20)
row "20 % slower: pairs in which it is found" "$pairs" "$alarms" "at least" 100
row "20 % slower: rows called worse" "$judged" "$worse"
files=("$folder"/quick-*.json)
read -r intervals held < <("$coverage" "${files[@]}")
row "quick runs: intervals that hold the pooled median" "$intervals" "$held" "at least" 85
mv "$out.new" "$out"
rm -f "$folder/comparison.json"
echo "trust: the table is in $out" >&2
exit "$failed"
