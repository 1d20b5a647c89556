#!/usr/bin/env bash
# Prints a small result file for the tests of the commands that read one. No figure in it was
# measured: they are round so that a test can say what has to come out.
set -u

# measurement WORKLOAD MODEL PLACEMENT TASKS STACK METRIC UNIT VALUE
measurement() {
    printf '%s{"workload":"%s","model":"%s","placement":"%s","tasks":%d,"parameters":{"stack":"%s"},
"metric":"%s","unit":"%s","status":"ok","rounds":[{"block":0,"median":%s,"samples":[%s]}],
"summary":{"rounds":1,"samples":1,"median":%s,"ci95":null,"mean":%s,"stddev":null,"min":%s,"max":%s,
"p50":%s,"p90":null,"p99":null,"p999":null}}' "$comma" "$1" "$2" "$3" "$4" "$5" "$6" "$7" \
        "$8" "$8" "$8" "$8" "$8" "$8" "$8"
    comma=,
}

# lost WORKLOAD MODEL PLACEMENT TASKS STACK STATUS REASON [LIMIT-NAME LIMIT-VALUE]
lost() {
    local limit=${8:+",\"limit\":{\"name\":\"$8\",\"value\":$9}"}
    printf '%s{"workload":"%s","model":"%s","placement":"%s","tasks":%d,"parameters":{"stack":"%s"},
"metric":"round","unit":"1","status":"%s","reason":"%s"%s,"rounds":[],
"summary":{"rounds":0,"samples":0,"median":null,"ci95":null,"mean":null,"stddev":null,"min":null,
"max":null,"p50":null,"p90":null,"p99":null,"p999":null}}' "$comma" "$1" "$2" "$3" "$4" "$5" "$6" "$7" \
        "${limit-}"
    comma=,
}

comma=
cat <<'HEAD'
{"schema":"taskcost-results","schema_version":1,
"run":{"id":"test","started":"2026-11-21T20:00:00Z","finished":null,"complete":false,
"profile":"quick","seed":42,"command":"taskcost run","version":"0.1.0","commit":"abc"},
"environment":{"host":"testhost","cpu":{"model":"Test CPU"}},
"warnings":[{"id":"governor","cause":"the governor is powersave","remedy":"choose performance"}],
"measurements":[
HEAD
for placement in free one-core; do
    measurement create async "$placement" 10000 default create ns 20
    measurement create threads "$placement" 1000 default create ns 1000
    measurement switch-socket floor "$placement" 500 1MiB switch ns 600
    measurement switch-socket async "$placement" 500 1MiB switch ns 900
    measurement switch-socket threads "$placement" 500 1MiB switch ns 2700
done
measurement switch-socket threads one-core 500 1MiB switches_voluntary 1/operation 0.57
measurement switch-socket threads one-core 500 1MiB switches_involuntary 1/operation 0.43
for part in resident:100 page_tables:0 kernel_stack:0 slab:0 total:100; do
    measurement memory-idle async free 10000 default "memory_${part%:*}" B "${part#*:}"
done
for part in resident:8500 page_tables:2000 kernel_stack:16384 slab:7700 total:34584; do
    measurement memory-idle threads free 10000 default "memory_${part%:*}" B "${part#*:}"
done
# With the argument "slope": a second number of tasks.
if [ "${1-}" = slope ]; then
    for part in resident:8450 page_tables:2000 kernel_stack:16384 slab:7700 total:34534 cgroup:33000; do
        measurement memory-idle threads free 20000 default "memory_${part%:*}" B "${part#*:}"
    done
    measurement memory-idle threads free 20000 default tasks_alive count 20000
    measurement memory-idle threads free 10000 default tasks_alive count "${2:-10000}"
fi
# With the argument "refused": a workload that one model can't run.
if [ "${1-}" = refused ]; then
    lost switch-futex async one-core 100 default skipped "tasks do not block"
    measurement switch-futex threads one-core 100 default switch ns 1900
fi
measurement fanout-tcp async one-core 100 default latency ns 400000
lost memory-idle threads free 100000 default limited "only 32,451 threads could be made" kernel.pid_max 32768
lost switch-socket threads one-core 20000 1MiB limited "40,010 descriptors are needed" RLIMIT_NOFILE 20000
lost switch-socket async one-core 700 1MiB failed "ended by signal 11 (SIGSEGV)"
echo ']}'
