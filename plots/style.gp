# SPDX-License-Identifier: MIT
#
# The look of every figure, and the words figures are written in: one colour and one point for each
# model, whichever figure it appears in. `taskcost report` puts this file between the data and a
# figure, so that a figure is one file that gnuplot can draw anywhere.
#
# Before it: figure (name), caption, series_found, placements_found, methods_found, all_series, and
# $Data, $Slopes and $Published, whose columns are named in their first line. After it: the figure,
# which opens its canvas with `eval open_panels`; the last line that report adds runs everything once
# more for the other format.
#
# Colours are those of Okabe and Ito (2008), chosen to be told apart with any colour vision; points
# differ too, so that a figure survives a black-and-white printer.

if (!exists("pass")) { pass = 1 }
reset
set datafile separator "\t"
set datafile columnheaders
set encoding utf8
set decimalsign "."

# -- models ----------------------------------------------------------------------------------------

# A series is a model, or MODEL/STACK where the stack size is not the system's default.
known_series = "floor async async-uring async-mt threads threads-pool threads/1MiB threads/64KiB"
has(list, name) = strstrt(" ".list." ", " ".name." ") > 0
series = ""
do for [s in known_series] { if (has(series_found, s)) { series = series." ".s } }
do for [s in series_found] { if (!has(known_series, s)) { series = series." ".s } }
count = words(series)

position(list, name) = sum [i=1:words(list)] (word(list, i) eq name ? i : 0)
# Line style of a series: its place among the known ones; a model unknown here gets one of four, by
# its place among such models of the whole document, so that it too looks the same in every figure.
others = ""
do for [s in all_series] { if (!has(known_series, s)) { others = others." ".s } }
style(s) = has(known_series, s) ? position(known_series, s) : 9 + (position(others, s) - 1) % 4
# What a point's size is to each terminal, evened out.
ps = pass == 1 ? 0.72 : 1.0
set style line 1  lc rgb "#555555" pt 4  ps 1.2 * ps lw 2 dt 2   # floor
set style line 2  lc rgb "#0072b2" pt 7  ps 1.3 * ps lw 2        # async
set style line 3  lc rgb "#009e73" pt 15 ps 1.4 * ps lw 2        # async-uring
set style line 4  lc rgb "#56b4e9" pt 13 ps 1.5 * ps lw 2        # async-mt
set style line 5  lc rgb "#d55e00" pt 9  ps 1.5 * ps lw 2        # threads
set style line 6  lc rgb "#000000" pt 8  ps 1.4 * ps lw 2        # threads-pool
set style line 7  lc rgb "#e69f00" pt 11 ps 1.5 * ps lw 2        # threads, 1 MiB stacks
set style line 8  lc rgb "#cc79a7" pt 5  ps 1.2 * ps lw 2        # threads, 64 KiB stacks
set style line 9  lc rgb "#009e73" pt 6  ps 1.4 * ps lw 2 dt 3   # any other model
set style line 10 lc rgb "#0072b2" pt 14 ps 1.4 * ps lw 2 dt 3
set style line 11 lc rgb "#000000" pt 6  ps 1.4 * ps lw 2 dt 3
set style line 12 lc rgb "#d55e00" pt 14 ps 1.4 * ps lw 2 dt 3
# A published value: a star in the colour of its model.
published_point = 3
set style line 20 lc rgb "#333333" pt published_point ps 1.3 * ps lw 2

cut(s) = strstrt(s, "/")
stack(s) = cut(s) ? s[cut(s) + 1 : *] : ""
spaced(size) = strstrt(size, "KiB") ? size[1 : strstrt(size, "KiB") - 1]." KiB" : \
               strstrt(size, "MiB") ? size[1 : strstrt(size, "MiB") - 1]." MiB" : size
title_of(s) = s eq "floor" ? "floor: no scheduler" : \
              cut(s) ? s[1 : cut(s) - 1].", ".spaced(stack(s))." stack" : \
              s eq "threads" && (has(series, "threads/1MiB") || has(series, "threads/64KiB")) ? \
              "threads, default stack" : s

# -- placements: one panel each --------------------------------------------------------------------

known_placements = "one-core smt-pair same-cache cross-package all free"
placements = ""
do for [p in known_placements] { if (has(placements_found, p)) { placements = placements." ".p } }
do for [p in placements_found] { if (!has(known_placements, p)) { placements = placements." ".p } }
place(p) = p eq "one-core" ? "one-core: bound to one core" : \
           p eq "all" ? "all: bound to all cores" : p eq "free" ? "free: not bound" : p

# -- choosing rows: functions for `using` ----------------------------------------------------------

# Requests in a closed loop, unless a figure says "open": those that were sent at planned times.
loop = "closed"
row(w, m, s, p) = strcol("workload") eq w && strcol("metric") eq m && \
                  strcol("series") eq s && strcol("placement") eq p && strcol("load") eq loop
# Rows of $Published: where the published stack size was not measured, its model as such.
their_series(c) = has(series, strcol(c)) ? strcol(c) : strcol("model")
published(w, m, s, p) = strcol("workload") eq w && strcol("metric") eq m && \
                        their_series("series") eq s && strcol("placement") eq p
# A figure over the number of tasks draws all of row(). One that shows a single number of tasks sets
# `workloads` and wanted(SERIES), says `eval choose_tasks` before any axis is logarithmic, and
# selects with drawn(WORKLOAD, METRIC, SERIES, PLACEMENT), all but the metric by number: that gives
# the measured number of tasks nearest to the wanted one; the same for all series if same_tasks.
same_tasks = 1
far(i) = abs(log(column("tasks") / wanted(word(series, i))))
# Where chosen[] keeps it; 0 is for a workload not measured in that placement.
cell(w, i, p) = ((w - 1) * words(placements) + p - 1) * count + i
near(w, i, p) = strcol("workload") eq word(workloads, w) && strcol("placement") eq word(placements, p) \
                && strcol("load") eq loop && (same_tasks || strcol("series") eq word(series, i)) ? far(i) : 1e9
shown(i) = sum [w = 1:words(workloads)] sum [p = 1:words(placements)] (strcol("series") eq word(series, i) && \
    strcol("workload") eq word(workloads, w) && strcol("placement") eq word(placements, p) && \
    strcol("load") eq loop && column("tasks") == chosen[cell(w, i, p)])
fill_chosen = 'array chosen[words(workloads) * words(placements) * count]; ' . \
    'do for [w = 1:words(workloads)] { do for [p = 1:words(placements)] { do for [i = 1:count] { ' . \
    'stats $Data using (near(w, i, p)) nooutput; distance = STATS_min; ' . \
    'stats $Data using (distance < 1e9 && near(w, i, p) < distance + 1e-9 ? column("tasks") : 0) nooutput; ' . \
    'chosen[cell(w, i, p)] = STATS_max } } }'
# A series that was not measured with any chosen number leaves the figure, and its key.
choose_tasks = fill_chosen.'; kept = ""; do for [i = 1:count] { ' . \
    'stats $Data using (shown(i)) nooutput; if (STATS_max > 0) { kept = kept." ".word(series, i) } }; ' . \
    'series = kept; count = words(series); '.fill_chosen
drawn(w, m, i, p) = row(word(workloads, w), m, word(series, i), word(placements, p)) && \
                    column("tasks") == chosen[cell(w, i, p)]
# A row without an interval (too few rounds) has a point and no bar.
low(unit) = (strcol("lo") eq "NaN" ? column("median") : column("lo")) / unit
high(unit) = (strcol("hi") eq "NaN" ? column("median") : column("hi")) / unit
mid(unit) = column("median") / unit

# "9.4 ns", "21 µs", "3.2 ms"
human(ns) = ns < 9.95 ? sprintf("%.1f ns", ns) : ns < 999.5 ? sprintf("%.0f ns", ns) : \
           ns < 9950 ? sprintf("%.1f µs", ns / 1e3) : ns < 999500 ? sprintf("%.0f µs", ns / 1e3) : \
           ns < 9.95e6 ? sprintf("%.1f ms", ns / 1e6) : sprintf("%.0f ms", ns / 1e6)
# Tics of a logarithmic axis in ns with such names (none where `named` is 0): `eval time_tics`. An
# axis of two decades or less (`fine`) has names at 2 and 5 too.
named = 1
fine = 0
scaled(e) = e < 3 ? 0 : e < 6 ? 3 : e < 9 ? 6 : 9
tic(m, e) = named && (m == 1 || fine) ? sprintf("%g %s", m * 10.0 ** (e - scaled(e)), \
    e < 3 ? "ns" : e < 6 ? "µs" : e < 9 ? "ms" : "s") : ""
time_tics = 'set ytics (); do for [e = -1:11] { set ytics add (tic(1, e) 10.0 ** e); ' . \
    'if (fine) { do for [m in "2 5"] { set ytics add (tic(int(m), e) m * 10.0 ** e) } } ' . \
    'else { do for [m = 2:9] { set ytics add ("" m * 10.0 ** e 1) } } }'
rate_tics = 'set ytics (); do for [e = -1:9] { set ytics add ' . \
    '(named ? word("0.1 1 10 100 1k 10k 100k 1M 10M 100M 1G", e + 2) : "" 10.0 ** e) }'
# "500", "100k", "1M"
short_number(n) = n < 1e4 ? sprintf("%d", n) : n < 1e6 ? sprintf("%gk", n / 1e3) : sprintf("%gM", n / 1e6)
tasks_text(n) = n == 1 ? "1 task" : short_number(n)." tasks"
# The whole decades around a range, a hair wider so that the outermost tics are inside.
below(value) = 10 ** (floor(log10(value) - 0.05) - 1e-6)
above(value) = 10 ** (ceil(log10(value) + 0.05) + 1e-6)
# "90 B", "31.5 KiB"
bytes(b) = b < 1024 ? sprintf("%.0f B", b) : sprintf("%.1f KiB", b / 1024.0)
# A logarithmic axis of numbers of tasks: `eval tasks_axis`.
tasks_axis = 'set logscale x; set xtics () nomirror; do for [e = 0:7] { ' . \
    'set xtics add (word("1 10 100 1k 10k 100k 1M 10M", e + 1) 10.0 ** e); ' . \
    'do for [m = 2:9] { set xtics add ("" m * 10.0 ** e 1) } }'

# -- canvas ----------------------------------------------------------------------------------------

set border 3 lc rgb "#444444"
set tics nomirror out
set grid ytics lc rgb "#dddddd" lw 1 lt 1
set key off
set bars 0.6

# The panels of all figures lie side by side, at most three in a row, one a placement unless the
# figure says otherwise. `eval open_panels` begins the figure, after `question` and panel_count are
# set; `eval next_panel` ends each panel but not the multiplot. What belongs to the whole figure is
# drawn with its first panel: the legend (labels with a point, since gnuplot's own key can't be
# told to stay clear of everything) and where the figures come from. More series make the canvas
# wider, more rows of panels make it higher. Sizes are in pixels from the edges.
panel_count = words(placements)
cols = panel_count < 3 ? panel_count : 3
gap_x = 24
gap_y = 128
show_published = 0
entries = 0 # of a figure with a legend of its own
width = count > 5 ? 256 * count : 1280

svg = 'set terminal svg size width, height dynamic noenhanced background "#ffffff" ' . \
    'font "Helvetica,Arial,sans-serif,11.5" fontscale 1.3'
png = 'set terminal pngcairo size width, height noenhanced background "#ffffff" font "Sans,11.5"'
open_panels = 'rows = (panel_count + cols - 1) / cols; ' . \
    'legend_rows = ((entries > 0 ? entries : count + show_published) + 2) / 3; foot = 122 + 29 * legend_rows; ' . \
    'height = 104 + foot + (rows > 1 ? 330 * rows + gap_y * (rows - 1) : 516); ' . \
    'eval (pass == 1 ? svg : png); set output figure.(pass == 1 ? ".svg" : ".png"); ' . \
    'set multiplot layout rows, cols margins 109.0 / width, 1 - 20.0 / width, ' . \
    'foot / (1.0 * height), 1 - 104.0 / height spacing gap_x / (1.0 * width), gap_y / (1.0 * height) ' . \
    'title question font ",17"; eval footer; eval legend'
footer = 'set label 1 caption at screen 16.0 / width, screen 14.0 / height left font ",9" tc rgb "#666666"'
entry_text(i) = title_of(word(series, i))
entry(i, ls) = sprintf("at screen %.4f, screen %.4f point ls %d offset 1.2, 0 font ',11'", \
    0.1 + (i - 1) % 3 * 0.3, (26 + 29 * (legend_rows - (i - 1) / 3)) / (1.0 * height), ls)
legend = 'do for [i = 1:count] { eval "set label ".(i + 1)." entry_text(i) ".entry(i, style(word(series, i))) }; ' . \
    'if (show_published) { ' . \
    'eval "set label ".(count + 2)." \"published, in the colour of its model\" ".entry(count + 1, 20) }'
next_panel = 'unset label; unset ylabel; named = p % cols == 0; eval y_tics'
