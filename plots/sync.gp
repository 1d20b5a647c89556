# SPDX-License-Identifier: MIT
# needs: mutex/lock semaphore/acquire mpsc/message broadcast/delivery
#
# One panel a placement; in it a group for each way to share. A mutex stands there twice: as it is,
# and with whoever has locked it letting the others run, who then have to wait. Eleven tasks, or the
# number nearest to it that was measured.

workloads = "mutex mutex semaphore mpsc broadcast"
metrics = "lock lock acquire message delivery"
choices = "section=empty,locks=one section=yield,locks=one permits=4,section=yield capacity=100 sender=waits,capacity=16"
names = "'mutex' 'mutex,\nwith a wait' 'semaphore' 'message\nto one' 'message\nto each'"
wanted(s) = 11
eval choose_tasks
chosen_value(c) = strstrt(",".strcol("params").",", ",".c.",") > 0
first_choice(c) = strstrt(c, ",") ? c[1 : strstrt(c, ",") - 1] : c
second_choice(c) = strstrt(c, ",") ? c[strstrt(c, ",") + 1 : *] : c
bar(g, i, p) = drawn(g, word(metrics, g), i, p) && chosen_value(first_choice(word(choices, g))) && \
               chosen_value(second_choice(word(choices, g)))
any(dummy) = sum [g = 1:5] sum [i = 1:count] sum [p = 1:words(placements)] bar(g, i, p)
# Where only other parameters were measured there are panels without data.
stats $Data using (any(0) ? low(1) : 1e9) nooutput
lowest = STATS_min < 1e9 ? STATS_min : 1
stats $Data using (any(0) ? high(1) : lowest) nooutput
# Above the highest bar its label needs half a decade.
set yrange [below(lowest) : above(4 * STATS_max)]
set xrange [0.5:5.5]
set logscale y
y_tics = time_tics
eval y_tics
set xtics () scale 0
set ylabel "time per operation (median, 95 % interval), log scale"
slot(g, i) = g + (i - (count + 1) / 2.0) * (count < 4 ? 0.75 : 0.85) / count

question = "What does it cost to share with other tasks: to lock, to take a permit, to send?"
eval open_panels
do for [p = 1:words(placements)] {
    set title place(word(placements, p))
    do for [g = 1:5] {
        tasks = chosen[cell(g, 1, p)]
        set xtics add (word(names, g)."\n".(tasks > 0 ? tasks_text(tasks) : "no data") g)
    }
    plot for [i = 1:count] for [g = 1:5] $Data \
             using (bar(g, i, p) ? slot(g, i) : NaN):(mid(1)):(low(1)):(high(1)) \
             with yerrorbars ls style(word(series, i)), \
         for [i = 1:count] for [g = 1:5] $Data \
             using (bar(g, i, p) ? slot(g, i) : NaN):(high(1)):(human(mid(1))) \
             with labels rotate left offset 0, 0.6 font ",9"
    eval next_panel
}
unset multiplot
