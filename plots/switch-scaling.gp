# SPDX-License-Identifier: MIT
# needs: switch-channel/switch switch-pipe/switch switch-socket/switch
#
# One panel a mechanism, in the first placement that was measured (one-core where it was). A line
# ends where the model could go no further.

workloads = ""
do for [w in "switch-channel switch-pipe switch-socket"] {
    stats $Data using (strcol("workload") eq w ? 1 : 0) nooutput
    if (STATS_max > 0) { workloads = workloads." ".w }
}
where = word(placements, 1)
stats $Data using (strcol("placement") eq where ? column("tasks") : NaN) nooutput
fewest = STATS_min
most = STATS_max
stats $Data using (strcol("placement") eq where ? low(1) : NaN) nooutput
lowest = STATS_min
stats $Data using (strcol("placement") eq where ? high(1) : NaN) nooutput
set yrange [below(lowest) : above(STATS_max)]
set xrange [fewest / 1.5 : most * 1.5]
set logscale y
y_tics = time_tics
eval y_tics
eval tasks_axis
set grid xtics
set xlabel "number of tasks, log scale"
set ylabel "time per switch (median, 95 % interval), log scale"

question = "How does the number of tasks change the cost of a switch? (".place(where).")"
show_published = 1
panel_count = words(workloads)
cols = panel_count
eval open_panels
do for [p = 1:panel_count] {
    w = word(workloads, p)
    set title "woken through a ".w[8:*]
    plot for [i = 1:count] $Data \
             using (row(w, "switch", word(series, i), where) ? column("tasks") : NaN):(mid(1)):(low(1)):(high(1)) \
             with yerrorlines ls style(word(series, i)), \
         for [i = 1:count] $Published \
             using (published(w, "switch", word(series, i), where) ? 1.15 * column("tasks") : NaN):(column("value")) \
             with points ls style(word(series, i)) pt published_point ps 1.3 * ps lw 2
    eval next_panel
}
unset multiplot
