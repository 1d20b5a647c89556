#!/usr/bin/env bats
# The workers' speed probe: in every round that samples, of every model, its figures in order; none
# where nothing is timed. How fast the machine is decides nothing.

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
