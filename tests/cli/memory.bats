#!/usr/bin/env bats
# The meters of memory in the real workers: their parts, the cgroup of their own, what tasks touch.

# shellcheck disable=SC2154 # code is what worker() sets
load workers

setup() {
    workers_setup
}

# metric NAME: its one sample, or its first.
metric() {
    local i
    for ((i = 0; i < $(look -s metrics); i++)); do
        [ "$(look "metrics.$i.name")" = "$1" ] || continue
        look "metrics.$i.samples.0"
        return
    done
    return 1
}

# near A B SLACK: they differ by no more than that.
near() {
    awk -v a="$1" -v b="$2" -v slack="$3" 'BEGIN { exit !(a - b <= slack && b - a <= slack) }' ||
        { echo "$1 and $2 differ by more than $3"; return 1; }
}

@test "the total is the sum of its five parts" {
    for model in async threads floor; do
        worker "$model" run memory-idle --tasks 500
        delivered ok
        sum=0
        for part in resident page_tables kernel_stack slab kernel_other; do
            sum=$(awk -v a="$sum" -v b="$(metric "memory_$part")" 'BEGIN { print a + b }')
        done
        near "$sum" "$(metric memory_total)" 0.1
    done
}

@test "the method is named, a metric without a value has its reason, and no cgroup stays behind" {
    worker threads run memory-idle --tasks 200
    delivered ok
    case $(look parameters.method) in
    smaps+meminfo+cgroup-v*)
        [ "$(metric memory_cgroup_kernel)" != null ]
        [ "$(look observed.memory_cgroup.usage)" -gt 0 ]
        ;;
    smaps+meminfo)
        grep -A4 '"memory_cgroup"' out | grep -q reason
        ;;
    *) false ;;
    esac
    run find /sys/fs/cgroup -maxdepth 6 -type d -name "taskcost-*" -newer "$BATS_TEST_TMPDIR/out"
    [ -z "$output" ]
}

@test "a failed round leaves no cgroup behind" {
    if sanitized; then skip "the sanitizer reserves more than that"; fi
    (ulimit -v 400000 && worker threads run memory-idle --tasks 5000 --param stack=1MiB
        delivered limited)
    run find /sys/fs/cgroup -maxdepth 6 -type d -name "taskcost-*" -newer "$BATS_TEST_TMPDIR/out"
    [ -z "$output" ]
}

@test "what a task holds is resident, in every model" {
    if sanitized; then skip "shadow memory is resident too"; fi
    for model in async threads floor; do
        worker "$model" run memory-idle --tasks 500
        delivered ok
        without=$(metric memory_resident)
        worker "$model" run memory-frame --tasks 500 --param frame=16KiB
        delivered ok && holds parameters.frame 16KiB
        near "$(awk -v a="$(metric memory_resident)" -v b="$without" 'BEGIN { print a - b }')" 16384 1024
    done
}

@test "what a stack has no room for is skipped with its reason; what is no size fails" {
    worker threads run memory-frame --tasks 2 --param stack=64KiB --param frame=64KiB
    delivered skipped
    look reason | grep -qF "no room for 65536 bytes more"
    worker async run memory-frame --tasks 2 --param frame=much
    delivered failed
    look reason | grep -qF "frame: 'much' is not a size"
}

@test "sleepers take memory alone: they have not woken, and the share of the CPU is told" {
    for model in async threads; do
        worker "$model" run memory-sleep --tasks 300
        delivered ok
        [ "$(metric tasks_alive)" -eq 300 ]
        # Told for all tasks together: one CPU at most, or a few that spin.
        metric cpu_share | awk -v cpus="$(nproc)" '{ exit !($1 >= 0 && $1 <= cpus) }'
    done
}

@test "tasks that wait for a socket: the pairs are in the floor too" {
    if sanitized; then skip "shadow memory is resident too"; fi
    worker floor run memory-socket --tasks 500
    delivered ok
    [ "$(metric memory_resident | cut -d. -f1)" -lt 256 ]
    for model in async threads; do
        worker "$model" run memory-socket --tasks 500
        delivered ok
        [ "$(metric tasks_alive)" -eq 500 ]
    done
}

@test "the cache of stacks: without it every thread has fresh pages" {
    if sanitized; then skip "a sanitizer has its own stacks"; fi
    worker threads run create --tasks 50 --param stack=64KiB --time-ms 50
    delivered ok && holds parameters.stack-cache default
    [ "$(metric page_faults | awk '{ print ($1 < 0.5) }')" = 1 ]
    worker threads run create --tasks 50 --param stack=64KiB --param stack-cache=0 --time-ms 50
    if [ "$(look status)" = skipped ]; then look reason | grep -q glibc; skip "$(look reason)"; fi
    delivered ok && holds parameters.stack-cache 0
    [ "$(metric page_faults | awk '{ print ($1 > 1) }')" = 1 ]
}

@test "a cache of stacks that is no size: exit 2 and a sentence" {
    worker threads run create --param stack-cache=some
    [ "$code" -eq 2 ]
    [ ! -s out ]
    grep -qF "stack-cache: 'some' is not a size" err
}

@test "the first cycle of a process is one sample of its own" {
    for model in async threads; do
        worker "$model" run create --tasks 50 --time-ms 5
        delivered ok
        for name in create_first create_join_first; do
            metric "$name" | grep -qE '^[0-9.e+]+$'
            grep -A5 "\"$name\"" out | tr -d '\n ' | grep -qE '"samples":\[[0-9.e+]+\]'
        done
    done
}
