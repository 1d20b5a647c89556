#!/usr/bin/env bats
# `taskcost run --resume`: a run that was stopped goes on as it was begun, and only that.

load driver.bash
setup() { driver_setup; }

fake_run() { capture "$taskcost" run -m fake "$@"; }

# How many rounds the figure of a cell has: rounds_of FILE WORKLOAD TASKS
rounds_of() {
    local i=0
    while [ "$("$build/tests/json-look" "$1" "measurements.$i.workload")" != "$2" ] ||
        [ "$("$build/tests/json-look" "$1" "measurements.$i.tasks")" != "$3" ] ||
        [ "$("$build/tests/json-look" "$1" "measurements.$i.metric")" != cost ]; do
        i=$((i + 1))
        [ "$i" -lt 100 ] || return 1
    done
    "$build/tests/json-look" "$1" -s "measurements.$i.rounds"
}

# A run that its time limit ended before it had all rounds; in r.json.
cut_short() {
    fake_run constant slow -n 10,20 --rounds 40 --seed 7 --time-limit 1 -o r.json
    [ "$code" -eq 0 ]
    says r.json '"stopped_by": "time"' '"complete": false'
}

@test "a run that its time limit ended goes on with a new one, to all its rounds" {
    cut_short
    capture "$taskcost" run --resume -o r.json --time-limit 600
    [ "$code" -eq 0 ]
    says r.json '"stopped_by": "rounds"' '"complete": true' '"resumed"' '"seed": 7'
    [ "$(grep -c '"stopped_by": "time"' r.json)" -eq 0 ]
    for tasks in 10 20; do
        [ "$(rounds_of r.json constant $tasks)" -eq 40 ]
        [ "$(rounds_of r.json slow $tasks)" -eq 40 ]
    done
    capture "$taskcost" validate r.json
    [ "$code" -eq 0 ]
    capture "$taskcost" show r.json
    grep -q "resumed$\|resumed 20" out # the line may be broken there
}

@test "what is finished has nothing to do: exit 0, and the file stays as it is" {
    fake_run constant -n 10 --rounds 2 -o r.json
    cp r.json before.json
    capture "$taskcost" run --resume -o r.json
    [ "$code" -eq 0 ]
    says err "nothing to do: every cell has its rounds"
    cmp r.json before.json
    [ ! -e r.json.lock ]
}

@test "a run whose time is spent needs a new limit" {
    cut_short
    cp r.json before.json
    capture "$taskcost" run --resume -o r.json
    [ "$code" -eq 0 ]
    says err "the run has spent its time; --time-limit S gives it S seconds more"
    cmp r.json before.json
}

@test "an interrupted run says that it can go on, and does" {
    set -m
    "$taskcost" run constant slow -m fake -n 10,20 --rounds 12 --no-system-calls --param "log=$PWD/log" -o r.json >out 2>err 3>&- &
    set +m
    for _ in $(seq 3000); do
        [ -e log ] && [ "$(wc -l <log)" -ge 10 ] && break
        sleep 0.02
    done
    kill -INT $!
    wait $! || code=$?
    [ "$code" -eq 130 ]
    says err "--resume goes on with it"
    says r.json '"stopped_by": "signal"'
    capture "$taskcost" run --resume -o r.json
    [ "$code" -eq 0 ]
    for cell in "constant 10" "constant 20" "slow 10" "slow 20"; do
        # shellcheck disable=SC2086
        [ "$(rounds_of r.json $cell)" -eq 12 ]
    done
    [ "$(wc -l <log)" -le 49 ] # no round was measured twice but the one that was cut off
}

@test "cells that had ended otherwise are not run again" {
    fake_run constant crash limited impossible slow -n 10 --rounds 30 --time-limit 1 --param "log=$PWD/log" -o r.json
    [ "$code" -eq 1 ]
    capture "$taskcost" run --resume -o r.json --time-limit 600
    [ "$code" -eq 1 ]
    says err "failed: crash fake"
    [ "$(grep -c ' crash ' log)" -eq 1 ]
    [ "$(grep -c ' limited ' log)" -eq 1 ]
    [ "$(rounds_of r.json slow 10)" -eq 30 ]
}

@test "other choices are refused, the same ones are taken" {
    cut_short
    cp r.json before.json
    resume() { refused "is not what the run in 'r.json' was begun with" "$taskcost" run --resume -o r.json --time-limit 9 "$@"; }
    resume -n 30
    resume -m async
    resume -p free
    resume --param level=5
    resume drifting
    resume --rounds 3
    resume --seed 8
    resume --profile quick
    resume --round-limit 5
    resume --inject 5
    resume --no-system-calls
    cmp r.json before.json
    capture "$taskcost" run --resume -o r.json constant slow -m fake -n 10,20 --rounds 40 --seed 7 --time-limit 600
    [ "$code" -eq 0 ]
}

@test "another build, another machine, a missing worker, no record" {
    cut_short
    sed -E 's/("commit": )"[^"]*"/\1"0123456789ab"/' r.json >other.json
    refused "was measured by taskcost at commit 0123456789ab" "$taskcost" run --resume -o other.json --time-limit 9
    sed -E 's/("host": )"[^"]*"/\1"elsewhere"/' r.json >other.json
    refused "environment.host is '" "$taskcost" run --resume -o other.json --time-limit 9
    HWLOC_SYNTHETIC="core:4 pu:1" refused "--resume: environment.topology" "$taskcost" run --resume -o r.json --time-limit 9
    mkdir others
    ln -s "$build/tests/worker-fake" others/worker-other
    TASKCOST_WORKERS=$PWD/others refused "there is no model 'fake'" "$taskcost" run --resume -o r.json --time-limit 9
    bash "$root/tests/cli/data/make_result.sh" >old.json
    refused "does not record what was asked for" "$taskcost" run --resume -o old.json
    [ ! -e r.json.lock ]
}

@test "wrong use" {
    refused "--resume: name the file" "$taskcost" run --resume
    refused "--resume: name the file" "$taskcost" run --resume -o -
    refused "there is no such file" "$taskcost" run --resume -o none.json
    echo '{' >broken.json
    refused "broken.json" "$taskcost" run --resume -o broken.json
    refused "--resume goes on with a file and --overwrite replaces it" "$taskcost" run --resume --overwrite -o broken.json
}

@test "a file that is there is kept unless told otherwise" {
    fake_run constant -n 10 --rounds 2 -o r.json
    cp r.json before.json
    refused "'r.json' is there already; --resume" "$taskcost" run constant -m fake -n 10 --rounds 2 -o r.json
    cmp r.json before.json
    fake_run constant -n 20 --rounds 2 --overwrite -o r.json
    [ "$code" -eq 0 ]
    says r.json '"tasks": 20'
    : >empty.json # as mktemp makes them
    fake_run constant -n 10 --rounds 2 -o empty.json
    [ "$code" -eq 0 ]
}

@test "one writer a file: the second run is refused, in one sentence" {
    set -m
    "$taskcost" run hang -m fake -n 10 -o r.json >first.out 2>first.err 3>&- &
    first=$!
    set +m
    for _ in $(seq 3000); do [ -s r.json ] && break; sleep 0.02; done
    for options in "" --overwrite --resume; do
        # shellcheck disable=SC2086
        refused "another run (process $first) is writing to 'r.json'" "$taskcost" run constant -m fake -o r.json $options
    done
    kill -KILL $first
    wait $first || true
    no_workers
    [ -e r.json.lock ] # left behind, and locks nothing
    fake_run constant -n 10 --rounds 2 --overwrite -o r.json
    [ "$code" -eq 0 ]
    [ ! -e r.json.lock ]
}
