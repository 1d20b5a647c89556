# SPDX-License-Identifier: MIT
# needs: memory-idle/memory_*
#
# All that the machine gives for one idle task, by who holds it. A thread takes hundreds of times
# what an async task does, so that what is too small to see on the first panel has a second one.
# The largest number of tasks that was measured, in the first placement that was.

workloads = "memory-idle"
kinds = "memory_resident memory_page_tables memory_kernel_stack memory_slab"
kind_title(k) = k == 1 ? "resident memory" : k == 2 ? "page tables" : \
                k == 3 ? "kernel stack" : "slab: other structures of the kernel"
array kind_colour[4] = ["#332288", "#44aa99", "#ddcc77", "#aa4466"]
same_tasks = 0
wanted(s) = 1e9
eval choose_tasks

# Columns of $Bars: series, kind, bottom, top; of $Totals: series, total, low, high (0 where
# it was not measured). In bytes.
array total[count]
set print $Bars
do for [i = 1:count] {
    total[i] = 0.0
    do for [k = 1:4] {
        stats $Data using (drawn(1, word(kinds, k), i, 1) ? mid(1) : 0) nooutput
        part = STATS_sum > 0 ? STATS_sum : 0 # the noise of a whole-machine meter may be negative
        print sprintf("%d\t%d\t%g\t%g", i, k, total[i], total[i] + part)
        total[i] = total[i] + part
    }
}
set print
set print $Totals
do for [i = 1:count] {
    array part[3]
    do for [k = 1:3] {
        stats $Data using (drawn(1, "memory_total", i, 1) ? k == 1 ? mid(1) : k == 2 ? low(1) : high(1) : 0) nooutput
        part[k] = STATS_sum
    }
    print sprintf("%d\t%g\t%g\t%g", i, part[1], part[2], part[3])
    total[i] = part[3] > total[i] ? part[3] : total[i]
}
set print
biggest = 1.0
do for [i = 1:count] { biggest = total[i] > biggest ? total[i] : biggest }
tiny = ""
do for [i = 1:count] { if (total[i] < biggest / 20) { tiny = tiny." ".i } }
largest_tiny = 1.0
do for [i in tiny] { largest_tiny = total[int(i)] > largest_tiny ? total[int(i)] : largest_tiny }

x(i) = zoomed ? position(tiny, sprintf("%d", i)) : i
short(s) = s eq "floor" ? "floor" : cut(s) ? s[1 : cut(s) - 1]."\n".spaced(stack(s))." stack" : \
           s[1:7] eq "threads" ? s."\ndefault stack" : s
tasks_of(i) = "\n".tasks_text(chosen[cell(1, i, 1)])

do for [k = 1:4] { set style line 30 + k lc rgb kind_colour[k] pt 5 ps 1.6 * ps }
entries = 4
legend = 'do for [k = 1:4] { eval "set label ".(k + 1)." kind_title(k) ".entry(k, 30 + k) }'
set style fill solid 1.0 noborder
set datafile nocolumnheaders
y_tics = "set ytics auto"
question = "How much memory does the machine give for one idle task? (".place(word(placements, 1)).")"
panel_count = words(tiny) > 0 && words(tiny) < count ? 2 : 1
cols = panel_count
gap_x = 100
eval open_panels
do for [p = 1:panel_count] {
    zoomed = p == 2
    unit = zoomed ? 1.0 : 1024.0
    set title zoomed ? "the small ones, magnified" : "all"
    set xtics () scale 0
    do for [i = 1:count] { if (x(i) > 0) { set xtics add (short(word(series, i)).tasks_of(i) x(i)) } }
    set ylabel zoomed ? "bytes per task" : "KiB per task"
    set yrange [0 : 1.12 * (zoomed ? largest_tiny : biggest) / unit]
    set xrange [0.4 : (zoomed ? words(tiny) : count) + 0.6]
    plot for [k = 1:4] $Bars using (column(2) == k ? x(column(1)) : NaN):(column(3) / unit): \
             (x(column(1)) - 0.3):(x(column(1)) + 0.3):(column(3) / unit):(column(4) / unit) \
             with boxxyerror lc rgb kind_colour[k], \
         $Totals using (column(2) > 0 ? x(column(1)) : NaN):(column(3) / unit):(0):((column(4) - column(3)) / unit) \
             with vectors heads size graph 0.008, 90 nofilled lc rgb "#000000" lw 1.5, \
         $Totals using (x(column(1))):(column(4) / unit): \
             (column(2) > 0 ? bytes(column(2)) : "") with labels offset 0, 0.8 font ",11"
    eval next_panel
}
unset multiplot
