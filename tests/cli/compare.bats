#!/usr/bin/env bats
# taskcost compare: two result files, a verdict a row, and an exit code to go by.

load driver

setup() {
    driver_setup
    result 100 >base.json
}

# result VALUE [SED-SCRIPT]: a result of one cell with eight rounds about VALUE.
result() {
    local rounds
    rounds=$(for i in 0 1 2 3 4 5 6 7; do
        awk -v i="$i" -v v="$1" 'BEGIN { x = v * (1 + i * 3 % 8 / 1000)
            printf "%s{\"block\":%d,\"median\":%g,\"samples\":[%g]}", i ? "," : "", i, x, x }'
    done)
    sed "${2-}" <<EOF
{"schema":"taskcost-results","schema_version":1,
"run":{"id":"test","started":"2026-11-21T20:00:00Z","finished":null,"complete":true,
"profile":"quick","seed":42,"command":"taskcost run","version":"0.1.0","commit":"abc"},
"environment":{"host":"testhost","cpu":{"model":"Test CPU","governor":{"absent":true}}},
"warnings":[],
"measurements":[{"workload":"switch-pipe","model":"async","placement":"one-core","tasks":2,
"parameters":{},"metric":"switch","unit":"ns","status":"ok","rounds":[$rounds],
"summary":{"rounds":8,"samples":8,"median":$1,"ci95":null,"mean":$1,"stddev":null,"min":$1,"max":$1,
"p50":$1,"p90":null,"p99":null,"p999":null}}]}
EOF
}

@test "the same file again: same, and exit code 0" {
    capture "$taskcost" compare base.json base.json
    [ "$code" -eq 0 ]
    says out "The same machine" "same: 1" "1.000"
    ! grep -q "what differs" out || false
    [ ! -s err ]
}

@test "worse: the row, the ratio, exit code 3" {
    result 110 >new.json
    capture "$taskcost" compare base.json new.json
    [ "$code" -eq 3 ]
    says out "worse: 1" "1.100" "100 ns" "110 ns"
    [ ! -s err ]
}

@test "better is exit code 0, and so is worse within --min-effect" {
    result 110 >new.json
    capture "$taskcost" compare new.json base.json
    [ "$code" -eq 0 ]
    says out "better: 1"
    capture "$taskcost" compare base.json new.json --min-effect 15
    [ "$code" -eq 0 ]
    says out "same: 1" "within 15 %"
}

@test "what differs around them comes first, with its three states" {
    result 100 's/"governor":{"absent":true}/"governor":"powersave"/; s/"commit":"abc"/"commit":"def"/' >new.json
    capture "$taskcost" compare base.json new.json
    [ "$code" -eq 0 ]
    grep -qE 'environment.cpu.governor +absent +powersave' out
    grep -qE 'run.commit +abc +def' out
    [ "$(grep -n governor out | cut -d: -f1)" -lt "$(grep -n 'new : base' out | cut -d: -f1 | head -1)" ]
}

@test "another machine: shown, not judged; nothing else there is exit code 4" {
    result 110 's/testhost/other/' >new.json
    capture "$taskcost" compare base.json new.json
    [ "$code" -eq 4 ]
    says out "Not known to be the same machine; host: testhost and other" "not judged: 1"
    says err "nothing could be judged"
}

@test "no common cell, another schema: exit code 4, one sentence, nothing on standard output" {
    result 100 's/switch-pipe/create/' >other.json
    echo '{"schema": "benchmark", "schema_version": 1}' >foreign.json
    for file in other.json foreign.json; do
        capture "$taskcost" compare base.json $file
        [ "$code" -eq 4 ]
        [ ! -s out ]
        [ "$(wc -l <err)" -eq 1 ]
        says err $file
    done
}

@test "a slowed down file is taken, and told" {
    result 110 's/"complete":true/"complete":true,"injected_percent":10/' >new.json
    capture "$taskcost" compare base.json new.json
    [ "$code" -eq 3 ]
    says out "slowed down by 10 % on purpose"
}

@test "--json: one document with rows, differences and totals" {
    result 110 >new.json
    capture "$taskcost" compare base.json new.json --json
    [ "$code" -eq 3 ]
    says out '"schema": "taskcost-comparison"' '"same_machine": true' '"verdict": "worse"' '"worse": 1'
    [ "$("$build/tests/json-look" out rows.0.base_rounds)" = 8 ]
}

@test "--markdown is a page" {
    capture "$taskcost" compare base.json base.json --markdown
    [ "$code" -eq 0 ]
    grep -q '^# base.json and base.json' out
    grep -q '^| workload | model |' out
}

# fake_run FILE [OPTION...]: a run of the fake worker's constant costs, six rounds.
fake_run() { "$taskcost" run constant -m fake -n 1000 --rounds 6 -o "$@" 2>/dev/null 3>&-; }

@test "--rerun: a false alarm is measured again before the verdict" {
    fake_run first.json
    fake_run slowed.json --inject 20
    sed 's/"injected_percent"/"another_key"/' slowed.json >alarm.json
    capture "$taskcost" compare first.json alarm.json
    [ "$code" -eq 3 ]
    cp alarm.json before.json
    capture "$taskcost" compare first.json alarm.json --rerun -o merged.json
    echo "exit $code"; cat out err
    [ "$code" -eq 0 ]
    says err "measuring 1 cell again"
    cmp alarm.json before.json
    "$taskcost" validate merged.json
    [ "$("$build/tests/json-look" merged.json measurements.0.summary.rounds)" = 12 ]
    [ "$("$build/tests/json-look" merged.json measurements.0.rounds.11.block)" = 11 ]
    [ "$("$build/tests/json-look" merged.json -s run.resumed)" = 1 ]
}

@test "--rerun: a change that is one is worse again" {
    fake_run first.json
    fake_run slowed.json --inject 20
    capture "$taskcost" compare first.json slowed.json --rerun
    [ "$code" -eq 3 ]
    says out "worse: 1"
}

@test "--rerun: nothing suspicious, another build, another machine, a file that is there" {
    fake_run first.json
    sed 's/"verdict": "noisy"/"verdict": "ok"/' first.json >quiet.json
    capture "$taskcost" compare quiet.json quiet.json --rerun
    [ "$code" -eq 0 ]
    says err "nothing is measured again"
    refused "at commit abc" "$taskcost" compare base.json base.json --rerun
    sed 's/"host": "[^"]*"/"host": "elsewhere"/' first.json >other.json
    refused "not both measured on this machine" "$taskcost" compare first.json other.json --rerun
    refused "is there already" "$taskcost" compare first.json first.json --rerun -o base.json
    refused "--rerun" "$taskcost" compare base.json base.json -o x.json
}

@test "one of the two may be standard input" {
    capture "$taskcost" compare - base.json <base.json
    [ "$code" -eq 0 ]
}

@test "wrong use" {
    refused "BASE and NEW" "$taskcost" compare
    refused "BASE and NEW" "$taskcost" compare base.json
    refused "'c' is a third" "$taskcost" compare base.json base.json c
    refused "standard input" "$taskcost" compare - -
    refused "no such file" "$taskcost" compare base.json none.json
    refused "--min-effect" "$taskcost" compare base.json base.json --min-effect -1
    refused "--min-effect" "$taskcost" compare base.json base.json --min-effect nan
    refused "--alpha" "$taskcost" compare base.json base.json --alpha 2
    refused "no file has 'swich'" "$taskcost" compare base.json base.json --metric swich
    refused "exclude each other" "$taskcost" compare base.json base.json --json --markdown
    echo '{"schema": "taskcost-results", "schema_version": 1}' >broken.json
    refused "broken.json" "$taskcost" compare base.json broken.json
}
