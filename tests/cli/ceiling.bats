#!/usr/bin/env bats
# The workload `limit` in the workers: whatever stops it is predicted before, named after, and the
# numbers agree: exactly for what is counted, give or take a few for the process's own mappings, and
# within a fifth where an allocator works in blocks.

load workers.bash
setup() {
    workers_setup
    sanitized && skip "the sanitizer takes memory and threads of its own"
    as=()
}

teardown() { drop_group; }

# drop_group: removes the control group that a test has made, once its processes are gone.
drop_group() {
    [ -n "${group-}" ] || return 0
    for _ in $(seq 100); do rmdir "$group" 2>/dev/null && break || sleep 0.05; done
}

# within COMMAND MODEL ARGUMENT...: a round of limit, under what the shell command sets.
within() {
    local command=$1 model=$2
    shift 2
    code=0
    bash -c "$command exec \"\$@\"" limit ${as[@]+"${as[@]}"} "$build/worker-$model" run limit "$@" >out 2>err 3>&- || code=$?
    delivered ok
}

# figure METRIC: what the last round found.
figure() {
    local i
    for i in 0 1; do
        [ "$(look "metrics.$i.name")" = "$1" ] && look "metrics.$i.samples.0" && return 0
    done
    return 1
}

# agree SLACK: found and predicted differ by that at most.
agree() {
    local found predicted
    found=$(figure tasks_alive) predicted=$(figure tasks_predicted)
    [ "$found" -gt 0 ] && [ $((found - predicted)) -le "$1" ] && [ $((predicted - found)) -le "$1" ] ||
        { echo "found $found, predicted $predicted"; cat out; return 1; }
}

# stopped_by NAME VALUE: that was named before and after.
stopped_by() {
    holds limit.name "$1" && holds limit.value "$2" && holds observed.ceiling.predicted_limit.name "$1"
}

@test "as many as were asked for: nothing stopped them" {
    for model in async floor threads; do
        within "" "$model" --tasks 100
        [ "$(figure tasks_alive)" -eq 100 ]
        [ "$(figure tasks_predicted)" -eq 100 ]
        if look limit >/dev/null 2>&1; then return 1; fi
    done
}

@test "a prediction alone holds no more than a part of them" {
    within "ulimit -v 1000000;" threads --param stack=1MiB --param until=prediction
    holds observed.ceiling.predicted_limit.name RLIMIT_AS
    [ "$(figure tasks_predicted)" -gt 900 ]
    if figure tasks_alive; then return 1; fi
    if look limit >/dev/null 2>&1; then return 1; fi
}

@test "RLIMIT_AS: stacks of a known size, nearly exactly" {
    within "ulimit -v 1000000;" threads --param stack=1MiB
    stopped_by RLIMIT_AS 1024000000
    agree 4
    within "ulimit -v 1000000;" threads # the default stack is RLIMIT_STACK
    stopped_by RLIMIT_AS 1024000000
    agree 4
}

@test "RLIMIT_AS and RLIMIT_DATA: tasks in an allocator's blocks" {
    for model in async floor; do
        within "ulimit -v 1000000;" "$model"
        stopped_by RLIMIT_AS 1024000000
        agree $(($(figure tasks_alive) / 5))
        within "ulimit -d 500000;" "$model"
        stopped_by RLIMIT_DATA 512000000
        agree $(($(figure tasks_alive) / 5))
    done
}

@test "RLIMIT_NPROC, exactly" {
    if [ "$(id -u)" -eq 0 ]; then
        command -v setpriv >/dev/null || skip "setpriv is not there, and root has no such limit"
        as=(setpriv --reuid=61235 --regid=61235 --clear-groups)
        "${as[@]}" test -x "$build/worker-threads" || skip "other users cannot reach $build"
    fi
    [ -n "${as-}" ] || skip "threads of this user come and go"
    within "ulimit -u 300;" threads
    stopped_by RLIMIT_NPROC 300
    [ "$(figure tasks_alive)" -eq 299 ]
    agree 0
}

# in_group CONTROLLER FILE VALUE: makes a control group with that limit, or skips.
in_group() {
    local root
    for root in "/sys/fs/cgroup/$1" /sys/fs/cgroup; do
        group=$root/taskcost-limit-$$
        mkdir "$group" 2>/dev/null || continue
        if echo "$3" 2>/dev/null >"$group/$2"; then return 0; fi
        rmdir "$group"
    done
    group=
    skip "no $1 cgroup with $2 can be made here"
}

@test "cgroup pids.max, exactly, with the file that holds it" {
    in_group pids pids.max 200
    within "echo \$\$ >$group/cgroup.procs;" threads
    stopped_by "cgroup pids.max" 200
    holds limit.path "$group/pids.max"
    [ "$(figure tasks_alive)" -eq 199 ]
    agree 0
}

@test "a cgroup's memory: stopped before the kernel has to end anything" {
    file=memory.limit_in_bytes
    [ -e /sys/fs/cgroup/memory ] || file=memory.max
    in_group memory $file 209715200
    for model in async floor threads; do
        within "echo \$\$ >$group/cgroup.procs;" "$model"
        stopped_by "cgroup $file" 209715200
        agree $(($(figure tasks_alive) / 5))
    done
}

# Since Linux 6.14 it belongs to a namespace of process numbers; before, this would set the machine's.
@test "kernel.pid_max, exactly" {
    [ "$(printf '%s\n' 6.14 "$(uname -r)" | sort -V | head -1)" = 6.14 ] || skip "kernel.pid_max is the machine's here"
    unshare --pid --fork --mount-proc true 2>/dev/null || skip "no namespace can be made"
    as=(unshare --pid --fork --mount-proc sh -c 'echo 2000 >/proc/sys/kernel/pid_max && exec "$@"' sh)
    before=$(cat /proc/sys/kernel/pid_max)
    within "" threads --param stack=64KiB
    [ "$(cat /proc/sys/kernel/pid_max)" = "$before" ]
    stopped_by kernel.pid_max 2000
    agree 1
}
