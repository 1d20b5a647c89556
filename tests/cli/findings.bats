#!/usr/bin/env bats
# taskcost findings: the open questions, answered as far as a file goes.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    taskcost=$(realpath "${BUILD:-build}/taskcost")
    file=$BATS_TEST_TMPDIR/result.json
    bash tests/cli/data/make_result.sh >"$file"
    unset COLUMNS
}

questions=("Why does pinning" "How does the number of tasks" "What stops the threads"
    "Does io_uring change" "How much work between two waits")

@test "every question has a heading and at least one sentence" {
    run "$taskcost" findings --markdown "$file"
    [ "$status" -eq 0 ]
    for question in "${questions[@]}"; do
        grep -A2 "^## $question" <<<"$output" | grep -q '^- '
    done
    [ "$(grep -c '^## ' <<<"$output")" -eq ${#questions[@]} ]
}

@test "what a file does not have is said to be missing" {
    run "$taskcost" findings "$file"
    [[ "$output" == *"Not measured in this file: none of its models has uring in its name."* ]]
    [[ "$output" == *"Not measured in this file: it takes the workload work"* ]]
    [[ "$output" == *"Not measured in this file: it takes one workload with several numbers"* ]]
}

@test "a limit that was met is named" {
    run "$taskcost" findings --markdown "$file"
    grep -q "20,000 threads were too many for switch-socket: 40,010 descriptors are needed" <<<"$output"
}

@test "fits the width" {
    for columns in 100 80; do
        COLUMNS=$columns run "$taskcost" findings docs/reference/results.json
        [ "$status" -eq 0 ]
        widest=$(LC_ALL=C.UTF-8 wc -L <<<"$output")
        [ "$widest" -le $columns ]
    done
}

@test "the same file gives the same answers" {
    diff <("$taskcost" findings docs/reference/results.json | tail -n +2) \
        <("$taskcost" findings - <docs/reference/results.json | tail -n +2)
}

@test "a bad file gets one sentence and exit code 2" {
    "$taskcost" findings "$BATS_TEST_TMPDIR/none" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &&
        return 1
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    grep -q "no such file" "$BATS_TEST_TMPDIR/err"
}
