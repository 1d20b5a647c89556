#!/usr/bin/env bats
# `taskcost doctor`: what it says of this machine, and that it leaves it alone.

load driver.bash
setup() { driver_setup; }

@test "each check has a value and a verdict, and whatever it finds is no failure" {
    capture "$taskcost" doctor
    [ "$code" -eq 0 ]
    [ ! -s err ]
    for check in governor turbo smt aslr load cpu-quota steal clock-source huge-pages swap pid-max \
        max-map-count files perf-events numa-balancing irqbalance isolated build; do
        grep -qE "^$check +.* (ok|warn|unknown) " out || { echo "no $check"; cat out; return 1; }
    done
}

@test "a warning has the command that changes it" {
    HWLOC_SYNTHETIC="core:2 pu:1" capture "$taskcost" doctor
    [ "$code" -eq 0 ]
    grep -qE '^topology +no +warn ' out
    says out "topology: the topology is simulated" "  change  unset HWLOC_SYNTHETIC HWLOC_XMLFILE" \
        "Nothing was changed"
}

@test "commands are whole lines on the narrowest terminal" {
    HWLOC_SYNTHETIC="core:2 pu:1" COLUMNS=40 capture "$taskcost" doctor
    says out "  change  unset HWLOC_SYNTHETIC HWLOC_XMLFILE"
}

@test "--json is the same" {
    capture "$taskcost" doctor --json
    [ "$code" -eq 0 ]
    cp out doctor.json
    count=$("$build/tests/json-look" doctor.json -s "")
    [ "$count" -ge 30 ]
    "$build/tests/json-look" doctor.json 0.id 0.verdict 0.meaning >/dev/null
}

@test "it writes to nothing: every file that it opens is only read" {
    command -v strace >/dev/null || skip "strace is not installed"
    # The sanitizer's leak checker does not work in a traced process.
    ASAN_OPTIONS=detect_leaks=0 strace -f -o trace -e trace=openat,open,creat,rename,unlink,mkdir \
        "$taskcost" doctor >/dev/null
    grep -q 'O_RDONLY' trace
    ! grep -E 'O_WRONLY|O_RDWR|O_CREAT|creat\(|rename|unlink|mkdir' trace || false
}

@test "wrong use" {
    refused "takes no names, not even 'governor'" "$taskcost" doctor governor
    refused "unknown option '--fix'" "$taskcost" doctor --fix
}
