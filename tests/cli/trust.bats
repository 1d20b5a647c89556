#!/usr/bin/env bats
# scripts/trust.sh: what it counts, and what it says of a promise. Its runs are made beforehand, and
# what is there is not measured again.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    export FOLDER=$BATS_TEST_TMPDIR/runs OUT=$BATS_TEST_TMPDIR/trust.tsv PAIRS=2 QUICK=3
    export BUILD=${BUILD:-build}
    mkdir "$FOLDER"
    for i in 1 2; do
        made 100 >"$FOLDER/base-$i.json"
        made 100 >"$FOLDER/same-$i.json"
        made 105 >"$FOLDER/slow5-$i.json"
        made 120 >"$FOLDER/slow20-$i.json"
    done
    for i in 1 2 3; do made 100 >"$FOLDER/quick-$i.json"; done
}

# made VALUE: a whole run of one cell with eight rounds about VALUE, and an interval that holds it.
made() {
    local rounds
    rounds=$(for i in 0 1 2 3 4 5 6 7; do
        awk -v i="$i" -v v="$1" 'BEGIN { x = v * (1 + i * 3 % 8 / 1000)
            printf "%s{\"block\":%d,\"median\":%g,\"samples\":[%g]}", i ? "," : "", i, x, x }'
    done)
    printf '{"schema":"taskcost-results","schema_version":1,"run":{"id":"test","started":"2026-11-21T20:00:00Z",
"finished":null,"complete":true,"profile":"quick","seed":42,"command":null,"version":null,"commit":null},
"environment":{"host":"testhost","cpu":{"model":"Test CPU"}},"warnings":[],
"measurements":[{"workload":"switch-pipe","model":"async","placement":"one-core","tasks":2,"parameters":{},
"metric":"switch","unit":"ns","status":"ok","rounds":[%s],"summary":{"rounds":8,"samples":8,"median":%d,
"ci95":[%d,%d],"mean":null,"stddev":null,"min":null,"max":null,"p50":null,"p90":null,"p99":null,"p999":null}}]}' \
        "$rounds" "$1" "$1" "$(($1 + 2))"
}

# has NAME OF FOUND VERDICT: the table's line of that name.
has() {
    awk -F '\t' -v name="$1" -v of="$2" -v found="$3" -v verdict="$4" '
        $1 == name { seen = 1; good = $2 == of && $3 == found && $5 == verdict; if (!good) print }
        END { exit !(seen && good) }' "$OUT"
}

@test "every promise holds" {
    run scripts/trust.sh
    echo "$output"
    [ "$status" -eq 0 ]
    has "same program: rows called different" 2 0 holds
    has "5 % slower: pairs in which it is found" 2 2 holds
    has "20 % slower: rows called worse" 2 2 -
    has "quick runs: intervals that hold the pooled median" 3 3 holds
    [[ $output != *"run ended"* ]]
}

@test "a promise that fails is told, and is exit code 1" {
    made 110 >"$FOLDER/same-1.json"
    made 120 >"$FOLDER/quick-2.json"
    run scripts/trust.sh
    echo "$output"
    [ "$status" -eq 1 ]
    has "same program: rows called different" 2 1 fails
    has "same program: pairs with something worse" 2 1 -
    has "5 % slower: pairs in which it is found" 2 1 fails
    has "20 % slower: pairs in which it is found" 2 2 holds
    has "quick runs: intervals that hold the pooled median" 3 2 fails
}
