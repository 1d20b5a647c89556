#!/usr/bin/env bats
# Runs that are interrupted or killed: what was measured is kept, the file is whole, and no worker
# is left.

load driver.bash
setup() { driver_setup; }

# A shell without job control makes what it starts with `&` ignore SIGINT.
start_run() {
    set -m
    "$taskcost" run -m fake "$@" >out 2>err 3>&- &
    run=$!
    set +m
}

# Until the workers have noted so many runs.
await_rounds() {
    for _ in $(seq 3000); do
        [ -e log ] && [ "$(wc -l <log)" -ge "$1" ] && return 0
        sleep 0.02
    done
    return 1
}

end_of_run() {
    code=0
    wait "$run" || code=$?
}

@test "Ctrl-C keeps what was measured: exit 130, one line" {
    start_run drifting slow -n 10,20 --rounds 1000 --param "log=$PWD/log" -o r.json
    await_rounds 5
    kill -INT "$run"
    end_of_run
    [ "$code" -eq 130 ]
    [ "$(grep -c 'interrupted; what was measured is in r.json' err)" -eq 1 ]
    says r.json '"complete": false' '"stopped_by": "signal"' '"metric": "cost"'
    capture "$taskcost" validate r.json
    [ "$code" -eq 0 ]
    no_workers
}

@test "a hanging worker does not hold up Ctrl-C" {
    start_run hang -n 10 --param "log=$PWD/log" -o -
    await_rounds 1
    kill -INT "$run"
    end_of_run
    [ "$code" -eq 130 ]
    mv out r.json
    says r.json '"complete": false' "the run was interrupted before its first round"
    capture "$taskcost" validate r.json
    [ "$code" -eq 0 ]
    no_workers
}

@test "SIGTERM is the same" {
    start_run slow -n 10 --rounds 1000 --param "log=$PWD/log" -o r.json
    await_rounds 2
    kill -TERM "$run"
    end_of_run
    [ "$code" -eq 130 ]
    says r.json '"stopped_by": "signal"'
    no_workers
}

@test "kill -9 at random moments leaves a valid file and no worker" {
    for _ in 1 2 3 4 5 6 7 8; do
        rm -f r.json
        : >log
        start_run drifting slow -n 10,20 --rounds 1000 --param "log=$PWD/log" -o r.json
        await_rounds 1
        sleep "0.$((RANDOM % 30 + 10))"
        kill -9 "$run"
        end_of_run
        [ "$code" -eq 137 ]
        no_workers
        capture "$taskcost" validate r.json
        [ "$code" -eq 0 ]
    done
}
