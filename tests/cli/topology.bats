#!/usr/bin/env bats
# `taskcost topology`, on this machine and on simulated ones.

load driver.bash
setup() { driver_setup; }

@test "this machine: placements and locations" {
    capture "$taskcost" topology
    [ "$code" -eq 0 ]
    [ ! -s err ]
    grep -qE '^  one-core +PU [0-9]+ ' out
    grep -qE '^  all +PU ' out
    grep -qE '^  free +PU ' out
    ! grep -q SIMULATED out || false
}

@test "every location that it prints can be used" {
    export HWLOC_SYNTHETIC="package:2 core:2 pu:2"
    capture "$taskcost" topology
    [ "$code" -eq 0 ]
    [ "$(grep -cE '^  package:[01]\.core:[01] +PU' out)" -eq 4 ]
    says out SIMULATED "package:1.core:1   PU 6-7"
}

@test "--json" {
    HWLOC_SYNTHETIC="package:2 core:2 pu:2" capture "$taskcost" topology --json
    [ "$code" -eq 0 ]
    says out '"real": false' '"packages": 2' '"cores": 4' '"pus": 8' '"smt": true' '"allowed": "0-7"'
}

@test "--xml writes what hwloc reads again" {
    HWLOC_SYNTHETIC="package:2 core:2 pu:2" capture "$taskcost" topology --xml machine.xml
    [ "$code" -eq 0 ]
    [ ! -s out ]
    HWLOC_XMLFILE=machine.xml capture "$taskcost" topology --json
    says out '"cores": 4' '"real": false'
}

@test "--xml - is standard output" {
    capture "$taskcost" topology --xml -
    [ "$code" -eq 0 ]
    says out '<topology' '</topology>'
}

@test "wrong use" {
    refused "'x' is not of the form TYPE:INDEX" "$taskcost" topology x
    refused "without --json or --xml" "$taskcost" topology --json one-core
    HWLOC_SYNTHETIC="core:2 pu:1" refused "placement 'smt-pair' is not on this machine" \
        "$taskcost" topology core:0 smt-pair
    refused "--xml lacks its value" "$taskcost" topology --xml
    refused "/nonexistent/x.xml: cannot be written" "$taskcost" topology --xml /nonexistent/x.xml
    refused "--json takes no value" "$taskcost" topology --json=1
    refused "did you mean '--json'" "$taskcost" topology --jsn
}

@test "a machine that hwloc cannot read" {
    HWLOC_SYNTHETIC="package:2 foo:3" refused "HWLOC_SYNTHETIC: 'package:2 foo:3'" "$taskcost" topology
    HWLOC_XMLFILE=/nonexistent.xml refused "HWLOC_XMLFILE: '/nonexistent.xml'" "$taskcost" topology
}

@test "placements as OS indices" {
    HWLOC_XMLFILE=$root/tests/harness/topologies/two-packages.xml \
        capture "$taskcost" topology smt-pair pu:0,3 pairs:2
    [ "$code" -eq 0 ]
    diff out - <<<"smt-pair	7,15
pu:0,3	0,9
pu:0	0
pu:0,14	0,7
pu:14	7"
}

@test "hwloc-calc thinks the same of every location" {
    command -v hwloc-calc >/dev/null || skip "hwloc-calc is not installed"
    capture "$root/scripts/agreement-placements.sh"
    [ "$code" -eq 0 ]
    cat out err
    [ "$(grep -c '^placements-' out)" -ge 5 ]
    [ "$(awk -F'\t' '$3 != $4 || $3 < 20' out)" = "" ]
}
