#!/usr/bin/env bats
# Requests at planned times (bench/worker/schedule.c): a planted stall shows in the response time of
# all that was due meanwhile, and in the service time of one request alone. Judged by counts, at a
# rate that is far below what any machine can do.

load workers.bash
setup() { workers_setup; }

models=(async floor threads)
open=(--param load=open --param rate=200)

# metric NAME KIND: its samples or histogram, as a list of numbers separated by blanks.
metric() {
    local count i
    count=$(look -s metrics)
    for ((i = 0; i < count; i++)); do
        [ "$(look "metrics.$i.name")" = "$1" ] || continue
        look "metrics.$i.$2" | tr -c '0-9.e+-' ' '
        return 0
    done
    echo "no metric $1" >&2
    return 1
}

# above NS METRIC: how many of the histogram's samples are NS or more.
above() { metric "$2" histogram | awk -v least="$1" '{ for (i = 1; i < NF; i += 2) if ($i >= least) n += $(i + 1) } END { print n + 0 }'; }

@test "a stall of 100 ms is in the response time of what was due meanwhile, not in others' service time" {
    for model in "${models[@]}"; do
        worker "$model" run fanout-tcp --tasks 3 "${open[@]}" --time-ms 500 --stall-ms 100
        delivered ok
        holds observed.stall_ms 100
        # 200 a second: twenty were due in 100 ms, ten of them had to wait for 50 ms and more.
        [ "$(above 99000000 response)" -ge 1 ]
        [ "$(above 99000000 latency)" -ge 1 ]
        late=$(above 50000000 response) slow=$(above 50000000 latency)
        [ "$late" -ge 9 ] && [ $((late - slow)) -ge 8 ] || { echo "$model: $late late, $slow slow"; return 1; }
        metric missed_slots samples | awk '{ exit !($1 * 80 > 10 && $1 <= 1) }'
    done
}

@test "a closed loop omits what it did not send: one slow request, no response times" {
    for model in "${models[@]}"; do
        worker "$model" run fanout-tcp --tasks 3 --time-ms 100 --stall-ms 100
        delivered ok
        holds parameters.load closed
        [ "$(above 99000000 latency)" -ge 1 ]
        if metric response histogram 2>/dev/null; then return 1; fi
        if metric offered_rate samples 2>/dev/null; then return 1; fi
    done
}

@test "every slot is sent once, at the offered rate" {
    for model in "${models[@]}"; do
        worker "$model" run fanout-tcp --tasks 2 "${open[@]}" --laps 50
        delivered ok
        [ "$(above 0 latency)" -eq 50 ]
        [ "$(above 0 response)" -eq 50 ]
        [ "$(metric offered_rate samples | awk '{ printf "%.0f", $1 }')" -eq 200 ]
        metric achieved_rate samples | awk '{ exit !($1 > 0 && $1 < 201) }'
    done
}

@test "a response is never shorter than its service" {
    worker async run fanout-tcp --tasks 1 "${open[@]}" --laps 20
    paste <(metric response histogram | awk '{ print $1 }') <(metric latency histogram | awk '{ print $1 }') |
        awk '{ exit !($1 >= $2) }'
}

@test "show has service and response side by side, and report draws both" {
    TASKCOST_WORKERS=$build "$build/taskcost" run fanout-tcp -m async,floor -n 2 --rounds 1 --seed 1 \
        --param load=open,closed --param rate=half -o r.json 2>err 3>&-
    COLUMNS=200 "$build/taskcost" show r.json >tables
    sed -n '/^sent at planned times: service and response/,/^$/p' tables >head
    grep -qF "load=open" head
    [ "$(sed -n '/^sent at planned times/,/^system counters/p' tables | grep -cE '^fanout-tcp.* %')" -eq 2 ]
    [ "$(sed -n '/^latency, /,/^sent/p' tables | grep -cE '^fanout-tcp ')" -eq 2 ]
    TASKCOST_PLOTS=$root/plots "$build/taskcost" report r.json >out 2>err
    grep -q "sent at planned times" charts/fanout-latency.gp
    if command -v gnuplot >/dev/null; then grep -q "sent at planned times" charts/fanout-latency.svg; fi
}

@test "without a rate it is half of what the warm-up did" {
    for model in "${models[@]}"; do
        worker "$model" run fanout-tcp --tasks 2 --param load=open --time-ms 50
        delivered ok
        holds parameters.rate half
        metric offered_rate samples | awk '{ exit !($1 > 0) }'
    done
}

@test "loads and rates that cannot be" {
    for model in "${models[@]}"; do
        for rate in 0 x 1.5 -3 1000000001; do
            worker "$model" run fanout-tcp --tasks 1 --param load=open --param rate=$rate
            delivered failed
            look reason | grep -qF "rate: '$rate' is not a whole number"
        done
        worker "$model" run fanout-tcp --tasks 1 --param load=ajar
        delivered failed
        look reason | grep -qF "load 'ajar' is neither closed nor open"
        worker "$model" run fanout-tcp --tasks 1 --param rate=10
        delivered failed
        look reason | grep -qF "add load=open"
        worker "$model" run fanout-tcp --tasks 1 --param load=open --laps 3
        delivered failed
        look reason | grep -qF "give a rate"
        worker "$model" run null --stall-ms 0
        [ "$code" -eq 2 ]
        grep -qF -- "--stall-ms: '0' is not a whole number" err
    done
}
