#!/usr/bin/env bats
# `taskcost list`: what the workers say, and workers that say nothing useful.

load driver.bash
setup() { driver_setup; }

@test "workloads, models and placements, each in a line" {
    capture "$taskcost" list
    [ "$code" -eq 0 ]
    [ ! -s err ]
    grep -qE '^  constant +what does the driver make of constant\? \[cost; 10 tasks\]$' out
    grep -qE '^  fake +figures that are known beforehand$' out
    grep -qE '^  one-core +' out
    says out "--param level=0, 5, ..." "not with fake: fakes cannot"
}

@test "--json holds the same" {
    capture "$taskcost" list --json
    [ "$code" -eq 0 ]
    says out '"name": "constant"' '"name": "fake"' '"name": "one-core"' '"fake": "fakes cannot"'
}

@test "links make more models" {
    ln -s "$build/tests/worker-fake" workers/worker-other
    capture "$taskcost" list
    grep -qE '^  other +figures' out
}

@test "several folders, the first that has a model wins" {
    mkdir second
    ln -s "$build/tests/worker-fake" second/worker-third
    printf '#!/bin/sh\nexit 9\n' >second/worker-fake
    chmod +x second/worker-fake
    TASKCOST_WORKERS=$TASKCOST_WORKERS:$PWD/second capture "$taskcost" list
    [ "$code" -eq 0 ]
    [ ! -s err ]
    grep -qE '^  fake +figures' out
    grep -qE '^  third +figures' out
}

@test "a worker that cannot be used is set aside with a sentence" {
    printf '#!/bin/sh\necho not today >&2\nexit 9\n' >workers/worker-broken
    printf '#!/bin/sh\necho "{}"\n' >workers/worker-empty
    printf '#!/bin/sh\nkill -SEGV $$\n' >workers/worker-falls
    echo 'no program' >workers/worker-text
    chmod +x workers/worker-*
    chmod -x workers/worker-text
    : >workers/worker-fake.d
    capture "$taskcost" list
    [ "$code" -eq 0 ]
    grep -qE '^  fake +figures' out
    says err "worker-broken list': it exited with code 9: not today" \
        "worker-empty list': it does not speak taskcost-worker, version 1" \
        "worker-falls list': it was ended by SIGSEGV"
    [ "$(wc -l <err)" -eq 3 ]
}

@test "wrong use" {
    refused "it takes no names, not even 'create'" "$taskcost" list create
    refused "unknown option '--xml'" "$taskcost" list --xml
}
