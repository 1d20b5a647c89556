#!/usr/bin/env bats
# run_all.sh in a copy of the tree where the parts that take time are fakes that log what they were
# asked: install-deps.sh, make and taskcost.

setup() {
    source_root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    root=$BATS_TEST_TMPDIR/tree log=$BATS_TEST_TMPDIR/log
    mkdir -p "$root/scripts" "$root/build" "$root/plots" "$BATS_TEST_TMPDIR/bin"
    cp "$source_root/run_all.sh" "$root/"
    : >"$log"
    fake "$root/scripts/install-deps.sh" 'exit ${DEPS_CODE:-0}'
    fake "$BATS_TEST_TMPDIR/bin/make" 'exit ${MAKE_CODE:-0}'
    fake "$root/build/taskcost" '
case $1 in
run) while [ "$1" != -o ]; do shift; done
     [ -n "${NO_RESULTS-}" ] || echo "{}" >"$2"
     [ -z "${RUN_INTERRUPTED-}" ] || kill -INT 0
     exit ${RUN_CODE:-0} ;;
show) [ "$2" = --markdown ] && echo "| table |" || echo "the table" ;;
reproduce) echo "the verdicts" ;;
findings) [ "$2" = --markdown ] && echo "- answers" || echo "the answers" ;;
report) echo "$4/charts/creation.png"; exit ${REPORT_CODE:-0} ;;
esac'
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    unset BUILD
    cd "$root"
}

fake() { # FILE BODY: logs its name and arguments first
    printf '#!/bin/sh\necho "$(basename "$0") $*" >>"%s"\n%s\n' "$log" "$2" >"$1"
    chmod +x "$1"
}

all() { # ARGUMENT...: exit code in $status, streams in out and err
    status=0
    ./run_all.sh "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    out=$(cat "$BATS_TEST_TMPDIR/out") err=$(cat "$BATS_TEST_TMPDIR/err")
}

@test "the steps, in order, into one folder" {
    all --output "$BATS_TEST_TMPDIR/new/folder"
    [ "$status" -eq 0 ]
    local o=$BATS_TEST_TMPDIR/new/folder
    sed -E 's/^(make) .*/\1/; s/(--time-limit) [0-9]+/\1 S/' "$log" >"$BATS_TEST_TMPDIR/steps"
    diff "$BATS_TEST_TMPDIR/steps" - <<EOF
install-deps.sh 
make
taskcost run --profile default --time-limit S -o $o/results.json
taskcost show --markdown $o/results.json
taskcost findings --markdown $o/results.json
taskcost report $o/results.json -o $o
taskcost show $o/results.json
taskcost reproduce $o/results.json
taskcost findings $o/results.json
EOF
    [ "$(cd "$o" && echo * .[!.]*)" = "findings.md results.json tables.md .[!.]*" ]
    [ "$(cat "$o/tables.md")" = "| table |" ]
    [ "$(cat "$o/findings.md")" = "- answers" ]
}

@test "it ends with the table, the verdicts, the answers and where the charts are" {
    all --output out
    [[ "$out" == *"the table"*"the verdicts"*"the answers"*"$root/out/results.json"*"$root/out/charts/"* ]]
}

@test "--quick and --full choose the profile" {
    all --quick --output out
    grep -q "^taskcost run --profile quick " "$log"
    all --full --output=full
    grep -q "^taskcost run --profile full " "$log"
}

@test "the run gets the time that is left of what is promised" {
    all --quick --output out
    [[ "$(sed -nE 's/.*--time-limit ([0-9]+) .*/\1/p' "$log")" =~ ^[2-7][0-9]$|^80$ ]]
    : >"$log"
    all --full --output full
    run grep -c -- --time-limit "$log"
    [ "$output" = 0 ]
}

@test "--no-install leaves packages alone" {
    all --no-install --output out
    [ "$status" -eq 0 ]
    run grep -c install-deps "$log"
    [ "$output" = 0 ]
}

@test "missing packages stop it before anything else" {
    DEPS_CODE=2 all --output out
    [ "$status" -eq 2 ]
    run grep -c make "$log"
    [ "$output" = 0 ]
}

@test "a build that fails stops it" {
    MAKE_CODE=2 all --output out
    [ "$status" -ne 0 ]
    run grep -c taskcost "$log"
    [ "$output" = 0 ]
}

@test "from another folder, a relative --output is relative to that" {
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    cd "$BATS_TEST_TMPDIR/elsewhere"
    "$root/run_all.sh" --output here >/dev/null 2>&1
    [ -s here/results.json ]
    grep -q "^make -C $root " "$log"
}

@test "the default folder is in results/, with date and host, and a second run has its own" {
    all
    [ "$status" -eq 0 ]
    all
    [ "$(ls results | wc -l)" -eq 2 ]
    [[ "$(ls results | head -1)" == 20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]-"$(uname -n)" ]]
}

@test "some cells failed: charted and shown all the same, exit 1" {
    RUN_CODE=1 all --output out
    [ "$status" -eq 1 ]
    [[ "$out" == *"the table"*"the verdicts"* ]]
    grep -q "^taskcost report" "$log"
}

@test "charts that fail: tables all the same, exit 1" {
    REPORT_CODE=1 all --output out
    [ "$status" -eq 1 ]
    [[ "$out" == *"the table"* ]]
}

@test "Ctrl-C: what was measured is shown, and the exit code is the run's" {
    command -v setsid >/dev/null || skip "setsid is not installed"
    export RUN_INTERRUPTED=1 RUN_CODE=130
    sed -i 's/^case \$1 in/trap "" INT; case $1 in/' build/taskcost
    status=0
    setsid --wait ./run_all.sh --output out >"$BATS_TEST_TMPDIR/out" 2>/dev/null || status=$?
    [ "$status" -eq 130 ]
    grep -q "the table" "$BATS_TEST_TMPDIR/out"
}

@test "a run that left nothing passes its exit code on" {
    NO_RESULTS=1 RUN_CODE=1 all --output out
    [ "$status" -eq 1 ]
    run grep -c "taskcost report" "$log"
    [ "$output" = 0 ]
}

@test "--resume goes on with a run, and the rest is as ever" {
    all --output out
    : >"$log"
    all --resume out
    [ "$status" -eq 0 ]
    grep -qx "taskcost run --resume -o $root/out/results.json" "$log"
    grep -q "^taskcost report" "$log"
    all --resume=out --no-install
    [ "$status" -eq 0 ]
    [ ! -e out/.lock ]
}

@test "a folder has one run, and one writer" {
    command -v flock >/dev/null || skip "flock is not installed"
    all --output out
    : >"$log"
    wrong "the folder $root/out holds a run; --resume $root/out goes on with it" --output out
    mkdir busy
    exec 8>busy/.lock
    flock 8
    wrong "another run_all.sh is writing to $root/busy" --output busy
    exec 8>&-
    all --output busy
    [ "$status" -eq 0 ]
}

wrong() { # SENTENCE-PART ARGUMENT...
    local part=$1
    shift
    all "$@"
    [ "$status" -eq 2 ]
    [ -z "$out" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    [[ "$err" == *"$part"* ]]
    [ ! -s "$log" ]
}

@test "bad input: exit 2, one sentence, and nothing is started" {
    : >file
    wrong "unknown option '--fast'" --fast
    wrong "unknown option 'results'" results
    wrong "--output needs the folder" --output
    wrong "--output needs the folder" --output ''
    wrong "cannot write to the folder $root/file" --output file
    wrong "cannot write to the folder $root/file/sub" --output file/sub
    wrong "/proc/taskcost" --output /proc/taskcost
    wrong "--resume needs the folder" --resume
    wrong "there is no $root/none/results.json" --resume none
    wrong "leave --quick out" --quick --resume none
}

@test "--help names every option" {
    all --help
    [ "$status" -eq 0 ]
    for option in --quick --full --output --resume --no-install --help; do [[ "$out" == *"$option"* ]]; done
}
