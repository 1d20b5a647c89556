#!/usr/bin/env bats
# taskcost limit: what will stop the tasks is told before, what did after; limits are raised only
# when that is asked for, and every value is put back, whatever ended the run.

load driver.bash
setup() {
    driver_setup
    export TASKCOST_WORKERS=$build
    unset COLUMNS
}

sanitized() { [ "$("$build/worker-floor" run null --laps 1 | tr -d ' ",' | sed -n 's/^build://p')" = sanitized ]; }

# row FILE TEXT...: some line of it has all the texts, in that order.
row() {
    local file=$1 pattern
    shift
    printf -v pattern '%s.*' "$@"
    grep -qE -- "$pattern" "$file" || { echo "no line has: $*"; cat "$file"; return 1; }
}

@test "before and after, for every model, and a document like that of run" {
    capture "$taskcost" limit -n 100 -o result.json
    [ "$code" -eq 0 ]
    says out before "limit: the most tasks at once"
    for model in async floor threads; do
        row out "^$model" nothing 100
        row out "^$model" 100 100 1.000 "nothing below 100"
    done
    "$taskcost" validate result.json
    "$taskcost" show result.json >shown
    row shown "^async" 100 100 1.000 "nothing below 100"
}

@test "the limit that will stop them is the one that did" {
    sanitized && skip "the sanitizer's shadow needs the whole address space"
    capture bash -c 'ulimit -v 1000000; exec "$@"' limit "$taskcost" limit -m threads --stack 1MiB,2MiB -o result.json
    [ "$code" -eq 0 ]
    row out "^threads +1MiB" "RLIMIT_AS 977 MiB" "[0-9]+$"
    row out "^threads +1MiB" "[0-9]+" "[0-9]+" "(0.99|1.00)" "RLIMIT_AS 977 MiB"
    row out "^threads +2MiB" "[0-9]+" "[0-9]+" "(0.99|1.00)" "RLIMIT_AS 977 MiB"
    "$taskcost" validate result.json
    "$build/tests/json-look" result.json measurements.0.limit.name | grep -qx RLIMIT_AS
    "$build/tests/json-look" result.json measurements.0.status | grep -qx ok
}

@test "-o - gets the JSON alone" {
    capture "$taskcost" limit -m async -n 50 -o -
    [ "$code" -eq 0 ]
    "$build/tests/json-look" out measurements.0.metric | grep -q tasks_
    says err before "the most tasks at once"
}

@test "wrong use" {
    refused "it takes options only, not 'threads'" "$taskcost" limit threads
    refused "there is no model 'thread'; did you mean 'threads'?" "$taskcost" limit -m thread
    refused "-n: '0' is not a whole number" "$taskcost" limit -n 0
    refused "'big' is not a value of stack" "$taskcost" limit --stack big
    refused "--raise-limits takes no value" "$taskcost" limit --raise-limits=now
    refused "cannot be written" "$taskcost" limit -n 5 -o no/such/folder/x.json
    refused "lacks its value" "$taskcost" limit -o
    echo kept >there.json
    refused "there.json" "$taskcost" limit -n 5 -o there.json
    grep -qx kept there.json
}

# -- raising limits, of a made-up machine --

# machine: a folder that stands for /, with low limits.
machine() {
    export TASKCOST_ROOT=$BATS_TEST_TMPDIR/machine
    mkdir -p "$TASKCOST_ROOT"/{run,proc/self,proc/sys/kernel,proc/sys/vm,sys/fs/cgroup/pids/a}
    cd "$TASKCOST_ROOT" || return 1
    echo "Max processes             500                  600                  processes" >proc/self/limits
    printf 'Uid:\t0\nThreads:\t1\n' >proc/self/status
    echo "8:pids:/a" >proc/self/cgroup
    echo 32768 >proc/sys/kernel/pid_max
    echo 70 >sys/fs/cgroup/pids/a/pids.max
    echo 9 >sys/fs/cgroup/pids/a/pids.current
    cd "$OLDPWD" || return 1
}

# values: the two that can be raised.
values() { echo "$(cat "$TASKCOST_ROOT/proc/sys/kernel/pid_max") $(cat "$TASKCOST_ROOT/sys/fs/cgroup/pids/a/pids.max")"; }

# slow_worker: a model whose search takes for ever; it leaves a file when it begins.
slow_worker() {
    mkdir slow
    cat >slow/worker-slow <<EOF
#!/bin/sh
[ "\$1" = list ] && exec cat "$PWD/slow/list.json"
case "\$*" in *until=prediction*) echo '{}'; exit 0 ;; esac
touch "$PWD/begun"
exec sleep 60
EOF
    cat >slow/list.json <<'EOF'
{"protocol": "taskcost-worker", "protocol_version": 1, "model": "slow", "description": "slow",
 "workloads": [{"name": "limit", "question": "how many?", "metrics": [{"name": "tasks_alive", "unit": "count"}],
   "parameters": [{"name": "until", "values": ["refusal", "prediction"], "open": false, "help": "x"}],
   "tasks_min": 1, "tasks_default": 10, "sweeps": []}], "unsupported": []}
EOF
    chmod +x slow/worker-slow
    export TASKCOST_WORKERS=$PWD/slow # beside the real ones: -m slow, or they fill the machine
}

# begin COMMAND...: in the background as $pid, until the worker has begun.
begin() {
    "$@" >out 2>err 3>&- &
    pid=$!
    for _ in $(seq 600); do [ -e begun ] && return 0 || sleep 0.05; done
    cat err
    return 1
}

@test "--raise-limits says what it would set, and sets nothing" {
    machine
    capture "$taskcost" limit --raise-limits
    [ "$code" -eq 0 ]
    row out RLIMIT_NPROC 500 600 yes "this process"
    row out kernel.pid_max 32768 4194304 yes
    row out "cgroup pids.max" 70 max yes "/sys/fs/cgroup/pids/a/pids.max"
    says out "Nothing was changed"
    [ "$(values)" = "32768 70" ]
    [ ! -e results ]
}

@test "--raise-limits=apply: raised while it measures, put back after" {
    machine
    capture "$taskcost" limit --raise-limits=apply -m async -n 5 -o r.json
    [ "$code" -eq 0 ]
    row err "kernel.pid_max" "raised from 32768 to 4194304"
    row err "cgroup pids.max" "raised from 70 to max"
    says err "2 limits put back"
    [ "$(values)" = "32768 70" ]
    [ ! -e "$TASKCOST_ROOT/run/taskcost-raised-limits.json" ]
}

@test "put back after a signal" {
    machine
    slow_worker
    for signal in INT TERM HUP; do
        rm -f begun
        begin env --default-signal="$signal" "$taskcost" limit --raise-limits=apply -m slow -o "r-$signal.json"
        [ "$(values)" = "4194304 max" ]
        kill -"$signal" "$pid"
        code=0
        wait "$pid" || code=$?
        [ "$code" -eq 130 ]
        [ "$(values)" = "32768 70" ] || { echo "$signal: $(values)"; return 1; }
        says err "2 limits put back" interrupted
    done
}

@test "put back after a failed run" {
    machine
    slow_worker
    sed -i 's/^exec sleep 60/exit 3/' slow/worker-slow
    capture "$taskcost" limit --raise-limits=apply -m slow -o r.json
    [ "$code" -eq 1 ]
    says err "exited with code 3" "2 limits put back"
    [ "$(values)" = "32768 70" ]
}

@test "after kill -9: another run is refused, --restore puts them back" {
    machine
    slow_worker
    begin "$taskcost" limit --raise-limits=apply -m slow -o r.json
    refused "wait until it has ended" "$taskcost" limit --raise-limits=apply -m slow -o r2.json
    refused "wait until it has ended" "$taskcost" limit --restore
    kill -9 "$pid"
    wait "$pid" || true
    [ "$(values)" = "4194304 max" ]
    refused "taskcost limit --restore" "$taskcost" limit --raise-limits=apply -m slow -o r2.json
    capture "$taskcost" limit --restore
    [ "$code" -eq 0 ]
    says err "2 limits put back"
    [ "$(values)" = "32768 70" ]
    capture "$taskcost" limit --restore
    [ "$code" -eq 0 ]
    says err "no limits were left raised"
}
