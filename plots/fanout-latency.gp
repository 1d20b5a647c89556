# SPDX-License-Identifier: MIT
# needs: fanout-tcp/latency
#
# One panel a placement; percentiles of all samples of all rounds. A percentile that too few samples
# carry is not drawn. 100 backends, or the number nearest to it that was measured.

workloads = "fanout-tcp"
wanted(s) = 100
eval choose_tasks
percentiles = "p50 p90 p99 p999 max"
any(m) = sum [i = 1:count] sum [p = 1:words(placements)] drawn(1, m, i, p)
stats $Data using (any("latency") ? column("p50") : NaN) nooutput
bottom = STATS_min
stats $Data using (any("latency") ? column("max") : NaN) nooutput
set yrange [below(bottom) : above(STATS_max)]
fine = STATS_max < 150 * bottom
set xrange [0.6:5.4]
set xtics ("50 %%" 1, "90 %%" 2, "99 %%" 3, "99.9 %%" 4, "slowest" 5) scale 0
set xlabel "percentile of all fan-outs\n(absent where samples are too few)"
set logscale y
y_tics = time_tics
eval y_tics
set ylabel "latency of one whole fan-out, log scale"
slot(k, i) = k + (i - (count + 1) / 2.0) * 0.75 / count

tasks = 0
do for [p = 1:words(placements)] { tasks = tasks > 0 ? tasks : chosen[cell(1, 1, p)] }
question = sprintf("How long does a request to %d backends take, and how long do the slowest?", tasks)
eval open_panels
do for [p = 1:words(placements)] {
    set title place(word(placements, p))
    plot for [i = 1:count] for [k = 1:5] $Data \
             using (drawn(1, "latency", i, p) ? slot(k, i) : NaN):(column(word(percentiles, k))) \
             with points ls style(word(series, i)), \
         for [i = 1:count] for [k = 1:5] $Data \
             using (drawn(1, "latency", i, p) ? slot(k, i) : NaN):(column(word(percentiles, k))): \
             (human(column(word(percentiles, k)))) with labels rotate left offset 0, 0.6 font ",9"
    eval next_panel
}
unset multiplot
