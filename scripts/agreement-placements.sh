#!/usr/bin/env bash
# Asks hwloc-calc what this suite's placements are, on the machines stored for the tests, on a made-up
# one with 512 PUs and on this one, and prints a tab-separated line a machine:
# placements-MACHINE, 1, how many locations mean the same set of PUs in both, how many there are.
# A location that only one of them understands counts as a difference, and is told on standard error.
#
#   scripts/agreement-placements.sh
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac

# Locations that each machine has some of: those of no machine must be refused by both.
locations=(pu:0 pu:1 pu:3 pu:0-1 pu:2- pu:all pu:even pu:odd pu:1:2 PU:0 core:0 core:1 core:0-1 core:all
    core:odd core:1- core:0:2 core:7 core:0.pu:0 core:1.pu:0 core:all.pu:0 package:0 package:1 package:all
    package:0.core:0 package:0.core:1 package:all.core:0 package:1.core:1.pu:0 package:0.pu:1 numa:0 numa:1
    numa:all numa:0.core:0 l3:0 l3:1 l3:0.core:0 l2:0 l2:2 l2:2.core:1-2 machine:0 machine:0.core:1)

# A set of OS indices as "0 1 2 8 " from "0-2,8", whatever its order; nothing when it was refused.
spread() { tr ',' '\n' | awk -F- 'NF { for (i = $1; i <= $NF; i++) print i }' | sort -n | tr '\n' ' '; }
ours() { "$build/taskcost" topology "$1" 2>/dev/null | cut -f2 | spread || true; }
theirs() { hwloc-calc "$@" 2>/dev/null | spread || true; }

compare() { # NAME [HWLOC-ARGUMENT...]
    local name=$1 same=0 location one other
    shift
    for location in "${locations[@]}"; do
        one=$(ours "$location") other=$(theirs "$@" -q --po -I PU "$location")
        if [ "$one" = "$other" ]; then
            same=$((same + 1))
        else
            echo "agreement: on $name $location is '$one' here and '$other' to hwloc-calc" >&2
        fi
    done
    echo "placements-$name	1	$same	${#locations[@]}"
}

unset HWLOC_SYNTHETIC HWLOC_XMLFILE
compare this-machine
for file in tests/harness/topologies/*.xml; do
    HWLOC_XMLFILE=$file compare "$(basename "$file" .xml)" -i "$file"
done
machine="package:2 numa:1 l3:8 core:16 pu:2"
HWLOC_SYNTHETIC=$machine compare made-up -i "$machine"
