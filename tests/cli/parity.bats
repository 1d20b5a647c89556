#!/usr/bin/env bats
# Parity: in the counting build each model counts what its tasks did, operation by operation. The
# same workload with the same laps must give the same counts in every model, and those that its
# definition says: that the models do identical work is shown here and not assumed.

load workers.bash
setup() {
    workers_setup
    workers=$build/counting # what worker() runs
}

models=(async threads)

# counted MODEL WORKLOAD TASKS LAPS: runs it with the array `params`, and leaves its counts in the file counts-MODEL.
counted() {
    worker "$1" run "$2" --tasks "$3" --laps "$4" ${params[@]+"${params[@]}"}
    delivered ok || { echo "$*"; return 1; }
    holds tasks "$3" && look operation_counts >"counts-$1"
}

# parity WORKLOAD TASKS LAPS NAME=COUNT...: all models count these, and nothing else.
parity() {
    local workload=$1 tasks=$2 laps=$3 model item
    shift 3
    for model in "${models[@]}"; do
        counted "$model" "$workload" "$tasks" "$laps" || return 1
        for item in "$@"; do
            holds "operation_counts.${item%%=*}" $((${item#*=})) || { echo "$model $workload"; return 1; }
        done
        [ "$(grep -cE ': [1-9]' "counts-$model")" -eq $# ] ||
            { echo "$model $workload: more kinds than $*:"; cat "counts-$model"; return 1; }
    done
    diff counts-async counts-threads
}

# The sizes of all the tests: tasks and laps.
sizes=("2 1" "2 100" "5 1" "10 20" "50 3")

@test "create: a spawn and a join a task" {
    for size in "1 1" "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity create "$n" "$k" spawn=n*k join=n*k
    done
}

@test "compute: a spawn and a join a task" {
    for size in "1 1" "2 3" "5 1"; do
        read -r n k <<<"$size"
        parity compute "$n" "$k" spawn=n*k join=n*k
    done
}

@test "switch-channel: a send and a receive a hop, and one more lap to end" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity switch-channel "$n" "$k" spawn=n-1 join=n-1 "chan_send=n*(k+1)" "chan_recv=n*(k+1)"
    done
}

# More tokens make more of the same, whatever their number; 10 tasks and fewer than that many.
@test "switch-*: several tokens" {
    for tokens in 2 9; do
        params=(--param tokens=$tokens)
        for k in 1 20; do
            laps=$((k * tokens))
            parity switch-channel 10 "$k" spawn=9 join=9 "chan_send=10*($laps+1)" "chan_recv=10*($laps+1)"
            for medium in pipe socket tcp; do
                parity switch-$medium 10 "$k" spawn=9 join=9 "read=10*($laps+1)" "write=10*$laps"
            done
        done
    done
}

@test "work: the same as switch-channel" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity work "$n" "$k" spawn=n-1 join=n-1 "chan_send=n*(k+1)" "chan_recv=n*(k+1)"
    done
}

@test "switch-pipe: a write and a read a hop, and the end read once by each" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity switch-pipe "$n" "$k" spawn=n-1 join=n-1 "read=n*(k+1)" write=n*k
    done
}

@test "switch-pair: a send and a receive a hop, and the end received once" {
    for k in 1 100; do
        parity switch-pair 2 "$k" spawn=1 join=1 "chan_send=2*k" "chan_recv=2*k+1"
    done
}

@test "switch-socket, switch-tcp: the same as switch-pipe" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity switch-socket "$n" "$k" spawn=n-1 join=n-1 "read=n*(k+1)" write=n*k
        parity switch-tcp "$n" "$k" spawn=n-1 join=n-1 "read=n*(k+1)" write=n*k
    done
}

# How many bursts there are, and how often bystanders wake meanwhile, is the scheduler's.
@test "hog: the same tasks" {
    for how in plain=4 yield=4 blocking=4 none=3; do
        params=(--param "how=${how%=*}" --param burst=10us)
        for model in "${models[@]}"; do
            counted "$model" hog 5 20
            holds operation_counts.spawn "${how#*=}"
            holds operation_counts.join "${how#*=}"
            [ "$(look operation_counts.sleep_until)" -ge 21 ]
        done
    done
}

@test "cancel: each waits once and is joined" {
    for wait in event=event_wait timer=sleep_until channel=chan_recv; do
        params=(--param "wait=${wait%=*}")
        for size in "1 1" "5 2" "10 20"; do
            read -r n k <<<"$size"
            parity cancel "$n" "$k" spawn=n*k join=n*k latch_wait=k yield=k "${wait#*=}=n*k"
        done
    done
}

@test "timer: N started and stopped a lap, and five times N tasks that sleep" {
    for size in "1 1" "5 1" "10 20"; do
        read -r n k <<<"$size"
        parity timer "$n" "$k" spawn=5*n alarm_start=n*k alarm_stop=n*k yield=1 sleep_until=5*n event_wait=5*n latch_wait=10
    done
}

@test "memory-idle, memory-frame: one wait a task" {
    for n in 1 2 50 500; do
        parity memory-idle "$n" 1 spawn=n event_wait=n latch_wait=2 sleep_until=1
        parity memory-frame "$n" 1 spawn=n event_wait=n latch_wait=2 sleep_until=1
    done
}

@test "memory-sleep: one sleep a task, and two of the driver" {
    for n in 1 2 50 500; do
        parity memory-sleep "$n" 1 spawn=n sleep_until=n+2 latch_wait=1
    done
}

@test "memory-socket: one read a task" {
    for n in 1 2 50 500; do
        parity memory-socket "$n" 1 spawn=n read=n latch_wait=2 sleep_until=1
    done
}

# A message of 64 bytes comes in one piece over loopback, so that its reads and writes are
# determined too: request and answer, and the end that each backend reads.
@test "fanout-tcp: two writes and two reads a request" {
    for size in "1 1" "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity fanout-tcp "$n" "$k" spawn=2*n join=2*n connect=n accept=n "event_one_wait=n*(k+1)" \
            latch_wait=k "read=2*n*k+n" write=2*n*k
    done
}

@test "fanout-delay: each backend sleeps once a request besides" {
    params=(--param delay=1ms)
    for size in "1 1" "5 2" "10 5"; do
        read -r n k <<<"$size"
        parity fanout-delay "$n" "$k" spawn=2*n join=2*n connect=n accept=n "event_one_wait=n*(k+1)" \
            latch_wait=k sleep_until=n*k "read=2*n*k+n" write=2*n*k
    done
}

@test "fanout-file: a read a file" {
    for size in "1 1" "5 2" "10 5"; do
        read -r n k <<<"$size"
        parity fanout-file "$n" "$k" spawn=n join=n file_open=n "event_one_wait=n*(k+1)" latch_wait=k file_read=n*k
    done
}

@test "fanout-tcp at planned times: a sleep a request besides" {
    params=(--param load=open --param rate=10000)
    for size in "1 1" "5 1" "10 20"; do
        read -r n k <<<"$size"
        parity fanout-tcp "$n" "$k" spawn=2*n join=2*n connect=n accept=n "event_one_wait=n*(k+1)" \
            latch_wait=k sleep_until=k "read=2*n*k+n" write=2*n*k
    done
}

# Small messages go whole or not at all, so that each is one write and one read. Of 50 tasks 40 are a
# group, and the rest another.
@test "messaging: a write and a read a message" {
    for size in "2 1" "2 100" "5 1" "10 20"; do
        read -r n k <<<"$size"
        messages=$((n / 2 * (n - n / 2) * k))
        parity messaging "$n" "$k" spawn=n join=n "event_one_wait=2*n" latch_wait=1 \
            "read=$messages" "write=$messages"
    done
    parity messaging 50 3 spawn=50 join=50 event_one_wait=100 latch_wait=1 read=1275 write=1275
}

@test "switch-eventfd: a write and a read a hop, and one more lap to end" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity switch-eventfd "$n" "$k" spawn=n-1 join=n-1 "read=n*(k+1)" "write=n*(k+1)"
    done
}

@test "switch-futex: a wait a hop, where there are threads" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        counted threads switch-futex "$n" "$k"
        holds operation_counts.spawn $((n - 1))
        holds operation_counts.join $((n - 1))
        holds operation_counts.futex_wait $((n * (k + 1)))
        [ "$(grep -cE ': [1-9]' counts-threads)" -eq 3 ]
    done
}

# A crew (crew.h) waits to be told to go, works and, told to stop, ends.
@test "mutex, semaphore, philosophers: what they lock and how often they yield inside" {
    for size in "1 1" "${sizes[@]}"; do
        read -r n k <<<"$size"
        crew="spawn=n join=n event_one_wait=2*n latch_wait=1"
        for locks in one own; do
            params=(--param locks=$locks)
            # shellcheck disable=SC2086 # words
            parity mutex "$n" "$k" $crew mutex_lock=n*k
        done
        params=(--param section=yield)
        parity mutex "$n" "$k" $crew mutex_lock=n*k yield=n*k
        parity semaphore "$n" "$k" $crew semaphore_acquire=n*k yield=n*k
        params=()
        [ "$n" -eq 1 ] || parity philosophers "$n" "$k" $crew "mutex_lock=2*n*k" "yield=2*n*k"
    done
}

@test "granularity: a spawn and a join a share" {
    params=(--param job=100us)
    for size in "1 1" "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity granularity "$n" "$k" spawn=n*k join=n*k
    done
}

@test "rwlock, barrier: one lap in two writes; a wait a meeting" {
    for size in "1 1" "${sizes[@]}"; do
        read -r n k <<<"$size"
        crew="spawn=n join=n event_one_wait=2*n latch_wait=1"
        params=(--param writes=2 --param section=empty)
        # shellcheck disable=SC2086 # words
        if [ "$k" -gt 1 ]; then
            parity rwlock "$n" "$k" $crew "rwlock_read=n*(k-k/2)" "rwlock_write=n*(k/2)"
        else
            parity rwlock "$n" "$k" $crew rwlock_read=n
        fi
        params=()
        parity barrier "$n" "$k" $crew barrier_wait=n*k
    done
}

@test "mpsc: a send and a receive a message" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        for capacity in 1 100; do
            params=(--param capacity=$capacity)
            parity mpsc "$n" "$k" spawn=n-1 join=n-1 "event_one_wait=2*(n-1)" "chan_send=(n-1)*k" \
                "chan_recv=(n-1)*k"
        done
    done
}

# A sender that waits loses nothing; it waits once in 16 messages and after the last.
@test "broadcast: a receive a message and receiver, and one for the end" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        parity broadcast "$n" "$k" spawn=n-1 join=n-1 "latch_wait=(k+15)/16" "broadcast_recv=(n-1)*(k+1)"
    done
}

# How often the others yield meanwhile is the scheduler's, so that only what surrounds it is equal.
@test "switch-yield: the same tasks" {
    for size in "${sizes[@]}"; do
        read -r n k <<<"$size"
        for model in "${models[@]}"; do
            counted "$model" switch-yield "$n" "$k"
            holds operation_counts.spawn $((n - 1))
            holds operation_counts.join $((n - 1))
            holds operation_counts.latch_wait 1
            [ "$(look operation_counts.yield)" -ge "$k" ]
            [ "$(grep -cE ': [1-9]' "counts-$model")" -eq 4 ]
        done
    done
}

@test "null: nothing" {
    parity null 1 1000
}

@test "the measuring workers do not count" {
    for model in "${models[@]}"; do
        workers=$build worker "$model" run create --tasks 10 --laps 1
        delivered ok
        ! look operation_counts 2>/dev/null || { echo "$model counts"; return 1; }
    done
}
