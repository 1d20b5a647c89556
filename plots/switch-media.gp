# SPDX-License-Identifier: MIT
# needs: switch-channel/switch switch-futex/switch switch-eventfd/switch switch-pipe/switch switch-socket/switch switch-tcp/switch
#
# One group a medium, from none of the kernel's to the whole network code, in the first placement
# that was measured (one-core where it was): threads and tasks pass the same value through the same
# thing. 100 tasks, or the number nearest to it that was measured.

workloads = ""
do for [w in "switch-channel switch-futex switch-eventfd switch-pipe switch-socket switch-tcp"] {
    stats $Data using (strcol("workload") eq w ? 1 : 0) nooutput
    if (STATS_max > 0) { workloads = workloads." ".w }
}
groups = words(workloads)
placements = word(placements, 1)
wanted(s) = 100
eval choose_tasks
bar(w, i) = drawn(w, "switch", i, 1)
any(dummy) = sum [w = 1:groups] sum [i = 1:count] bar(w, i)
stats $Data using (any(0) ? low(1) : 1e9) nooutput
lowest = STATS_min
stats $Data using (any(0) ? high(1) : lowest) nooutput
# Above the highest bar its label needs half a decade.
set yrange [below(lowest) : above(4 * STATS_max)]
set xrange [0.5:groups + 0.5]
set logscale y
y_tics = time_tics
eval y_tics
set xtics () scale 0
set ylabel "time per switch (median, 95 % interval), log scale"
slot(w, i) = w + (i - (count + 1) / 2.0) * (count < 4 ? 0.75 : 0.85) / count

question = "What does a switch cost when threads and tasks wait on the same thing?"
panel_count = 1
cols = 1
eval open_panels
set title place(placements)
do for [w = 1:groups] {
    tasks = chosen[cell(w, 1, 1)]
    set xtics add (word(workloads, w)[8:*]."\n".(tasks > 0 ? tasks_text(tasks) : "no data") w)
}
plot for [i = 1:count] for [w = 1:groups] $Data \
         using (bar(w, i) ? slot(w, i) : NaN):(mid(1)):(low(1)):(high(1)) \
         with yerrorbars ls style(word(series, i)), \
     for [i = 1:count] for [w = 1:groups] $Data \
         using (bar(w, i) ? slot(w, i) : NaN):(high(1)):(human(mid(1))) \
         with labels rotate left offset 0, 0.6 font ",9"
unset multiplot
