#!/usr/bin/env bats
# taskcost show: what it compares block by block, and the outliers.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    taskcost=$(realpath "${BUILD:-build}/taskcost")
    unset COLUMNS
}

# show MODEL=MEDIANS...: the tables of such a result.
show() {
    bash tests/cli/data/make_blocks.sh "$@" >"$BATS_TEST_TMPDIR/result.json"
    run "$taskcost" show "$BATS_TEST_TMPDIR/result.json"
    [ "$status" -eq 0 ]
}

# row TEXT...: some line of the output has all the texts in it, in that order.
row() {
    local pattern
    printf -v pattern '.*%s' "$@"
    grep -qE -- "$pattern" <<<"$output" || { echo "no line has: $*"; echo "$output"; return 1; }
}

ten_floor=10,10,10,10,10,10,10,10,10,10

@test "a ratio is the median over blocks, with the interval that ten blocks give" {
    # The interval of ten is from the second smallest to the second largest, for ratio and
    # difference; 1.55 is in the middle, and half of 1.9 - 1.2 is 23 % of it.
    show floor=$ten_floor async=11,12,13,14,15,16,17,18,19,99
    row 500 "1.55× ±23%$"
    row "async:floor +10 +1.55× \[1.20, 1.90\] +5.50 \[2.00, 9.00\] ns +<0.001$"
}

@test "blocks that only one of both has are left out of the ratio" {
    show floor=10,10,10,-,10,10,10,10 async=20,20,20,90,20,20,20,-
    row "async:floor +6 +2.00× \[2.00, 2.00\] +10.0 \[10.0, 10.0\] ns +0.003$"
}

@test "a difference below zero stays below zero" {
    show floor=$ten_floor async=9,9,9,9,9,9,9,9,9,8
    row "async:floor +10 +0.90× \[0.90, 0.90\] +-1.00 \[-1.00, -1.00\] ns +<0.001$"
}

@test "what is not told apart is marked and explained, what is has no mark" {
    show floor=$ten_floor async=9,11,9,11,9,11,9,11,9,11 threads=20,21,22,23,24,25,26,27,28,29
    row "async:floor .* 1.000 ≈$"
    row "threads:async .* <0.001$"
    row "1.00× ±10% ≈ .*2.45× ±15%  "
    row "^≈ not told apart"
    [[ $output != *"° all blocks agree"* ]]
}

@test "too few blocks for the size of the table is said as that" {
    # Four blocks all on one side: 2 of the 70 ways to choose four of eight, doubled for two tests;
    # alone that is 0.057, and there are three comparisons.
    show floor=10,11,12,13 async=20,21,22,23 threads=30,31,32,33
    row "async:floor +4 +1.87× +10.0 ns +0.171 °$"
    row "^° all blocks agree"
    [[ $output != *"≈ not told apart"* ]]
}

@test "a large ratio is told from six blocks" {
    show floor=10,11,12,13,14,15 async=20,21,22,23,24,25 threads=30,31,32,33,34,35
    row "async:floor .* 0.013$" # 2 of 924, doubled, times three comparisons
    [[ $output != *"not told apart"* ]]
}

@test "six rounds have an interval, five have none" {
    show async=10,10,10,10,10,16
    row 500 "10.0 ± 3.0"
    show async=10,10,10,10,10
    row "500 +10.0$"
}

@test "outliers are counted by kind" {
    show async=100,101,102,103,104,105,106,85,60,117,130,135 threads=50,51,52,53,54,55,56,57
    row "switch-yield async +12 +1 far below, 1 below, 1 above, 1 far above$"
    [[ $output != *"switch-yield threads"* ]]
    show threads=50,51,52,53,54,55,56,57
    [[ $output != *outliers* ]]
}
