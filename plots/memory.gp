# SPDX-License-Identifier: MIT
# needs: memory-idle/memory_*
#
# All that the machine gives for one idle task, by who holds it: the slope over the number of tasks
# where every series has at least eight of them, else what the largest number took. A thread takes
# hundreds of times what an async task does, so that what is too small to see on the first panel has
# a second one. The first placement that was measured.

workloads = "memory-idle"
kinds = "memory_resident memory_page_tables memory_kernel_stack memory_slab memory_kernel_other"
kind_title(k) = k == 1 ? "resident memory" : k == 2 ? "page tables" : k == 3 ? "kernel stack" : \
                k == 4 ? "slab: structures of the kernel" : k == 5 ? "other memory of the kernel" : \
                "the sum, as a control group counts it"
array kind_colour[6] = ["#332288", "#44aa99", "#ddcc77", "#aa4466", "#88ccee", "#000000"]
same_tasks = 0
wanted(s) = 1e9
eval choose_tasks

enough = 8
slopes_of(i) = row("memory-idle", "memory_total", word(series, i), word(placements, 1)) && column("tasks") >= enough
use_slopes = count > 0
do for [i = 1:count] {
    stats $Slopes using (slopes_of(i) ? 1 : 0) nooutput
    use_slopes = use_slopes && STATS_sum > 0
}
source = use_slopes ? "$Slopes" : "$Data"
picked(m, i) = use_slopes ? row("memory-idle", m, word(series, i), word(placements, 1)) : drawn(1, m, i, 1)
# Sum of an expression over the rows of a metric: eval sum_of("METRIC", "mid(1)") leaves STATS_sum.
sum_of(m, figure) = 'stats '.source.' using (picked("'.m.'", i) ? '.figure.' : 0) nooutput'

# Columns of $Bars: series, kind, bottom, top; of $Totals: series, total, low, high (0 where
# it was not measured); of $Groups: series, what its control group was charged with. In bytes.
array total[count]
set print $Bars
do for [i = 1:count] {
    total[i] = 0.0
    do for [k = 1:5] {
        eval sum_of(word(kinds, k), "mid(1)")
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
        eval sum_of("memory_total", word("mid(1) low(1) high(1)", k))
        part[k] = STATS_sum
    }
    print sprintf("%d\t%g\t%g\t%g", i, part[1], part[2], part[3])
    total[i] = part[3] > total[i] ? part[3] : total[i]
}
set print
set print $Groups
grouped = 0
do for [i = 1:count] {
    eval sum_of("memory_cgroup", "mid(1)")
    print sprintf("%d\t%g", i, STATS_sum)
    grouped = grouped || STATS_sum > 0
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
tasks_of(i) = use_slopes ? "" : "\n".tasks_text(chosen[cell(1, i, 1)])

do for [k = 1:6] { set style line 30 + k lc rgb kind_colour[k] pt (k == 6 ? 12 : 5) ps 1.6 * ps }
entries = 5 + grouped
legend = 'do for [k = 1:entries] { eval "set label ".(k + 1)." kind_title(k) ".entry(k, 30 + k) }'
set style fill solid 1.0 noborder
set datafile nocolumnheaders
y_tics = "set ytics auto"
question = (use_slopes ? "How much memory does one more idle task take?" : \
            "How much memory does the machine give for one idle task?")." (".place(word(placements, 1)).")"
if (methods_found ne "") {
    legend = legend.'; set label 90 "Read from ".methods_found at screen 16.0 / width, ' . \
             'screen 31.0 / height left font ",9" tc rgb "#666666"'
}
panel_count = words(tiny) > 0 && words(tiny) < count ? 2 : 1
cols = panel_count
gap_x = 100
eval open_panels
do for [p = 1:panel_count] {
    zoomed = p == 2
    unit = zoomed ? 1.0 : 1024.0
    set title zoomed ? "the small ones, magnified" : \
              use_slopes ? "all, as slopes over eight or more numbers of tasks" : "all"
    set xtics () scale 0
    do for [i = 1:count] { if (x(i) > 0) { set xtics add (short(word(series, i)).tasks_of(i) x(i)) } }
    set ylabel zoomed ? "bytes per task" : "KiB per task"
    set yrange [0 : 1.12 * (zoomed ? largest_tiny : biggest) / unit]
    set xrange [0.4 : (zoomed ? words(tiny) : count) + 0.6]
    plot for [k = 1:5] $Bars using (column(2) == k ? x(column(1)) : NaN):(column(3) / unit): \
             (x(column(1)) - 0.3):(x(column(1)) + 0.3):(column(3) / unit):(column(4) / unit) \
             with boxxyerror lc rgb kind_colour[k], \
         $Totals using (column(2) > 0 ? x(column(1)) : NaN):(column(3) / unit):(0):((column(4) - column(3)) / unit) \
             with vectors heads size graph 0.008, 90 nofilled lc rgb "#000000" lw 1.5, \
         $Groups using (column(2) > 0 ? x(column(1)) + 0.36 : NaN):(column(2) / unit) with points ls 36, \
         $Totals using (x(column(1))):(column(4) / unit): \
             (column(2) > 0 ? bytes(column(2)) : "") with labels offset 0, 0.8 font ",11"
    eval next_panel
}
unset multiplot
