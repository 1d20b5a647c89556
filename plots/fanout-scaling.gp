# SPDX-License-Identifier: MIT
# needs: fanout-tcp/latency fanout-tcp/throughput
#
# One column a placement: above, the latency of one fan-out; below, the requests answered a second.

metrics = "latency throughput"
array bottom[2]
array top[2]
do for [m = 1:2] {
    stats $Data using (strcol("metric") eq word(metrics, m) ? mid(1) : 1e300) nooutput
    bottom[m] = STATS_min > 1e299 ? 1 : below(STATS_min)
    stats $Data using (strcol("metric") eq word(metrics, m) ? mid(1) : 0) nooutput
    top[m] = STATS_max > 0 ? above(STATS_max) : 10
}
stats $Data using (column("tasks")) nooutput
set xrange [STATS_min / 1.5 : STATS_max * 1.5]
set logscale y
eval tasks_axis
set grid xtics

question = "How do latency and throughput change with the number of backends?"
cols = words(placements)
gap_y = 56
panel_count = 2 * cols
eval open_panels
do for [m = 1:2] {
    y_tics = m == 1 ? time_tics : rate_tics
    named = 1
    eval y_tics
    set yrange [bottom[m] : top[m]]
    if (m == 1) { set ylabel "latency (median, 95 % interval)"; unset xlabel }
    if (m == 2) { set ylabel "requests per second"
                  set xlabel "number of backends, log scale" }
    do for [p = 1:cols] {
        if (m == 1) { set title place(word(placements, p)) } else { unset title }
        plot for [i = 1:count] $Data \
                 using (row("fanout-tcp", word(metrics, m), word(series, i), word(placements, p)) \
                        ? column("tasks") : NaN):(mid(1)):(low(1)):(high(1)) \
                 with yerrorlines ls style(word(series, i))
        eval next_panel
    }
}
unset multiplot
