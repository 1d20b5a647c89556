#!/usr/bin/env bats
# `taskcost run` with a worker whose figures are known: the result, the exit codes, and every way to
# use it wrongly, each of which must be found before anything is measured.

load driver.bash
setup() { driver_setup; }

fake_run() { capture "$taskcost" run -m fake --rounds 2 "$@"; }

@test "-o - prints JSON alone on standard output" {
    fake_run constant -n 10 -p one-core -o -
    [ "$code" -eq 0 ]
    mv out result.json
    capture "$taskcost" validate result.json
    [ "$code" -eq 0 ]
    says result.json '"complete": true' '"stopped_by": "rounds"' '"median": 11'
}

@test "a file, and what standard error says of it" {
    fake_run constant -n 10 -o r.json
    [ "$code" -eq 0 ]
    [ ! -s out ]
    says err "the results are in r.json"
    capture "$taskcost" validate r.json
    [ "$code" -eq 0 ]
}

@test "without -o: results/DATE-HOST.json" {
    fake_run constant -n 10
    [ "$code" -eq 0 ]
    file=$(echo results/20??-??-??-??????-*.json)
    [ -s "$file" ]
    says err "the results are in $file"
}

@test "the seed decides the order and is recorded" {
    for log in a b; do
        fake_run constant drifting -n 10,20,30 --seed 7 --no-system-calls --param "log=$PWD/$log" -o "$log.json"
        [ "$code" -eq 0 ]
        sed -E 's/ [0-9]+$//' "$log" >"$log.order"
    done
    cmp a.order b.order
    [ "$(wc -l <a.order)" -eq 12 ]
    says a.json '"seed": 7'
    fake_run constant drifting -n 10,20,30 --seed 8 --no-system-calls --param "log=$PWD/c" -o c.json
    sed -E 's/ [0-9]+$//' c >c.order
    ! cmp -s a.order c.order || false
}

@test "profiles include the smaller ones" {
    fake_run constant --profile quick -o quick.json
    fake_run constant --profile default -o default.json
    [ "$(grep -c '"tasks": 1000' quick.json)" -eq 0 ]
    [ "$(grep -c '"tasks": 1000' default.json)" -gt 0 ]
    [ "$(grep -c '"tasks": 100,' default.json)" -gt 0 ]
}

@test "a cell that fails: exit 1, a line for it, the rest goes on" {
    fake_run crash constant garbage -n 10 -o r.json
    [ "$code" -eq 1 ]
    says err "failed: crash fake one-core n=10" "worker-fake was ended by SIGSEGV: about to fall" \
        "failed: garbage fake one-core n=10"
    [ "$(grep -c 'run: failed:' err)" -eq 2 ]
    says r.json '"status": "failed"' '"median": 11' '"complete": true'
    capture "$taskcost" validate r.json
    [ "$code" -eq 0 ]
}

@test "a cell that hangs ends at --round-limit" {
    fake_run hang -n 10 --round-limit 1 -o r.json
    [ "$code" -eq 1 ]
    says err "gave no result within its time limit of 1 s"
    no_workers
}

@test "limited and skipped cells do not fail a run" {
    fake_run limited skipped impossible -n 10 -o r.json
    [ "$code" -eq 0 ]
    says r.json '"status": "limited"' '"RLIMIT_NOFILE"' '"status": "skipped"' "this fake cannot" "fakes cannot"
}

@test "a child left behind is gone afterwards" {
    fake_run orphan -n 10 -o r.json
    [ "$code" -eq 0 ]
    no_workers
}

@test "--time-limit ends a run and says so" {
    capture "$taskcost" run slow -m fake -n 10 --profile full --time-limit 1 -o r.json
    [ "$code" -eq 0 ]
    says r.json '"stopped_by": "time"' '"complete": false'
}

@test "locations with commas" {
    HWLOC_SYNTHETIC="core:4 pu:1" fake_run constant -n 10 -p "pu:0,3,free" -o r.json
    [ "$code" -eq 1 ] # a simulated machine: pu:0,3 cannot be bound
    says err "failed: constant fake pu:0,3 n=10" "cannot be bound to PUs 0,3: the topology is simulated"
    ! grep -q "failed: constant fake free" err || false
    says r.json '"simulated"'
}

@test "warnings carry cause and remedy, and are stored" {
    HWLOC_SYNTHETIC="core:4 pu:1" fake_run constant -n 10 -p free -o r.json
    says err "warning: the topology is simulated: no placement can be bound; unset HWLOC_SYNTHETIC"
    says r.json '"id": "simulated"'
}

@test "the command line is recorded as it can be typed" {
    fake_run constant -n 10 --param "log=$PWD/it's here" -o r.json
    [ "$code" -eq 0 ]
    says r.json "'log=$PWD/it'\\\\''s here'"
}

@test "an injected slowdown is measured, told, and kept out of what is published" {
    fake_run constant -n 100 --inject 50 -o r.json
    [ "$code" -eq 0 ]
    says r.json '"injected_percent": 50' '"median": 151'
    capture "$taskcost" validate r.json
    [ "$code" -eq 0 ]
    says out "slowed down on purpose by --inject"
    capture "$taskcost" show r.json
    [ "$code" -eq 0 ]
    says out "SLOWED"
    for command in reproduce findings report; do
        refused "r.json was slowed down by 50 % on purpose (--inject)" "$taskcost" $command r.json
    done
    refused "--inject: '0'" "$taskcost" run constant --inject 0
    [ "$("$taskcost" run --help | grep -c -- --inject)" -eq 0 ]
    grep -q 'inject' "$root/docs/taskcost.1"
}

@test "the documents are not made from such a result" {
    fake_run constant -n 100 --inject 50 -o r.json
    capture "$root/scripts/update-docs.sh" --check "$PWD/r.json"
    [ "$code" -eq 2 ]
    says err "slowed down"
}

@test "progress is plain lines without a terminal" {
    fake_run constant -n 10,20 -o r.json
    says err "block 1, 0 rounds, 0 of 2 cells done, 0 s elapsed, at most"
    ! grep -q $'\r' err || false
}

@test "unknown names" {
    refused "there is no workload 'constnt'; did you mean 'constant'?" "$taskcost" run constnt
    refused "there is no workload ''" "$taskcost" run ''
    refused "there is no model 'golang'; there are:" "$taskcost" run -m golang
    refused "-m: 'fake,' holds an empty name" "$taskcost" run -m fake,
    refused "there is no profile 'fast'; there are: quick, default, full" "$taskcost" run --profile fast
    refused "there is no parameter" "$taskcost" run constant --param colour=red
}

@test "places that are not there" {
    refused "placement 'core:99'" "$taskcost" run constant -p core:99
    refused "expected one-core, smt-pair" "$taskcost" run constant -p twocore
    refused "placement ''" "$taskcost" run constant -p ''
}

@test "counts that are none" {
    for count in '' -1 12abc 99999999999999999999 0 1.5 ' 1' 1,,2; do
        refused "whole number from 1 to 1000000000" "$taskcost" run constant -n "$count"
    done
    refused "--rounds: '0'" "$taskcost" run constant --rounds 0
    refused "--time-limit: '-5'" "$taskcost" run constant --time-limit -5
    refused "--round-limit: '1h'" "$taskcost" run constant --round-limit 1h
    refused "--seed: '99999999999999999999'" "$taskcost" run constant --seed 99999999999999999999
    refused "-n: 1 is too few for constant" "$taskcost" run constant -n 1
}

@test "parameters that are none" {
    refused "'level' is not NAME=VALUE" "$taskcost" run constant --param level
    refused "is not a value of level of constant; expected 0, 5" "$taskcost" run constant --param level=high
}

@test "options that are none" {
    refused "unknown option '--round'; did you mean '--rounds'?" "$taskcost" run --round 3
    refused "-n lacks its value" "$taskcost" run -n
    refused "unknown option '-x'" "$taskcost" run -x
}

@test "a place that cannot be written is found before measuring" {
    log=$PWD/log
    refused "'/nonexistent/r.json' cannot be written" "$taskcost" run constant -m fake --param "log=$log" -o /nonexistent/r.json
    refused "is a folder" "$taskcost" run constant -m fake --param "log=$log" -o "$PWD"
    refused "expected a file, or - for standard output" "$taskcost" run constant -o ''
    [ ! -e "$log" ]
}

@test "no worker at all" {
    mkdir alone && cp "$taskcost" alone/
    TASKCOST_WORKERS=/nonexistent refused "no worker was found in /nonexistent" alone/taskcost run
}

@test "the topology lies beside the document, which names it" {
    fake_run constant -n 10 -p one-core,pu:0 --rounds 1 -o r.json
    [ "$code" -eq 0 ]
    [ "$("$build/tests/json-look" r.json environment.topology.file)" = r.topology.xml ]
    "$taskcost" topology --json >here.json
    HWLOC_XMLFILE=r.topology.xml "$taskcost" topology --json >there.json
    for key in cores pus caches; do
        diff <("$build/tests/json-look" here.json $key) <("$build/tests/json-look" there.json $key)
    done
    [ "$("$build/tests/json-look" r.json environment.placements.pu:0)" = "$("$taskcost" topology pu:0 | cut -f2)" ]
    fake_run constant -n 10 --rounds 1 -o plain
    [ -s plain.topology.xml ]
    mkdir -p one/run
    fake_run constant -n 10 --rounds 1 -o one/run/results.json
    [ -s one/run/topology.xml ]
    [ "$("$build/tests/json-look" one/run/results.json environment.topology.file)" = topology.xml ]
}

@test "without a file there is no topology beside it, and one that cannot be written stops the run" {
    fake_run constant -n 10 --rounds 1 -o -
    [ "$code" -eq 0 ]
    ! grep -q topology.xml out || false
    [ -z "$(find . -name '*topology.xml')" ]
    mkdir r.topology.xml
    refused "r.topology.xml: cannot be written" "$taskcost" run constant -n 10 --rounds 1 -o r.json
    [ ! -e r.json ]
}
