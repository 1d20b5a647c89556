#!/usr/bin/env bats
# System calls an operation: against what a hop must take, against a strace that is made up, and where
# they can't be counted.

load workers.bash
setup() {
    workers_setup
    export TASKCOST_WORKERS=$build
    tools=$BATS_TEST_TMPDIR/tools
    mkdir "$tools"
}

# measure ARGUMENT...: a run of one round into the file result.
measure() {
    "$build/taskcost" run --rounds 1 --seed 1 "$@" --overwrite -o result >out 2>err 3>&- || { cat err; return 1; }
}

# field MODEL PATH: of that model's measurement of system_calls; fails where there is none.
field() {
    local count i
    count=$("$build/tests/json-look" result -s measurements)
    for ((i = 0; i < count; i++)); do
        [ "$("$build/tests/json-look" result "measurements.$i.metric" "measurements.$i.model")" = "system_calls
$1" ] || continue
        "$build/tests/json-look" result "measurements.$i.$2"
        return
    done
    return 1
}

can_trace() { strace -c -o /dev/null true 2>/dev/null; }

# about VALUE EXPECTED: within 3 %, for a thread that ends before it is waited for takes one call less.
about() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0.97 * b && a < 1.03 * b) }' || { echo "$1, not $2"; return 1; }; }

@test "a hop through sockets: three calls in the async model, two in the others" {
    can_trace || skip "strace cannot trace here"
    sanitized && skip "the sanitizer makes calls of its own"
    measure switch-socket -n 50 --time-limit 60
    about "$(field async summary.median)" 3
    about "$(field threads summary.median)" 2
    about "$(field floor summary.median)" 2
    "$build/taskcost" validate result
    "$build/taskcost" show result | grep -qE 'switch-socket.async.* 3\.0[0-9]+$'
}

@test "what is reported of the cell is in this measurement too" {
    can_trace || skip "strace cannot trace here"
    measure switch-channel -m threads -n 5
    [ "$(field threads parameters.driver)" = main-thread ]
    [ "$(field threads quality.verdict)" != '' ]
}

# A strace that knows how many calls there were: 1000 for the rest and 70 for each lap.
fake_strace() {
    cat >"$tools/strace" <<'SCRIPT'
#!/bin/bash
[ "$1 $2 $3" = "-f -c -o" ] || exit 9
table=$4
shift 4
laps=${*: -1}
printf '%% time     seconds  usecs/call     calls    errors syscall\n' >"$table"
printf -- '------ ----------- ----------- --------- --------- ----------------\n' >>"$table"
printf ' 60.00    0.001200           2      %d         3 sendto\n' $((laps * 30)) >>"$table"
printf ' 40.00    0.000800           2      %d           recvfrom\n' $((laps * 40 + 1000)) >>"$table"
printf -- '------ ----------- ----------- --------- --------- ----------------\n' >>"$table"
printf '100.00    0.002000           2      %d         3 total\n' $((laps * 70 + 1000)) >>"$table"
exec "$@"
SCRIPT
    chmod +x "$tools/strace"
}

@test "the difference of two runs, by operations" {
    fake_strace
    PATH=$tools:$PATH measure switch-channel -m floor -n 10
    [ "$(field floor summary.median)" = 7 ] || { field floor summary.median; return 1; }
    [ "$(field floor summary.samples)" = 1 ]
}

@test "a strace that may not trace is told, and the rest stands" {
    printf '#!/bin/sh\necho "strace: ptrace: Operation not permitted" >&2\nexit 1\n' >"$tools/strace"
    chmod +x "$tools/strace"
    PATH=$tools:$PATH measure switch-channel -m floor -n 10
    [ "$(field floor status)" = skipped ]
    field floor reason | grep -q "Operation not permitted"
    "$build/tests/json-look" result measurements.0.status | grep -qx ok
}

@test "without strace the metric is skipped with the reason" {
    PATH=$tools measure switch-channel -m floor -n 10
    [ "$(field floor status)" = skipped ]
    field floor reason | grep -q "strace is not installed"
}

@test "many threads are not traced, many async tasks are" {
    fake_strace
    PATH=$tools:$PATH measure switch-channel -m async,threads -n 1500
    [ "$(field async status)" = ok ]
    field threads reason | grep -q "more than 1000 threads"
}

@test "a workload without operations cannot be counted" {
    fake_strace
    PATH=$tools:$PATH measure memory-idle -m floor -n 10
    field floor reason | grep -q "no operations"
}

@test "not in the quick profile, and as told" {
    fake_strace
    PATH=$tools:$PATH measure switch-channel -m floor -n 10 --no-system-calls
    if field floor status; then return 1; fi
    PATH=$tools:$PATH measure switch-channel -m floor -n 10 --profile quick
    if field floor status; then return 1; fi
    PATH=$tools:$PATH measure switch-channel -m floor -n 10 --profile quick --system-calls
    [ "$(field floor status)" = ok ]
}

@test "once a cell, however many rounds" {
    fake_strace
    PATH=$tools:$PATH measure switch-channel -m floor -n 10 --rounds 3
    [ "$(field floor summary.rounds)" = 1 ]
}

@test "nothing is left in the temporary folder, and one that is not there is told" {
    fake_strace
    mkdir "$tools/temporary"
    PATH=$tools:$PATH TMPDIR=$tools/temporary measure switch-channel -m floor -n 10
    [ "$(field floor status)" = ok ]
    [ -z "$(ls "$tools/temporary")" ]
    PATH=$tools:$PATH TMPDIR=$tools/none measure switch-channel -m floor -n 10
    field floor reason | grep -q "no file for strace's table"
}

@test "where the scheduler decides what a lap holds, calls are not told by laps" {
    can_trace || skip "strace cannot trace here"
    measure switch-yield -m threads -n 50
    [ "$(field threads status)" = skipped ]
    [[ $(field threads reason) = *"same operations"* ]]
    measure switch-yield -m async -n 50
    [ "$(field async status)" = ok ]
}
