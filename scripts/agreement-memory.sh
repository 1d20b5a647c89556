#!/usr/bin/env bash
# The part of scripts/agreement.sh about memory: slopes of our meters between two numbers of tasks, in
# bytes a task, against other readers of the same.
#
#   rss-MODEL      memory_resident against VmRSS in /proc/PID/status, read by this shell again and again
#                  while the worker runs; of its readings the commonest in the upper half counts: the
#                  second in which all tasks wait
#   pages-async    memory_resident against the pages that valgrind's massif saw mapped
#   heap-4KiB      what 4 KiB held adds to an async task, against massif's heap
#
# Prints check, reading number, ours, theirs. Without valgrind its checks are left out, with a line on
# standard error.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
readings=${READINGS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The one sample of METRIC in a worker's object.
metric() { # METRIC FILE
    tr -d '\n' <"$2" | grep -oE "\"name\": \"$1\",[^}]*\"samples\": \[[^],]*" | sed 's/.*\[//'
}

# (B2 * N2 - B1 * N1) / (N2 - N1) for bytes a task; plain bytes have the weight 1.
slope() { # N1 B1 N2 B2 WEIGHTED
    awk -v n1="$1" -v b1="$2" -v n2="$3" -v b2="$4" -v weighted="$5" \
        'BEGIN { if (weighted) { b1 *= n1; b2 *= n2 } printf "%.6g", (b2 - b1) / (n2 - n1) }'
}

# -- /proc, by hand --

# The kibibytes of VmRSS of a process, a line each, for as long as it runs.
watch_rss() { # PID
    local key value rest
    while kill -0 "$1"; do
        while read -r key value rest; do
            if [ "$key" = VmRSS: ]; then
                echo "$value"
                break
            fi
        done <"/proc/$1/status" || true
    done 2>/dev/null
}

# Bytes resident while all tasks wait, which they do for a second here; the worker's object goes to
# $work/out.
resident() { # MODEL TASKS
    local pid
    "$build/worker-$1" run memory-idle --tasks "$2" --time-ms 20000 >"$work/out" &
    pid=$!
    watch_rss "$pid" >"$work/rss"
    wait "$pid"
    sort -n "$work/rss" | uniq -c | awk '{ seen[$2] = $1; max = $2 }
        END { for (v in seen) if (v + 0 > max / 2 && seen[v] > most) { most = seen[v]; at = v } print 1024 * at }'
}

rss() { # MODEL N1 N2
    local i small large ours_small
    for i in $(seq "$readings"); do
        small=$(resident "$1" "$2")
        ours_small=$(metric memory_resident "$work/out")
        large=$(resident "$1" "$3")
        printf 'rss-%s\t%s\t%s\t%s\n' "$1" "$i" \
            "$(slope "$2" "$ours_small" "$3" "$(metric memory_resident "$work/out")" 1)" \
            "$(slope "$2" "$small" "$3" "$large" 0)"
    done
}
rss threads 2000 4000
rss async 300000 600000

# -- massif --

# The most that massif saw, in bytes.
massif() { # PAGES TASKS [WORKLOAD [PARAM...]]
    local pages=$1 tasks=$2 workload=${3:-memory-idle}
    shift $(($# < 3 ? 2 : 3))
    valgrind -q --tool=massif --pages-as-heap="$pages" --massif-out-file="$work/massif" \
        "$build/worker-async" run "$workload" --tasks "$tasks" "$@" >/dev/null 2>"$work/valgrind" ||
        { cat "$work/valgrind" >&2 && return 1; }
    awk -F= '/^mem_heap_B=/ { heap = $2 } /^mem_heap_extra_B=/ && heap + $2 > max { max = heap + $2 }
        END { printf "%d", max }' "$work/massif"
}

ours() { # N1 N2 [WORKLOAD [PARAM...]]: the slope of memory_resident
    local n1=$1 n2=$2 workload=${3:-memory-idle} small
    shift $(($# < 3 ? 2 : 3))
    "$build/worker-async" run "$workload" --tasks "$n1" "$@" >"$work/out"
    small=$(metric memory_resident "$work/out")
    "$build/worker-async" run "$workload" --tasks "$n2" "$@" >"$work/out"
    slope "$n1" "$small" "$n2" "$(metric memory_resident "$work/out")" 1
}

command -v valgrind >/dev/null ||
    { echo "agreement: valgrind is not installed; its checks are left out" >&2 && exit 0; }
for i in $(seq "$readings"); do
    printf 'pages-async\t%s\t%s\t%s\n' "$i" "$(ours 500000 1000000)" \
        "$(slope 500000 "$(massif yes 500000)" 1000000 "$(massif yes 1000000)" 0)"
    held=$(ours 5000 10000 memory-frame --param frame=4KiB)
    plain=$(ours 500000 1000000)
    printf 'heap-4KiB\t%s\t%s\t%s\n' "$i" "$(awk -v a="$held" -v b="$plain" 'BEGIN { printf "%.6g", a - b }')" \
        "$(slope 5000 "$(massif no 5000 memory-frame --param frame=4KiB)" 10000 "$(massif no 10000 memory-frame --param frame=4KiB)" 0)"
done
