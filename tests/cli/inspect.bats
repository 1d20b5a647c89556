#!/usr/bin/env bats
# The inspect flavour of the runtime costs nothing where it is not built, and can't be mixed with the
# other by accident.

load driver.bash
setup() {
    driver_setup
    CC=${CC:-gcc}
}

# code FOLDER FILE FLAG...: the machine code of a source in that tree, without the names that objdump
# guesses for addresses that the linker will fill in.
code() {
    local folder=$1 file=$2
    shift 2
    "$CC" -std=gnu17 -D_GNU_SOURCE -O2 -I"$folder/base/include" -I"$folder/runtime/include" \
        -I"$folder/runtime/src" -I"$root/bench/models/include" -I"$root/bench/harness/include" \
        -DMODEL_HEADER='"model_async.h"' "$@" -c "$folder/$file" -o code.o &&
        objdump -d --no-show-raw-insn code.o | sed -E '1,3d; s/ <[^>]*>$//'
}

@test "with the hooks taken out of the sources, the machine code is the same" {
    command -v objdump >/dev/null || skip "no objdump"
    local file
    mkdir -p plain/bench
    cp -r "$root/base" "$root/runtime" plain/
    cp -r "$root/bench/workloads" plain/bench/
    # RT_SEE(...) and RT_SEEN(...) with balanced parentheses, wherever they stand but in their header.
    find plain/runtime -name '*.[ch]' ! -path '*/rt/inspect.h' -exec \
        perl -0pi -e 's/\bRT_SEEN?(\((?:[^()]++|(?1))*\))//g' {} +
    run grep -rl 'RT_SEE' plain/runtime
    [ "$output" = plain/runtime/include/rt/inspect.h ]
    for file in runtime/src/executor.c runtime/src/chan.c bench/workloads/switch_channel.c; do
        code "$root" "$file" >with
        code plain "$file" >without
        [ "$(wc -l <with)" -gt 100 ]
        cmp with without
        code "$root" "$file" -DRT_INSPECT=1 >inspected
        ! cmp -s with inspected || false
    done
}

@test "object files of one flavour do not link with the other's library" {
    echo '#include "rt/rt.h"
        int main(void) { return rt_executor_new(NULL) == NULL; }' >main.c
    link() { # FLAVOUR LIBRARY
        capture "$CC" -std=gnu17 -D_GNU_SOURCE -DRT_INSPECT="$1" -I"$root/base/include" \
            -I"$root/runtime/include" main.c "$build/$2" "$build/libbase.a" -pthread -o main
    }
    link 1 librt.a
    [ "$code" -ne 0 ]
    says err "rt__built_with_RT_INSPECT"
    link 0 librt-inspect.a
    [ "$code" -ne 0 ]
    says err "rt__built_without_RT_INSPECT"
}

@test "RT_TRACE makes a workload write its timeline as JSON" {
    export RT_TRACE=trace.json
    local look="$build/tests/json-look trace.json" count i kinds=''
    capture "$build/inspect/worker-async" run switch-channel --tasks 3 --laps 5
    [ "$code" -eq 0 ]
    [ "$($look otherData.overwritten)" -eq 0 ]
    count=$($look -s traceEvents)
    [ "$count" -gt 50 ]
    for ((i = 1; i < count; i += 7)); do
        $look "traceEvents.$i.ts" "traceEvents.$i.name" >/dev/null
        kinds+=$($look "traceEvents.$i.ph" "traceEvents.$i.cat" | tr '\n' ' ')
    done
    for kind in 'X poll' 'i wake' 's wake' 'f wake'; do
        [[ $kinds == *"$kind"* ]] || { echo "no $kind in $kinds"; return 1; }
    done
    says trace.json '"name":"spawn relay"' '"awaits":"rt_chan_recv in relay_body at value_ring.h:'
    RT_TRACE=/missing/trace.json capture "$build/examples/faults/04_wakes_itself"
    says err "rt: trace: /missing/trace.json cannot be written: No such file or directory"
}

# Row by row of "rt: ..." and of the counters on standard error.
@test "no workload polls in vain, loses a task or is blamed for anything but holding the loop" {
    local workload
    export RT_COUNTERS=1
    for workload in create switch-yield switch-channel switch-pipe switch-socket switch-tcp messaging \
        mutex semaphore mpsc broadcast philosophers timer cancel fanout-tcp server-http; do
        capture "$build/inspect/worker-async" run "$workload" --tasks 7 --laps 3
        [ "$code" -eq 0 ]
        says err "polls      " "spawned    "
        ! grep -E '^rt: |spurious|lost|busy wakes|failures|not joined|live tasks' err |
            grep -vE '^rt: stall: ' || { echo "$workload"; return 1; }
    done
}
