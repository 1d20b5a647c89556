#!/usr/bin/env bats
# The files of fanout-file: without a name, so that none is left behind, and read as they are.

load workers.bash
setup() {
    workers_setup
    mkdir files
}

models=(async floor threads)

# running MODEL: starts it over 20 files without end; its process in $pid and its files in $found.
running() {
    TMPDIR=$PWD/files "$build/worker-$1" run fanout-file --tasks 20 --laps 1000000000 >out 2>err 3>&- &
    pid=$!
    for _ in $(seq 400); do
        found=$(find "/proc/$pid/fd" -lname "$PWD/files/*" 2>/dev/null || true)
        [ "$(wc -l <<<"$found")" -lt 20 ] || return 0
        sleep 0.02
    done
    kill -KILL "$pid"
    echo "$1: its files were not seen"
    return 1
}

@test "nothing is left behind, even when it is killed" {
    for model in "${models[@]}"; do
        running "$model"
        kill -KILL "$pid"
        wait "$pid" || true
        [ -z "$(ls -A files)" ]
    done
}

@test "a file that was written by somebody else fails the round" {
    for model in "${models[@]}"; do
        running "$model"
        printf 'x' 1<>"$(head -1 <<<"$found")"
        for _ in $(seq 400); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
        if kill "$pid" 2>/dev/null; then echo "$model: nobody noticed"; return 1; fi
        code=0
        wait "$pid" || code=$?
        delivered failed
        look reason | grep -q "was not read as it was written"
    done
}

@test "a folder that is not there is named" {
    for model in "${models[@]}"; do
        TMPDIR=$PWD/nowhere worker "$model" run fanout-file --tasks 2 --laps 1
        delivered failed
        look reason | grep -q "making a file in TMPDIR failed with ENOENT"
    done
}

@test "sizes that are none" {
    for size in 0 12 many; do
        worker async run fanout-file --tasks 2 --laps 1 --param "size=$size"
        delivered failed
        look reason | grep -qF "'$size'"
    done
}
