#!/usr/bin/env bats
# The workers themselves, without the driver: the protocol of docs/protocol.md, every workload in
# every model, wrong use, limits that are named, and a wrong answer that fails its round.

load workers.bash
setup() { workers_setup; }

models=(async floor threads)

# refused SENTENCE ARGUMENT...: exit 2, nothing on standard output, one line that holds SENTENCE.
refused() {
    local sentence=$1
    shift
    worker "${model:-threads}" "$@"
    [ "$code" -eq 2 ] || { echo "exit code $code: $*"; cat out err; return 1; }
    [ ! -s out ] || { echo "on standard output: $(head -3 out)"; return 1; }
    [ "$(wc -l <err)" -eq 1 ] || { echo "not one line: $(cat err)"; return 1; }
    grep -qF -- "$sentence" err || { echo "no '$sentence' in: $(cat err)"; return 1; }
}

# -- the list --

@test "list: all keys of the protocol are there" {
    for model in "${models[@]}"; do
        worker "$model" list
        [ "$code" -eq 0 ]
        [ ! -s err ]
        holds protocol taskcost-worker
        holds protocol_version 1
        holds model "$model"
        [ -n "$(look description)" ]
        look unsupported >/dev/null
        count=$(look -s workloads)
        [ "$count" -ge 8 ]
        for ((i = 0; i < count; i++)); do
            for key in name question metrics.0.name metrics.0.unit parameters tasks_min \
                tasks_default sweeps.0.profile sweeps.0.models sweeps.0.placements.0 \
                sweeps.0.tasks.0 sweeps.0.parameters; do
                [ -n "$(look "workloads.$i.$key")" ] || { echo "$model, workload $i: no $key"; return 1; }
            done
        done
    done
}

@test "list: the driver takes it, which is strict about names, counts and sweeps" {
    TASKCOST_WORKERS=$build "$build/taskcost" list --json >out 2>err 3>&-
    [ ! -s err ]
    "$build/tests/json-look" out "" >/dev/null
    for model in "${models[@]}"; do grep -q "\"$model\"" out; done
}

@test "list: all models have the same workloads or say why not, those of workloads.def" {
    sed -nE 's/^WORKLOAD\((.*)\)$/\1/p' "$root/bench/workloads/workloads.def" | tr _ - | sort >expected
    for model in "${models[@]}"; do
        { workloads "$model"; workloads "$model" unsupported; } | sort >found
        diff expected found
    done
}

@test "list: the stack is a parameter of the threads model alone, the default first" {
    for model in async floor; do
        worker "$model" list
        ! grep -q '"name": "stack"' out || { echo "$model has a stack"; return 1; }
    done
    worker threads list
    count=$(look -s workloads)
    for ((i = 0; i < count; i++)); do
        found=no
        for ((p = 0; p < $(look -s "workloads.$i.parameters"); p++)); do
            [ "$(look "workloads.$i.parameters.$p.name")" = stack ] || continue
            found=yes
            holds "workloads.$i.parameters.$p.values.0" default
            holds "workloads.$i.parameters.$p.open" true
        done
        [ "$found" = yes ]
    done
}

@test "a workload that a model can't run: why, in the list and as a skipped round" {
    for model in async threads floor; do
        workloads "$model" unsupported >unsupported
        if [ "$model" = async ]; then
            [ "$(cat unsupported)" = switch-futex ]
        else
            [ ! -s unsupported ]
        fi
    done
    worker async run switch-futex --laps 1
    delivered skipped
    holds reason "tasks don't sleep in the kernel: their executor does"
    holds metrics "[]"
    workloads threads-pool unsupported >unsupported
    grep -qx mutex unsupported
    ! grep -qx create unsupported || false
    worker threads-pool run mutex --laps 1
    delivered skipped
    look reason | grep -q "its tasks wait for each other"
}

# -- rounds --

@test "every workload in every model, some laps" {
    for model in "${models[@]}"; do
        for workload in $(workloads "$model"); do
            tasks=$(at_most "$workload" 4)
            worker "$model" run "$workload" --tasks "$tasks" --laps 3
            delivered ok || { echo "$model $workload"; return 1; }
            holds model "$model" && holds workload "$workload" && holds tasks "$tasks"
            [ -n "$(look metrics.0.name metrics.0.unit)" ]
            look parameters observed.cpus_allowed observed.cpus_seen.0 observed.clock_cost_ns \
                observed.clock_step_ns observed.duration_ns observed.build >/dev/null
        done
    done
}

@test "every workload in every model, some time" {
    for model in "${models[@]}"; do
        for workload in $(workloads "$model"); do
            worker "$model" run "$workload" --tasks "$(at_most "$workload" 3)" --time-ms 5
            delivered ok || { echo "$model $workload"; return 1; }
            [ "$(look -s metrics)" -ge 1 ]
        done
    done
}

@test "every workload with the fewest tasks it takes" {
    for model in "${models[@]}"; do
        worker "$model" list
        cp out whole.json
        count=$(look -s workloads)
        for ((i = 0; i < count; i++)); do
            read -r workload least <<<"$("$build/tests/json-look" whole.json \
                "workloads.$i.name" "workloads.$i.tasks_min" | tr '\n' ' ')"
            worker "$model" run "$workload" --tasks "$least" --laps 2
            delivered ok || { echo "$model $workload"; return 1; }
        done
    done
}

@test "a stack size is taken, named in the result, and one that cannot be is refused" {
    worker threads run create --tasks 2 --laps 1 --param stack=1MiB
    delivered ok && holds parameters.stack 1MiB
    worker threads run create --tasks 2 --laps 1
    delivered ok && holds parameters.stack default
    worker threads run create --tasks 2 --laps 1 --param stack=1
    delivered failed
    worker threads run create --tasks 2 --laps 1 --param stack=many
    delivered failed
    look reason | grep -qF "stack: 'many' is not a size"
}

@test "a scheduling policy is taken and named in the result" {
    worker threads run switch-channel --tasks 3 --laps 5 --param policy=batch
    delivered ok && holds parameters.policy batch
    worker threads run switch-channel --tasks 3 --laps 5
    delivered ok && holds parameters.policy other
    worker threads run switch-channel --tasks 3 --laps 5 --param policy=fifo
    delivered failed
    look reason | grep -qF "policy 'fifo' is neither other nor batch"
}

@test "what threads sleep on and the size of the futex hash are taken and named in the result" {
    local channel
    for channel in mutex-condition futex; do
        worker threads run switch-channel --tasks 3 --laps 5 --param "channel=$channel"
        delivered ok && holds parameters.channel "$channel"
    done
    worker threads run switch-channel --tasks 3 --laps 5 --param channel=pipe
    delivered failed
    look reason | grep -qF "channel 'pipe' is neither mutex-condition nor futex"
    worker threads run switch-channel --tasks 3 --laps 5 --param futex-hash=1024
    if [ "$(look status)" = skipped ]; then
        look reason | grep -qF 'PR_FUTEX_HASH'
    else
        delivered ok && holds parameters.futex-hash 1024
    fi
    worker threads run switch-channel --tasks 3 --laps 5 --param futex-hash=1000
    delivered failed
    look reason | grep -qF "futex-hash '1000' is no power of two"
}

@test "the pool has the threads it is told to have, and refuses what is no number of them" {
    local pool
    for pool in pus 1 5; do
        worker threads-pool run create --tasks 20 --laps 5 --param "pool=$pool" --param queue=3
        delivered ok && holds parameters.pool "$pool"
    done
    worker threads-pool run create --tasks 20 --laps 5 --param pool=0
    delivered failed
    look reason | grep -qF "pool: '0' is not a whole number from 1"
    worker threads-pool run switch-channel --tasks 3 --laps 5
    delivered skipped
    look reason | grep -qF 'its tasks wait for each other'
}

@test "a round that did not end well has a reason and no metrics" {
    worker threads run create --tasks 2 --laps 1 --param stack=1
    delivered failed
    holds metrics "[]"
    look reason | grep -q EINVAL
}

@test "tokens are fewer than the tasks" {
    for workload in switch-channel switch-pipe; do
        for model in "${models[@]}"; do
            worker "$model" run $workload --tasks 9 --laps 5 --param tokens=8
            delivered ok && holds parameters.tokens 8 && holds operations $((9 * 5 * 8))
            worker "$model" run $workload --tasks 8 --laps 5 --param tokens=8
            delivered failed
            look reason | grep -qF "tokens: '8' is not a whole number from 1 to 7"
        done
    done
}

# -- wrong use --

@test "wrong use: exit 2 and one sentence" {
    for model in "${models[@]}"; do
        refused "worker-$model: usage: list | run WORKLOAD"
        refused "usage:" lists
        refused "usage:" list more
        refused "expected the name of a workload" run
        refused "expected the name of a workload" run nothing-of-the-kind
        refused "expected the name of a workload" run ''
        refused "the last option lacks its value" run create --tasks
        refused "unknown option '--task'" run create --task 5
        refused "unknown option 'create'" run create create 5
        refused "is not NAME=VALUE of a parameter of create" run create --param colour=red
        refused "is not NAME=VALUE" run create --param stack
        refused "is not NAME=VALUE" run create --param =
    done
}

@test "counts that are none" {
    for count in '' 0 -1 12abc 1.5 ' 1' 4294967297 99999999999999999999; do
        refused "--tasks: '$count' is not a whole number from 1 to 4294967296" run create --tasks "$count"
    done
    refused "--tasks: '1' is not a whole number from 2" run switch-pipe --tasks 1
    refused "--tasks: '3' is not a whole number from 2 to 2" run switch-pair --tasks 3
    refused "--time-ms: '0' is not" run create --time-ms 0
    refused "--time-ms: '3600001' is not" run create --time-ms 3600001
    refused "--laps: '0' is not" run create --laps 0
}

@test "parameters that are none" {
    for setting in "mpsc capacity 0" "mpsc capacity many" "semaphore permits 0" "broadcast capacity -1"; do
        read -r workload name value <<<"$setting"
        for model in "${models[@]}"; do
            worker "$model" run "$workload" --laps 1 --param "$name=$value"
            delivered failed
            look reason | grep -qF "$name: '$value' is not a whole number from 1 to "
        done
    done
}

# -- limits --

# limited NAME: the last worker met that limit.
limited() {
    delivered limited || return 1
    holds limit.name "$1" && look limit.value limit.needed reason >limit || return 1
    [ "$(sed -n 2p limit | cut -d. -f1)" -ge "$(sed -n 1p limit | cut -d. -f1)" ] || { cat limit; return 1; }
    grep -qF "$1 is " limit || { echo "the reason does not name it:"; cat limit; return 1; }
    holds metrics "[]"
}

# Runs a worker under a limit: within SHELL-COMMAND MODEL ARGUMENT...
within() {
    local command=$1 model=$2
    shift 2
    code=0
    bash -c "$command exec \"\$@\"" limit ${as[@]+"${as[@]}"} "$build/worker-$model" "$@" >out 2>err 3>&- || code=$?
}

@test "descriptors: RLIMIT_NOFILE" {
    for model in "${models[@]}"; do
        for workload in switch-pipe switch-socket switch-tcp fanout-tcp; do
            within "ulimit -n 50;" "$model" run "$workload" --tasks 100 --laps 3
            limited RLIMIT_NOFILE || { echo "$model $workload"; return 1; }
            holds limit.value 50
        done
    done
}

@test "descriptors: a timer of the kernel takes one, one of the runtime none" {
    within "ulimit -n 50;" threads run timer --tasks 100 --laps 3
    limited RLIMIT_NOFILE
    within "ulimit -n 50;" async run timer --tasks 100 --laps 3
    delivered ok
}

@test "descriptors: the soft limit is raised to the hard one" {
    for model in "${models[@]}"; do
        within "ulimit -S -n 50;" "$model" run switch-pipe --tasks 100 --laps 3
        delivered ok || { echo "$model"; return 1; }
    done
}

# RLIMIT_NPROC does not bind root, so that root's test runs as somebody who has no process yet.
@test "threads: RLIMIT_NPROC" {
    as=()
    if [ "$(id -u)" -eq 0 ]; then
        command -v setpriv >/dev/null || skip "setpriv is not there, and root has no such limit"
        as=(setpriv --reuid=61234 --regid=61234 --clear-groups)
        "${as[@]}" test -x "$build/worker-threads" || skip "other users cannot reach $build"
    fi
    sanitized && skip "the sanitizer has a thread of its own"
    for workload in memory-idle switch-channel; do # those of create may end before the sixth begins
        within "ulimit -u 5;" threads run "$workload" --tasks 500 --laps 1
        limited RLIMIT_NPROC || { echo "$workload"; return 1; }
        holds limit.value 5
    done
    within "ulimit -u 5;" async run create --tasks 500 --laps 1
    delivered ok
}

@test "memory: RLIMIT_AS" {
    sanitized && skip "the sanitizer's shadow needs the whole address space"
    within "ulimit -v 400000;" threads run memory-idle --tasks 500 --param stack=8MiB
    limited RLIMIT_AS
    holds limit.value 409600000
    within "ulimit -v 100000;" async run memory-idle --tasks 5000000
    limited RLIMIT_AS
    within "ulimit -v 100000;" floor run memory-idle --tasks 5000000
    limited RLIMIT_AS
    for model in "${models[@]}"; do
        for workload in create switch-channel switch-yield fanout-tcp; do
            within "ulimit -v 100000;" "$model" run "$workload" --tasks 50000000
            limited RLIMIT_AS || { echo "$model $workload"; return 1; }
        done
    done
}

@test "memory is named although there are more threads on the machine than RLIMIT_NPROC allows" {
    [ "$(id -u)" -eq 0 ] || skip "only root may have more threads than that"
    sanitized && skip "the sanitizer's shadow needs the whole address space"
    within "ulimit -v 400000; ulimit -u 3;" threads run memory-idle --tasks 500 --param stack=8MiB
    limited RLIMIT_AS
}

# The cgroup of the processes that this test starts; needs root and a hierarchy that can be written.
pids_cgroup() {
    local root
    for root in /sys/fs/cgroup/pids /sys/fs/cgroup; do
        group=$root/taskcost-test-$$
        mkdir "$group" 2>/dev/null || continue
        if echo 20 2>/dev/null >"$group/pids.max"; then return 0; fi
        rmdir "$group"
    done
    return 1
}

@test "threads: the cgroup's pids.max" {
    pids_cgroup || skip "no pids cgroup can be made here"
    within "echo \$\$ >$group/cgroup.procs;" threads run memory-idle --tasks 500
    for _ in $(seq 100); do rmdir "$group" 2>/dev/null && break || sleep 0.05; done
    limited "cgroup pids.max"
    holds limit.value 20
}

# -- a wrong answer --

# The pipes of a running ring can be opened through /proc: a byte that no task wrote must fail the
# round, in every model and the floor, whoever reads it.
@test "a wrong answer fails the round" {
    for model in "${models[@]}"; do
        "$build/worker-$model" run switch-pipe --tasks 3 --laps 1000000000000 >out 2>err 3>&- &
        pid=$!
        pipe=
        for _ in $(seq 400); do
            # The descriptors of three pipes: the ring is whole.
            ends=$(find "/proc/$pid/fd" -lname 'pipe:*' 2>/dev/null | wc -l)
            [ "$ends" -ge 6 ] && pipe=$(find "/proc/$pid/fd" -lname 'pipe:*' | head -1) && break
            sleep 0.05
        done
        [ -n "$pipe" ] || { kill "$pid"; echo "$model: no pipe was seen"; return 1; }
        printf x >"$pipe"
        for _ in $(seq 400); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
        if kill "$pid" 2>/dev/null; then echo "$model: nobody noticed"; return 1; fi
        code=0
        wait "$pid" || code=$?
        delivered failed || { echo "$model"; return 1; }
        look reason | grep -q "must be" || { echo "$model: $(look reason)"; return 1; }
    done
}

@test "standard output that cannot be written" {
    code=0
    "$build/worker-floor" run null --laps 1 >/dev/full 2>err 3>&- || code=$?
    [ "$code" -eq 1 ]
    grep -q "standard output can't be written" err
}

# The smallest figure of the first metric in the object.
fastest() { look "metrics.0.$1" | tr -c '0-9.e+\n-' ' ' | awk 'NF { for (i = 1; i <= NF; i++) if (min == "" || $i < min) min = $i } END { print min }'; }

# The fastest of many samples and eleven times that: no noise makes them alike.
@test "--inject slows samples, single ones and histograms down" {
    for cell in "floor null samples" "async switch-channel samples" "async create samples" \
        "async fanout-tcp histogram.0.0"; do
        read -r model workload where <<<"$cell"
        worker "$model" run "$workload" --time-ms 20
        delivered ok
        plain=$(fastest "$where")
        worker "$model" run "$workload" --time-ms 20 --inject 1000
        delivered ok
        slowed=$(fastest "$where")
        echo "$workload: $plain, slowed down $slowed"
        awk -v a="$plain" -v b="$slowed" 'BEGIN { exit !(b > 2 * a) }'
    done
    model=floor refused "--inject" run null --inject 0
}

# -- switch-pair --

@test "switch-pair: each thread is on a PU of its own, and the process where it was put at the end" {
    pus=$(nproc)
    [ "$pus" -ge 2 ] || skip "there is only one PU"
    for by in channel pipe; do
        # Laps without end: it is ended below, when it has been seen.
        "$build/worker-threads" run switch-pair --param by=$by --laps 1000000000000 >out 2>err 3>&- &
        pid=$!
        for _ in $(seq 200); do
            seen=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/$pid/task/*/status | sort -u | grep -cE '^[0-9]+$' || true)
            [ "$seen" -lt 2 ] || break
            sleep 0.05
        done
        kill -KILL $pid
        wait $pid || true
        [ "$seen" -eq 2 ]
    done
    for model in "${models[@]}"; do
        worker "$model" run switch-pair --laps 5
        delivered ok
        look observed.cpus_allowed | tr ',' '\n' >found
        [ "$(wc -l <found)" -eq "$pus" ] || { echo "$model is left on $(cat found)"; return 1; }
    done
}

@test "switch-pair: both tasks share a placement of one PU, and all its choices work" {
    first=$(sed -n 's/^Cpus_allowed_list:\t\([0-9]*\).*/\1/p' /proc/self/status)
    for model in "${models[@]}"; do
        for by in channel pipe; do
            for bind in own none; do
                code=0
                taskset -c "$first" "$build/worker-$model" run switch-pair --laps 20 \
                    --param by=$by --param bind=$bind >out 2>err 3>&- || code=$?
                delivered ok && holds operations 40 && holds observed.cpus_allowed "$first"
                holds parameters.by $by && holds parameters.bind $bind
                worker "$model" run switch-pair --laps 20 --param by=$by --param bind=$bind
                delivered ok && holds operations 40
            done
        done
    done
}
