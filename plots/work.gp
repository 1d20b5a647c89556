# SPDX-License-Identifier: MIT
# needs: work/overhead
#
# One panel a placement: what a hop takes beyond its work, as a share of that work. Without any
# advantage the curves of two models would be one; where the threads' is under a line, so is the
# advantage.

work_at(p) = strstrt(p, "work=")
first_of(list) = strstrt(list, ",") ? list[1 : strstrt(list, ",") - 1] : list
work_of(p) = first_of(p[work_at(p) + 5 : *])
unit_at(w) = strstrt(w, "ns") + strstrt(w, "us") + strstrt(w, "ms")
unit_ns(w) = strstrt(w, "ns") ? 1.0 : strstrt(w, "us") ? 1e3 : 1e6
in_ns(w) = unit_at(w) > 1 ? real(w[1 : unit_at(w) - 1]) * unit_ns(w) : NaN
work_ns(c) = work_at(strcol(c)) ? in_ns(work_of(strcol(c))) : NaN
share(value) = 100.0 * value / work_ns("params")
# No logarithm of a difference that is not above 0, and no work that is none.
drawable(i, p) = row("work", "overhead", word(series, i), word(placements, p)) && \
                 work_ns("params") > 0 && mid(1) > 0
bottom = 0.02
stats $Data using (strcol("metric") eq "overhead" && work_ns("params") > 0 ? share(mid(1)) : NaN) nooutput
most = STATS_max
stats $Data using (work_ns("params") > 0 ? work_ns("params") : NaN) nooutput
set yrange [bottom : above(most)]
set xrange [STATS_min / 1.5 : STATS_max * 1.5]
set logscale xy
set xtics () nomirror
do for [e = 0:9] { set xtics add (sprintf("%g %s", 10.0 ** (e - scaled(e)), e < 3 ? "ns" : e < 6 ? "µs" : "ms") 10.0 ** e) }
y_tics = 'set ytics (); do for [e = -1:6] { set ytics add ' . \
    '(named ? (e < 4 ? sprintf("%g %%%%", 10.0 ** e) : sprintf("%gk %%%%", 10.0 ** (e - 3))) : "" 10.0 ** e) }'
eval y_tics
set grid xtics
set xlabel "work between two waits, log scale"
set ylabel "what a hop takes beyond its work (median, 95 % interval)"

question = "How much work between two waits makes the cost of a switch not matter?"
eval open_panels
do for [p = 1:panel_count] {
    set title place(word(placements, p))
    plot 10 with lines lc rgb "#888888" dt 2 lw 1.5, 1 with lines lc rgb "#888888" dt 2 lw 1.5, \
         for [i = 1:count] $Data \
             using (drawable(i, p) ? work_ns("params") : NaN):(share(mid(1))):\
                   (share(low(1)) > bottom ? share(low(1)) : bottom):(share(high(1))) \
             with yerrorlines ls style(word(series, i))
    eval next_panel
}
unset multiplot
