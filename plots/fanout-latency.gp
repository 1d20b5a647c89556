# SPDX-License-Identifier: MIT
# needs: fanout-tcp/latency fanout-tcp/response
#
# One panel a placement; percentiles of all samples of all rounds. A percentile that too few samples
# carry is not drawn. 100 backends, or the number nearest to it that was measured. Where requests
# were also sent at planned times, a panel more for each such placement: the response time as the
# model's own symbol, and the service time as a plus below it.

workloads = "fanout-tcp"
wanted(s) = 100
stats $Data using (strcol("load") eq "closed") nooutput
closed_panels = STATS_max > 0 ? words(placements) : 0
loop = closed_panels > 0 ? "closed" : "open"
eval choose_tasks
percentiles = "p50 p90 p99 p999 max"
any(m) = sum [i = 1:count] sum [p = 1:words(placements)] drawn(1, m, i, p)
bottom = 1e300
top = 0
do for [l in "closed open"] {
    loop = l
    stats $Data using (any("latency") ? column("p50") : 1e300) nooutput
    bottom = STATS_min < bottom ? STATS_min : bottom
    stats $Data using (any("latency") || any("response") ? column("max") : 0) nooutput
    top = STATS_max > top ? STATS_max : top
}
opened = ""
do for [p = 1:words(placements)] {
    stats $Data using (sum [i = 1:count] drawn(1, "response", i, p)) nooutput
    if (STATS_max > 0) { opened = opened." ".p }
}
set yrange [below(bottom) : above(top)]
fine = top < 150 * bottom
set xrange [0.6:5.4]
set xtics ("50 %%" 1, "90 %%" 2, "99 %%" 3, "99.9 %%" 4, "slowest" 5) scale 0
set xlabel "percentile of all fan-outs\n(absent where samples are too few)"
set logscale y
y_tics = time_tics
eval y_tics
set ylabel "time of one whole fan-out, log scale"
slot(k, i) = k + (i - (count + 1) / 2.0) * 0.75 / count

tasks = 0
do for [p = 1:words(placements)] { tasks = tasks > 0 ? tasks : chosen[cell(1, 1, p)] }
question = sprintf("How long does a request to %d backends take, and how long do the slowest?", tasks)
panel_count = closed_panels + words(opened)
cols = panel_count < 3 ? panel_count : panel_count == 4 ? 2 : 3
eval open_panels
do for [panel = 1:panel_count] {
    loop = panel <= closed_panels ? "closed" : "open"
    place_number = loop eq "closed" ? panel : int(word(opened, panel - closed_panels))
    shown_metric = loop eq "closed" ? "latency" : "response"
    set title place(word(placements, place_number)).(loop eq "open" ? \
        "\nsent at planned times: response, and service (+)" : "")
    plot for [i = 1:count] for [k = 1:5] $Data \
             using (drawn(1, shown_metric, i, place_number) ? slot(k, i) : NaN):(column(word(percentiles, k))) \
             with points ls style(word(series, i)), \
         for [i = 1:count] for [k = 1:5] $Data \
             using (loop eq "open" && drawn(1, "latency", i, place_number) ? slot(k, i) : NaN):(column(word(percentiles, k))) \
             with points ls style(word(series, i)) pt 1, \
         for [i = 1:count] for [k = 1:5] $Data \
             using (drawn(1, shown_metric, i, place_number) ? slot(k, i) : NaN):(column(word(percentiles, k))): \
             (human(column(word(percentiles, k)))) with labels rotate left offset 0, 0.6 font ",9"
    p = panel
    eval next_panel
}
unset multiplot
