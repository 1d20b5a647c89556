#!/usr/bin/env bats
# taskcost show: the tables of a result file.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    taskcost=$(realpath "${BUILD:-build}/taskcost")
    file=$BATS_TEST_TMPDIR/result.json
    bash tests/cli/data/make_result.sh >"$file"
    unset COLUMNS
}

# widest: columns of the widest line on standard input.
widest() {
    LC_ALL=C.UTF-8 wc -L
}

# row TEXT...: some line of the output has all the texts in it, in that order.
row() {
    local pattern
    printf -v pattern '.*%s' "$@"
    grep -qE -- "$pattern" <<<"$output" || { echo "no line has: $*"; echo "$output"; return 1; }
}

@test "a row has floor, async and threads with their ratios" {
    run "$taskcost" show "$file"
    [ "$status" -eq 0 ]
    row one-core 500 600 900 "1.50× °" 2.70 "4.50× °" "3.00× °"
}

@test "a model that can't run a workload leaves the unit to those that can" {
    bash tests/cli/data/make_result.sh refused >"$file"
    run "$taskcost" show "$file"
    row "tasks  async, ns  threads, µs"
    row 100 skipped "1\.90"
}

@test "what does not vary is in the caption" {
    run "$taskcost" show "$file"
    row "one-core, 100 tasks, stack=default"
    row "switch-socket: switch"
}

@test "memory in its parts" {
    run "$taskcost" show "$file"
    row threads 10,000 8500 2000 16384 7700 34584 "346× °"
}

@test "memory: what one more task takes, from the numbers of tasks that there are" {
    bash tests/cli/data/make_result.sh slope >"$file"
    run "$taskcost" show --markdown "$file"
    row "## memory-idle: what one more task takes"
    row "\| threads \| 8400 \| 2000 \| 16384 \| 7700 \| 34484 \|" "2: 10,000-20,000"
    # One number of tasks is no slope.
    [ "$(grep -c "numbers of tasks" <<<"$output")" -gt 0 ]
    [ "$(grep -cE '^\| async \|.*1: ' <<<"$output")" -eq 0 ]
}

@test "memory: a second reading of the whole stands beside the sum" {
    bash tests/cli/data/make_result.sh slope >"$file"
    run "$taskcost" show --markdown "$file"
    row "\| cgroup, B"
    row "\| threads \| 20,000 \| 8450 \| 2000 \| 16384 \| 7700 \| 34534 \| 33000"
}

@test "that all tasks were alive is no table, another number is" {
    bash tests/cli/data/make_result.sh slope >"$file"
    run "$taskcost" show "$file"
    [[ "$output" != *tasks_alive* ]]
    bash tests/cli/data/make_result.sh slope 9999 >"$file"
    run "$taskcost" show "$file"
    row "memory-idle: tasks_alive"
    row 9999
}

@test "a limit is named in the table and explained below" {
    run "$taskcost" show "$file"
    row one-core 20,000 "limited: RLIMIT_NOFILE 20000"
    row "switch-socket threads one-core n=20000 stack=1MiB: limited: 40,010 descriptors"
    row "switch-socket async one-core n=700 stack=1MiB: failed: ended by signal 11"
}

@test "counters: both kinds of switches and their sum" {
    run "$taskcost" show "$file"
    row "switch-socket threads" 0.570 0.430 1.000
}

@test "warnings with their remedy, and that the run is not complete" {
    run "$taskcost" show "$file"
    row "governor: the governor is powersave; choose performance"
    row "not complete"
    row "testhost, Test CPU"
}

@test "fits 100 columns without a terminal, and COLUMNS if that is set" {
    for columns in 100 80 60; do
        [ $columns -eq 100 ] || export COLUMNS=$columns
        run "$taskcost" show "$file"
        [ "$status" -eq 0 ]
        [ "$(widest <<<"$output")" -le $columns ]
        [ "$(widest <<<"$output")" -gt $((columns * 3 / 4)) ] # and makes use of it
    done
}

@test "no line ends in a blank" {
    run "$taskcost" show "$file"
    [ "$status" -eq 0 ]
    ! grep -n ' $' <<<"$output" || false
}

@test "--markdown gives tables for a page" {
    run "$taskcost" show --markdown "$file"
    [ "$status" -eq 0 ]
    row "^## memory-idle: memory a task"
    row "^\| one-core \| 500 \| 600 \| 900 \| 1.50× ° \| 2.70 \| 4.50× ° \| 3.00× ° \|"
    # Every line of a table has as many columns as the rule below its head.
    awk -F'|' '/^\|/ { if (n && NF != n) exit 1; n = NF; next } { n = 0 }' <<<"$output"
}

@test "a file with nothing in it is shown as that" {
    sed -n '1,/"measurements"/p' "$file" >"$BATS_TEST_TMPDIR/empty.json"
    echo ']}' >>"$BATS_TEST_TMPDIR/empty.json"
    run "$taskcost" show "$BATS_TEST_TMPDIR/empty.json"
    [ "$status" -eq 0 ]
    row "nothing was measured yet"
}

@test "a bad file gets one sentence and exit code 2" {
    echo '{"schema": 3}' >"$file"
    "$taskcost" show "$file" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" && return 1
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    grep -q "not a taskcost result" "$BATS_TEST_TMPDIR/err"
}

# pairs [PLACEMENT FIGURE]...: a document with these cells of switch-pair.
pairs() {
    local comma=''
    sed '/"measurements":\[/q' "$file"
    while [ $# -gt 0 ]; do
        printf '%s{"workload":"switch-pair","model":"threads","placement":"%s","tasks":2,"parameters":{"by":"channel"},
"metric":"switch","unit":"ns","status":"ok","rounds":[{"block":0,"median":%d,"samples":[%d]}],
"summary":{"rounds":1,"samples":1,"median":%d,"ci95":null,"mean":null,"stddev":null,"min":null,"max":null,
"p50":null,"p90":null,"p99":null,"p999":null}}' "$comma" "$1" "$2" "$2" "$2"
        comma=,
        shift 2
    done
    echo ']}'
}

@test "every pair of PUs makes a matrix, and its cells are in no other table" {
    pairs pu:0 1000 pu:0,11 7000 pu:11 1100 >"$BATS_TEST_TMPDIR/pairs.json"
    run "$taskcost" show "$BATS_TEST_TMPDIR/pairs.json"
    [ "$status" -eq 0 ]
    row "switch-pair: switch, µs, by pair of PUs, threads"
    row "^pu +0 +11$"
    row "^ 0 +1.00 +7.00$"
    row "^11 +7.00 +1.10$"
    [ "$(grep -c 1.10 <<<"$output")" -eq 1 ]
}

@test "pairs that are not all there are rows as any others" {
    pairs pu:0 1000 pu:0,11 7000 >"$BATS_TEST_TMPDIR/pairs.json"
    run "$taskcost" show "$BATS_TEST_TMPDIR/pairs.json"
    [ "$status" -eq 0 ]
    row "^pu:0,11 +7.00$"
    ! grep -q "by pair" <<<"$output" || false
}
