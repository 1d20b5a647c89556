#!/usr/bin/env bats
# taskcost reproduce: every published figure with the one measured here and a verdict.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    taskcost=$(realpath "${BUILD:-build}/taskcost")
    file=$BATS_TEST_TMPDIR/result.json
    bash tests/cli/data/make_result.sh >"$file"
    unset COLUMNS
}

# row TEXT...: some line of the output has all the texts in it, in that order.
row() {
    local pattern
    printf -v pattern '.*%s' "$@"
    grep -qE -- "$pattern" <<<"$output" || { echo "no line has: $*"; echo "$output"; return 1; }
}

@test "published value, value here, both ratios, verdict" {
    run "$taskcost" reproduce --markdown "$file"
    [ "$status" -eq 0 ]
    row "create a task" async "300.ns" "20.0.ns" "1.:.56.7" "1.:.50.0" holds
    row "brigade of 500" "threads on one core" "3.42.µs" "2.70.µs" "1.:.0.952" "1.:.3.00" "a.difference.here"
    row "memory a task, resident" threads "9.50.KiB" "8.30.KiB" "1.:.23.8" "1.:.85.0" "larger.here"
    row "computing in a task" - "not.measured"
}

@test "the control is subtracted where the publication did so" {
    run "$taskcost" reproduce --markdown "$file"
    row "switch on I/O readiness" async "1.70.µs" "300.ns" "1.:.1.00" "1.:.7.00"
    row "less 600.ns of the floor"
}

@test "so many at once: the largest that was alive, and what stopped it" {
    run "$taskcost" reproduce --markdown "$file"
    row "tasks at once" threads "stopped at 80,000" "10,000" "smaller.here"
    row "10,000 were alive, 100,000 were not: only 32,451 threads could be made"
}

@test "every published figure has its row and its conditions" {
    run "$taskcost" reproduce --markdown "$file"
    figures=$(grep -c '"id":' results/published.json)
    [ "$(grep -cE '^\| [0-9]+ \|' <<<"$output")" -eq "$figures" ]
    [ "$(grep -cE '^[0-9]+\. ' <<<"$output")" -eq "$figures" ]
}

@test "the totals add up to the number of figures" {
    run "$taskcost" reproduce "$file"
    total=$(($(grep -E '^holds: ' <<<"$output" | grep -oE '[0-9]+' | paste -sd+)))
    [ "$total" -eq "$(grep -c '"id":' results/published.json)" ]
}

@test "fits the width" {
    for columns in 100 80; do
        [ $columns -eq 100 ] || export COLUMNS=$columns
        run "$taskcost" reproduce "$file"
        [ "$status" -eq 0 ]
        widest=$(LC_ALL=C.UTF-8 wc -L <<<"$output")
        [ "$widest" -le $columns ]
        [ "$widest" -gt $((columns * 3 / 4)) ] # and makes use of it
    done
}

@test "the help tells the rule of the verdicts" {
    run "$taskcost" reproduce --help
    [ "$status" -eq 0 ]
    for verdict in holds smaller larger "no difference here" "a difference here" reversed \
        "not judged" "not measured"; do
        row "$verdict"
    done
}

@test "a bad file gets one sentence and exit code 2" {
    "$taskcost" reproduce "$BATS_TEST_TMPDIR/none" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &&
        return 1
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    grep -q "no such file" "$BATS_TEST_TMPDIR/err"
}
