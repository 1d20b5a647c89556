# SPDX-License-Identifier: MIT
# needs: create/create create/create_to_body create/create_join
#
# One panel a placement; in it three groups, one for each thing that "create" may mean.

workloads = "create"
metrics = "create create_to_body create_join"
# As published: 10,000 tasks, 1,000 threads.
wanted(s) = s[1:7] eq "threads" ? 1000 : 10000
same_tasks = 0
eval choose_tasks
drawn_at_all(dummy) = sum [i = 1:count] shown(i)
stats $Data using (drawn_at_all(0) ? low(1) : NaN) nooutput
lowest = STATS_min
stats $Data using (drawn_at_all(0) ? high(1) : NaN) nooutput
# Above the highest bar its label needs half a decade.
set yrange [below(lowest) : above(4 * STATS_max)]
set xrange [0.5:3.5]
set logscale y
y_tics = time_tics
eval y_tics
set xtics ("spawn" 1, "spawn to its\nfirst instruction" 2, "spawn, run\nand join" 3) scale 0
set ylabel "time per task (median, 95 % interval), log scale"
slot(k, i) = k + (i - (count + 1) / 2.0) * 0.88 / count

question = "What does it cost to create a task?"
show_published = 1
entry_text(i) = title_of(word(series, i))." (".tasks_text(chosen[cell(1, i, 1)]).")"
eval open_panels
do for [p = 1:words(placements)] {
    set title place(word(placements, p))
    plot for [i = 1:count] for [k = 1:3] $Data \
             using (drawn(1, word(metrics, k), i, p) ? slot(k, i) : NaN):(mid(1)):(low(1)):(high(1)) \
             with yerrorbars ls style(word(series, i)), \
         for [i = 1:count] for [k = 1:3] $Data \
             using (drawn(1, word(metrics, k), i, p) ? slot(k, i) : NaN):(high(1)):(human(mid(1))) \
             with labels rotate left offset 0, 0.6 font ",9", \
         for [i = 1:count] for [k = 1:3] $Published \
             using (published("create", word(metrics, k), word(series, i), word(placements, p)) ? slot(k, i + 0.5) : NaN) \
             :(column("value")) with points ls style(word(series, i)) pt published_point ps 1.3 * ps lw 2
    eval next_panel
}
unset multiplot
