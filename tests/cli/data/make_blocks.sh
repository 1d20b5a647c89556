#!/usr/bin/env bash
# Prints a result file of switch-yield on one core with the rounds that the arguments say, one model
# each: MODEL=MEDIAN,MEDIAN,... in block 0, 1, ... (a median of - leaves that block out). No figure in
# it was measured.
set -u

cat <<'HEAD'
{"schema":"taskcost-results","schema_version":1,
"run":{"id":"test","started":"2026-11-21T20:00:00Z","finished":null,"complete":false,
"profile":"quick","seed":42,"command":"taskcost run","version":"0.1.0","commit":"abc"},
"environment":{"host":"testhost"},"warnings":[],"measurements":[
HEAD
comma=
for argument; do
    printf '%s{"workload":"switch-yield","model":"%s","placement":"one-core","tasks":500,
"parameters":{},"metric":"switch","unit":"ns","status":"ok","rounds":[' "$comma" "${argument%%=*}"
    comma=, block=0 separator=
    for median in $(tr , ' ' <<<"${argument#*=}"); do
        if [ "$median" != - ]; then
            printf '%s{"block":%d,"median":%s,"samples":[%s]}' "$separator" "$block" "$median" "$median"
            separator=,
        fi
        block=$((block + 1))
    done
    # No ci_level: the summary is made from the rounds when the file is read.
    printf '],"summary":{"rounds":0,"samples":0,"median":null,"ci95":null,"mean":null,"stddev":null,
"min":null,"max":null,"p50":null,"p90":null,"p99":null,"p999":null}}'
done
echo ']}'
