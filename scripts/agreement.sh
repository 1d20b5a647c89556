#!/usr/bin/env bash
# Compares figures of this suite with those of independent tools, on this machine, now, and prints the
# raw readings as tab-separated lines: check, reading number, ours, theirs. docs/method.md is written
# from them by scripts/update-docs.sh. A tool that is not installed is left out, with a line on
# standard error.
#
#   scripts/agreement.sh > docs/reference/agreement.tsv
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
pairs=${PAIRS:-9}
cpu=$(($(getconf _NPROCESSORS_ONLN) - 1))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() {
    command -v "$1" >/dev/null || { echo "agreement: $1 is not installed; its check is left out" >&2 && return 1; }
}

worker() { taskset -c "$cpu" "$build/worker-$1" run "${@:2}"; }

# The median of the samples of one metric in a worker's object.
median() { # METRIC FILE
    tr -d '\n' <"$2" | grep -oE "\"name\": \"$1\",[^}]*\"samples\": \[[^]]*\]" |
        sed 's/.*\[//; s/\]//' | tr ',' '\n' | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

echo "# check	reading	ours	theirs"

# Two hops of our pipe ring of two are one operation of perf's ping-pong, both in ns, interleaved.
if have perf; then
    for i in $(seq "$pairs"); do
        worker threads switch-pipe --tasks 2 --time-ms 500 >"$work/pipe"
        ours=$(median switch "$work/pipe" | awk '{ print 2 * $1 }')
        theirs=$(taskset -c "$cpu" perf bench sched pipe -T -l 200000 2>/dev/null |
            awk '/usecs\/op/ { print 1000 * $1 }')
        echo "pipe	$i	$ours	$theirs"
    done
fi

# A message of our `messaging` with forty threads against perf's, in ns: one group of twenty senders
# and twenty receivers, 1,000 messages from each to each, from the start signal to the end.
if have perf; then
    for i in $(seq "$pairs"); do
        worker threads messaging --tasks 40 --laps 1000 >"$work/messaging"
        theirs=$(taskset -c "$cpu" perf bench sched messaging -t -g 1 -l 1000 2>/dev/null |
            awk '/Total time/ { print $3 * 1e9 / (20 * 20 * 1000) }')
        echo "messaging	$i	$(median message "$work/messaging")	$theirs"
    done
fi

# Switches a hop, voluntary and not, as the kernel counted them for the process (getrusage); exactly
# one is what the name of the benchmark promises.
for policy in batch other; do
    for tasks in 2 500; do
        for i in 1 2 3; do
            worker threads switch-socket --tasks "$tasks" --param "policy=$policy" --param stack=1MiB >"$work/socket"
            both=$(awk -v a="$(median switches_voluntary "$work/socket")" -v b="$(median switches_involuntary "$work/socket")" 'BEGIN { print a + b }')
            echo "switches-$policy-$tasks	$i	$both	1"
        done
    done
done

# System calls a hop, as strace counts them: 200 laps more make so many calls more. Three for the
# async model (send, wait, receive), two for threads and for the floor.
calls() { # MODEL LAPS
    strace -f -c -o "$work/calls" "$build/worker-$1" run switch-socket --tasks 50 --laps "$2" >/dev/null
    awk '$NF ~ /^(sendto|recvfrom|epoll_wait|epoll_pwait2|futex)$/ { sum += $4 } END { print sum }' "$work/calls"
}
if have strace; then
    for model in async threads floor; do
        few=$(calls "$model" 100) many=$(calls "$model" 300)
        echo "calls-$model	1	$(awk -v a="$few" -v b="$many" 'BEGIN { print (b - a) / 200 / 50 }')	$([ "$model" = async ] && echo 3 || echo 2)"
    done
fi

# Bytes a task against /proc and massif.
scripts/agreement-memory.sh

# Sets of PUs against hwloc-calc: how many locations mean the same to both, of how many.
if have hwloc-calc; then scripts/agreement-placements.sh; fi
