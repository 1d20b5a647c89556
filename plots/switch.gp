# SPDX-License-Identifier: MIT
# needs: switch-yield/switch switch-channel/switch switch-pipe/switch switch-socket/switch
#
# One panel a placement; in it one group a mechanism. 500 tasks, as published, or the number nearest
# to it that was measured.

workloads = ""
do for [w in "switch-yield switch-channel switch-pipe switch-socket"] {
    stats $Data using (strcol("workload") eq w ? 1 : 0) nooutput
    if (STATS_max > 0) { workloads = workloads." ".w }
}
groups = words(workloads)
wanted(s) = 500
eval choose_tasks
stats $Data using (low(1)) nooutput
lowest = STATS_min
stats $Data using (high(1)) nooutput
# Above the highest bar its label needs half a decade.
set yrange [below(lowest) : above(4 * STATS_max)]
set xrange [0.5:groups + 0.5]
set logscale y
y_tics = time_tics
eval y_tics
set xtics () scale 0
set ylabel "time per switch (median, 95 % interval), log scale"
slot(w, i) = w + (i - (count + 1) / 2.0) * (count < 4 ? 0.75 : 0.85) / count

question = "What does it cost to switch to another task, by the way it is woken?"
show_published = 1
eval open_panels
do for [p = 1:words(placements)] {
    set title place(word(placements, p))
    do for [w = 1:groups] {
        tasks = chosen[cell(w, 1, p)]
        set xtics add (word(workloads, w)[8:*]."\n".(tasks > 0 ? tasks_text(tasks) : "no data") w)
    }
    plot for [i = 1:count] for [w = 1:groups] $Data \
             using (drawn(w, "switch", i, p) ? slot(w, i) : NaN):(mid(1)):(low(1)):(high(1)) \
             with yerrorbars ls style(word(series, i)), \
         for [i = 1:count] for [w = 1:groups] $Data \
             using (drawn(w, "switch", i, p) ? slot(w, i) : NaN):(high(1)):(human(mid(1))) \
             with labels rotate left offset 0, 0.6 font ",9", \
         for [i = 1:count] for [w = 1:groups] $Published \
             using (published(word(workloads, w), "switch", word(series, i), word(placements, p)) \
                    && column("tasks") == chosen[cell(w, i, p)] ? slot(w, i + 0.5) : NaN) \
             :(column("value")) with points ls style(word(series, i)) pt published_point ps 1.3 * ps lw 2
    eval next_panel
}
unset multiplot
