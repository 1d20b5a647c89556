#!/usr/bin/env bats
# `taskcost report`: scripts and pictures from a result file, with gnuplot, without it, and with one
# that fails.

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    build=${BUILD:-build}
    [[ $build == /* ]] || build=$root/$build
    taskcost=$build/taskcost
    export TASKCOST_PLOTS=$root/plots
    cd "$BATS_TEST_TMPDIR"
    unset LC_ALL
    export LANG=C
    complete_results >results.json
}

measurement() { # WORKLOAD MODEL PLACEMENT TASKS METRIC UNIT MEDIAN [STATUS]
    cat <<EOF
  {"workload": "$1", "model": "$2", "placement": "$3", "tasks": $4, "parameters": ${parameters:-{\}}, "metric": "$5",
   "unit": "$6", "status": "${8:-ok}", "reason": "as told", "rounds": [{"block": 0, "median": $7, "samples": [$7]}],
   "summary": {"rounds": 1, "samples": 1, "median": $7, "ci95": null, "mean": $7, "stddev": null,
     "min": $7, "max": $7, "p50": $7, "p90": null, "p99": null, "p999": null}}
EOF
}

document() { # reads measurements
    cat <<EOF
{"schema": "taskcost-results", "schema_version": 1,
 "run": {"id": "test", "started": "2026-01-02T03:04:05Z", "finished": null, "complete": false,
   "profile": "quick", "seed": 1, "command": "", "version": "1", "commit": "c"},
 "environment": {"host": "h"}, "warnings": [],
 "measurements": [
$(cat)
 ]}
EOF
}

# pairs PLACEMENT...: what switch-pair measured there.
pairs() {
    local comma='' parameters='{"by": "channel", "bind": "own"}' place
    for place in "$@"; do
        echo "$comma"; measurement switch-pair threads "$place" 2 switch ns 1300; comma=,
    done
}

complete_results() {
    local comma='' model metric kind work
    for model in floor async threads; do
        for metric in create create_to_body create_join; do
            echo "$comma"; measurement create $model one-core 1000 $metric ns 12.5; comma=,
        done
        for kind in yield channel pipe socket; do
            echo ,; measurement switch-$kind $model one-core 2 switch ns 250
        done
        for metric in resident page_tables kernel_stack slab total; do
            echo ,; measurement memory-idle $model one-core 500 memory_$metric B 96
        done
        echo ,; measurement fanout-tcp $model one-core 10 latency ns 30000
        echo ,; measurement fanout-tcp $model one-core 10 throughput operations/s 33000
        while read -r kind metric settings; do
            echo ,; parameters=$settings measurement "$kind" $model one-core 8 "$metric" ns 30
        done <<<'mutex lock {"locks": "one", "section": "empty"}
mutex lock {"locks": "one", "section": "yield"}
semaphore acquire {"permits": "4", "section": "yield"}
mpsc message {"capacity": "100"}
broadcast delivery {"capacity": "16", "sender": "waits"}'
        for work in 100ns 10us; do
            echo ,; parameters="{\"work\": \"$work\"}" measurement work $model one-core 2 overhead ns 250
        done
    done | cat - <(echo ,; pairs pu:0 pu:0,1 pu:1) | document
}

need_gnuplot() { command -v gnuplot >/dev/null || skip "gnuplot is not installed"; }

fake_gnuplot() { # BODY
    mkdir -p fake
    printf '#!/bin/sh\n[ "$1" = --version ] && exit 0\n%s\n' "$1" >fake/gnuplot
    chmod +x fake/gnuplot
    PATH=$PWD/fake:$PATH
}

figures=(creation fanout-latency fanout-scaling memory switch-media switch-pair switch-scaling switch sync work)

@test "every figure, as SVG and PNG, with no word from gnuplot" {
    need_gnuplot
    "$taskcost" report results.json >out 2>err
    [ ! -s err ]
    for figure in "${figures[@]}"; do
        [ "$(head -c 8 "charts/$figure.png" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
        grep -q '</svg>' "charts/$figure.svg"
        for format in gp svg png; do grep -qx "charts/$figure.$format" out; done
    done
    [ "$(wc -l <out)" -eq $((3 * ${#figures[@]})) ]
}

@test "a script draws itself again, alone and elsewhere" {
    need_gnuplot
    "$taskcost" report results.json -o first >/dev/null
    mkdir elsewhere
    mv first/charts/switch.gp elsewhere/
    cd elsewhere
    env -u TASKCOST_PLOTS gnuplot switch.gp
    cmp switch.svg ../first/charts/switch.svg
    cmp switch.png ../first/charts/switch.png
}

@test "published values are in the script" {
    "$taskcost" report results.json >/dev/null
    grep -q "^context-switch-brigade-threads-one-core.switch-socket.threads.threads/1MiB.one-core.500.switch.ns.3417$" \
        charts/switch.gp
}

@test "sharing: only what was measured as the figure wants it, and a word where nothing was" {
    need_gnuplot
    parameters='{"locks": "one", "section": "yield"}' measurement mutex async one-core 8 lock ns 30 | document >held.json
    "$taskcost" report held.json >out 2>err
    ! grep -v '^skipped ' err || false
    [ "$(grep -c '>30 ns<' charts/sync.svg)" -eq 1 ]
    parameters='{"locks": "own", "section": "empty"}' measurement mutex async one-core 8 lock ns 30 | document >own.json
    "$taskcost" report own.json >out 2>err
    ! grep -v '^skipped ' err || false
    ! grep -q '>30 ns<' charts/sync.svg || false
}

@test "an unknown model and placement are drawn too" {
    need_gnuplot
    { measurement switch-pipe tokio core:1 2 switch ns 5; echo ,
      measurement switch-pipe async core:1 2 switch ns 5; } | document >other.json
    "$taskcost" report other.json >out 2>err
    grep -qx charts/switch.png out
    grep -q tokio charts/switch.svg
    grep -q core:1 charts/switch.svg
}

@test "pairs of PUs: a map with its figures, and a word where no pair was measured" {
    need_gnuplot
    pairs pu:0 pu:0,10 pu:2 pu:0,2 pu:10 pu:2,10 | document >map.json
    "$taskcost" report map.json >out 2>err
    ! grep -v '^skipped ' err || false
    # A square a pair and one a PU alone, both halves.
    [ "$(grep -o '1\.3 µs' charts/switch-pair.svg | wc -l)" -eq 9 ]
    grep -q 'pu:10<' charts/switch-pair.svg
    pairs one-core pu:0,2 | document >map.json
    "$taskcost" report map.json >out 2>err
    ! grep -v '^skipped ' err || false
    grep -q 'no pair of PUs was measured' charts/switch-pair.svg
}

@test "a figure without data is skipped with a line, and the others are drawn" {
    need_gnuplot
    measurement create async free 10 create ns 5 | document >part.json
    "$taskcost" report part.json >out 2>err
    [ "$(cat out)" = "$(printf 'charts/creation.%s\n' gp svg png)" ]
    [ "$(wc -l <err)" -eq $((${#figures[@]} - 1)) ]
    grep -q "^skipped memory: part.json has no results for memory-idle/" err
}

@test "a failed cell is no data" {
    measurement create async free 10 create ns 5 failed | document >failed.json
    "$taskcost" report failed.json >out 2>err
    [ ! -s out ]
    grep -q "^skipped creation" err
}

@test "the folder of the result file is the default, -o another" {
    mkdir deep
    cp results.json deep/
    "$taskcost" report deep/results.json >/dev/null
    [ -s deep/charts/memory.gp ]
    "$taskcost" report --output=new/folder/ deep/results.json >/dev/null
    [ -s new/folder/charts/memory.gp ]
}

@test "without gnuplot: scripts, one line, exit 0" {
    fake_gnuplot ''
    printf '#!/bin/sh\nexit 127\n' >fake/gnuplot
    "$taskcost" report results.json >out 2>err
    [ "$(wc -l <out)" -eq "${#figures[@]}" ]
    [ "$(wc -l <err)" -eq 1 ]
    grep -q "gnuplot is missing" err
    grep -q '^\$Data << EOD' charts/memory.gp
}

@test "a gnuplot that fails: its message, the figure's name, exit 1" {
    fake_gnuplot 'echo "out of ink" >&2; exit 3'
    run "$taskcost" report results.json
    [ "$status" -eq 1 ]
    [[ "$output" == *"out of ink"* ]]
    [[ "$output" == *"gnuplot could not draw charts/creation.gp"* ]]
}

@test "a gnuplot that draws nothing is not believed" {
    fake_gnuplot ': >"${1%.gp}.svg"'
    run "$taskcost" report results.json
    [ "$status" -eq 1 ]
    [[ "$output" == *"left no picture in charts/creation.svg"* ]]
}

@test "no old picture passes for a new one" {
    fake_gnuplot 'echo x >"${1%.gp}.svg"; echo x >"${1%.gp}.png"'
    "$taskcost" report results.json >/dev/null
    fake_gnuplot 'exit 0'
    run "$taskcost" report results.json
    [ "$status" -eq 1 ]
    [ ! -e charts/creation.svg ]
}

@test "a new chart is one file" {
    mkdir plots
    cp "$TASKCOST_PLOTS"/style.gp plots/
    cat >plots/mine.gp <<'EOF'
# needs: create/create
question = "How long?"
y_tics = ""
eval open_panels
p = 1
set yrange [0:20]
set xrange [0:4]
plot for [i = 1:count] $Data using (row("create", "create", word(series, i), word(placements, p)) ? i : NaN):(mid(1)) \
    with points ls style(word(series, i))
eval next_panel
unset multiplot
EOF
    TASKCOST_PLOTS=$PWD/plots "$taskcost" report results.json >out 2>err
    grep -qx charts/mine.gp out
    [ ! -s err ] || grep -q "gnuplot is missing" err
    [ "$(grep -c '\.gp$' out)" -eq 1 ]
}

wrong() { # SENTENCE-PART ARGUMENT...
    local part=$1 code=0
    shift
    "$taskcost" report "$@" >out 2>err || code=$?
    [ "$code" -eq 2 ]
    [ ! -s out ]
    [ "$(wc -l <err)" -eq 1 ]
    grep -qF -- "$part" err
}

@test "bad input: exit 2, one sentence, nothing on standard output" {
    wrong "name the result file"
    wrong "--oops" results.json --oops
    wrong "second.json" results.json second.json
    wrong "missing.json" missing.json
    wrong "--output" results.json --output
    head -c 500 results.json >cut.json
    wrong "cut.json" cut.json
    sed s/taskcost-results/other/ results.json >foreign.json
    wrong "foreign.json" foreign.json
    sed '0,/12.5/s//NaN/' results.json >nan.json
    wrong "nan.json" nan.json
    : >file
    wrong "file/charts" results.json -o file
    TASKCOST_PLOTS=$PWD/nowhere wrong "nowhere" results.json
    mkdir plots
    cp "$TASKCOST_PLOTS"/style.gp plots/
    echo 'plot x' >plots/needy.gp
    TASKCOST_PLOTS=$PWD/plots wrong "needy.gp does not say what it needs" results.json
}
