#!/usr/bin/env bats
# What the workers see of their conditions: the speed probe with its figures in order, and what the
# machine did meanwhile; none where nothing is timed. How fast the machine is decides nothing.

load workers.bash
setup() { workers_setup; }

models=(async floor threads)

# in_order PATH...: their values do not fall.
in_order() { look "$@" | sort -gc; }

# lacks PATH: the last worker's object has no such value.
lacks() {
    if look "$1" >/dev/null 2>&1; then echo "$1 is there:"; cat out; return 1; fi
}

@test "a round that samples has probes before, between and after" {
    for model in "${models[@]}"; do
        worker "$model" run switch-channel --tasks 5 --time-ms 300
        delivered ok
        [ "$(look observed.probe.count)" -ge 3 ] || { cat out; return 1; }
        in_order observed.probe.low observed.probe.median observed.probe.high
        for value in before after low; do
            look "observed.probe.$value" | awk '{ exit !($1 > 0) }'
        done
        look observed.probe.share | awk '{ exit !($1 > 0 && $1 < 1) }'
    done
}

@test "the shortest round has one before and one after" {
    worker floor run null --time-ms 1
    delivered ok
    [ "$(look observed.probe.count)" -ge 2 ]
}

@test "a counting run and a workload that does not sample have none" {
    worker async run switch-channel --tasks 5 --laps 10
    delivered ok
    lacks observed.probe
    worker async run memory-idle --tasks 5
    delivered ok
    lacks observed.probe
}

@test "the CPUs seen are those allowed when bound to one" {
    cpu=$(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')
    taskset -c "$cpu" "$build/worker-threads" run switch-pipe --tasks 3 --time-ms 20 >out
    holds observed.cpus_allowed "$cpu"
    [ "$(look -s observed.cpus_seen)" -eq 1 ]
    holds observed.cpus_seen.0 "$cpu"
}

@test "conditions: each is a number or says why not" {
    for model in "${models[@]}"; do
        worker "$model" run switch-pipe --tasks 3 --time-ms 20
        delivered ok
        holds observed.conditions.binding_held 1
        for name in steal_ticks ticks interrupts throttled_periods throttled_ns pressure_cpu_ns wait_ns \
            thermal_throttles runnable_others switches_voluntary switches_involuntary faults_minor \
            faults_major migrations span_ns; do
            look "observed.conditions.$name" | tr -d '\n ' |
                grep -qxE '[0-9.e+]+|\{"(absent|not_permitted)":true\}' ||
                { echo "$model: $name is $(look "observed.conditions.$name")"; return 1; }
        done
    done
}

@test "conditions: the switches of a ring of threads are told, and whose they are" {
    worker threads run switch-pipe --tasks 3 --time-ms 20
    [ "$(look observed.conditions.switches_voluntary)" -gt 0 ]
    holds observed.one_thread false
    worker async run switch-pipe --tasks 3 --time-ms 20
    holds observed.one_thread true
}

# The warm-up takes a tenth of the time: what has computed for a quarter of it is measuring.
@test "conditions: a binding that was changed meanwhile is told" {
    [ "$(nproc)" -ge 2 ] || skip "there is one CPU"
    cpu=$(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')
    "$build/worker-floor" run null --time-ms 2000 >out 2>err 3>&- &
    pid=$!
    for _ in $(seq 400); do
        [ "$(awk '{ print $14 + $15 }' "/proc/$pid/stat" 2>/dev/null || echo 999)" -ge 50 ] && break
        sleep 0.02
    done
    taskset -cp "$cpu" "$pid" >/dev/null 2>&1 || skip "it ended before it could be moved"
    wait "$pid"
    holds observed.conditions.binding_held 0
}
