#!/usr/bin/env bats
# The verdict on each figure: in the tables of `show`, and in what a run writes.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    build=$(realpath "${BUILD:-build}")
    file=$BATS_TEST_TMPDIR/result.json
    bash tests/cli/data/make_result.sh >"$file"
    unset COLUMNS
}

# doubt WORKLOAD MODEL PLACEMENT VERDICT REASONS: gives these figures of the file a verdict. A
# measurement begins with its workload and ends with two braces, where the next may begin.
doubt() {
    awk -v cell="\"workload\":\"$1\",\"model\":\"$2\",\"placement\":\"$3\"" -v verdict="$4" -v reasons="$5" '
        wanted && sub(/}}/, "},\"quality\":{\"verdict\":\"" verdict "\",\"reasons\":[" reasons "]}}") { wanted = 0 }
        index($0, "\"workload\":") { wanted = index($0, cell) > 0 }
        { print }' "$file" >"$file.new"
    mv "$file.new" "$file"
    "$build/taskcost" validate "$file"
}

# row TEXT...: some line of the output has all the texts in it, in that order.
row() {
    local pattern
    printf -v pattern '.*%s' "$@"
    grep -qE -- "$pattern" <<<"$output" || { echo "no line has: $*"; echo "$output"; return 1; }
}

@test "a file without verdicts shows none" {
    run "$build/taskcost" show "$file"
    [ "$status" -eq 0 ]
    if grep -qiE 'noisy|invalid|quality' <<<"$output"; then echo "$output"; return 1; fi
}

@test "a doubtful figure has its sign in the table" {
    doubt switch-socket async one-core noisy '"a wide interval: 12 % of the median"'
    doubt switch-socket threads one-core invalid '"a CPU quota held it up: 3 of 8 rounds"'
    doubt switch-socket floor one-core ok ''
    run "$build/taskcost" show "$file"
    [ "$status" -eq 0 ]
    row one-core '600 ' '900.\?' '2.70.!'
    row free '600 ' '900 ' '2.70 '
    row '1 figures are ok, 1 noisy'
}

@test "each cause is told once, with how many figures it concerns and the worst of them" {
    doubt create threads one-core noisy '"a wide interval: 12 % of the median"'
    doubt create async one-core noisy '"a wide interval: 31 % of the median","too few rounds: 4"'
    doubt switch-socket floor one-core noisy '"a wide interval: 17 % of the median"'
    run "$build/taskcost" show "$file"
    row '- 3 figures: a wide interval, at most 31 % of the median'
    row '- 1 figure: too few rounds, 4'
    [ "$(grep -c 'a wide interval' <<<"$output")" -eq 1 ]
}

@test "a verdict that is none is refused" {
    run doubt create threads one-core doubtful ''
    [ "$status" -eq 2 ]
    [[ $output == *verdict* ]]
}

# Whatever this machine is like, three rounds are too few for an interval.
@test "a run judges each figure" {
    cd "$BATS_TEST_TMPDIR"
    TASKCOST_WORKERS=$build "$build/taskcost" run null switch-channel -m floor -n 10 --rounds 3 -o out 2>err 3>&-
    count=$("$build/tests/json-look" out -s measurements)
    [ "$count" -ge 2 ]
    for ((i = 0; i < count; i++)); do
        "$build/tests/json-look" out "measurements.$i.quality.verdict" | grep -qxE 'ok|noisy|invalid'
    done
    grep -q '"too few rounds for an interval: 3"' out
    "$build/taskcost" validate out
}
