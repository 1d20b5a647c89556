# SPDX-License-Identifier: MIT
# needs: switch-pair/switch
#
# The machine as a map: what it costs to hand over from a task on one PU to one on another. A panel
# a model and mechanism, a square a pair of PUs; both directions of a hop are in one figure, so that
# the map is symmetric. All panels share one logarithmic scale of colours: cividis (Nuñez, Anderton
# and Renslow 2018), whose brightness rises evenly for any colour vision and in print. A map of few
# PUs has its figures in the squares.

comma(p) = strstrt(p, ",")
one(p) = comma(p) ? p[4 : comma(p) - 1] : p[4 : *]
other(p) = comma(p) ? p[comma(p) + 1 : *] : p[4 : *]
alone(p) = p[1:3] eq "pu:" && !comma(p) && strstrt(p, "-") == 0

# The PUs that were measured alone are those of the map, by their number.
measured = ""
highest = -1
do for [p in placements_found] {
    if (alone(p)) {
        measured = measured." ".p[4:*]
        highest = int(p[4:*]) > highest ? int(p[4:*]) : highest
    }
}
pus = ""
do for [n = 0:highest] { if (has(measured, sprintf("%d", n))) { pus = pus.sprintf(" %d", n) } }
size = words(pus)
place_of(n) = position(pus, n)
# On the map: both of its PUs are, and each task was bound to its own.
on_map(p) = p[1:3] eq "pu:" && place_of(one(p)) && place_of(other(p)) && strstrt(strcol("params"), "bind=own")
mapped(s, by) = strcol("series") eq s && on_map(strcol("placement")) && \
                strstrt(strcol("params"), "by=".by) > 0 && column("median") > 0

# The other half of the map: what is on the diagonal is drawn once.
mirrors(mirror) = !mirror || comma(strcol("placement"))

# A panel a word: SERIES|MECHANISM.
panels = ""
do for [by in "channel pipe"] { do for [s in series] {
    stats $Data using (mapped(s, by) ? 1 : 0) nooutput
    if (STATS_max > 0) { panels = panels." ".s."|".by }
} }
bar(p) = strstrt(p, "|")
series_of(p) = p[1 : bar(p) - 1]
by_of(p) = p[bar(p) + 1 : *]
lowest = 1e99
highest = 0.0
do for [panel in panels] {
    stats $Data using (mapped(series_of(panel), by_of(panel)) ? mid(1) : NaN) nooutput
    lowest = STATS_min < lowest ? STATS_min : lowest
    highest = STATS_max > highest ? STATS_max : highest
}

set palette defined (0 "#00224e", 1 "#123570", 2 "#3b496c", 3 "#575d6d", 4 "#707173", \
                     5 "#8a8678", 6 "#a59c74", 7 "#c3b369", 8 "#e1cc55", 9 "#fee838")
if (panels ne "") {
    set logscale cb
    set cbrange [lowest / 1.2 : highest * 1.2]
    set xrange [0.5 : size + 0.5]
    set yrange [size + 0.5 : 0.5]
}
bright(value) = log(value / lowest) > 0.5 * log(highest / lowest + 1e-9)
cb_tics = 'set cbtics () scale 0.6; do for [e = -1:9] { set cbtics add (tic(1, e) 10.0 ** e); ' . \
    'if (highest / lowest < 200) { do for [m in "2 5"] { set cbtics add (tic(int(m), e) m * 10.0 ** e) } } }'
set xtics () scale 0
do for [n in pus] { set xtics add ("pu:".n place_of(n)) }
if (size > 8) { set xtics rotate font ",9" }
y_tics = 'set ytics () scale 0; do for [n in pus] { set ytics add (named ? "pu:".n : "" place_of(n)) }'
eval y_tics
unset grid
unset colorbox

question = "What does it cost to hand over to a task on another PU? (median of a hop)"
panel_count = words(panels) > 0 ? words(panels) : 1
cols = panel_count < 4 ? panel_count : panel_count == 4 ? 2 : 3
fine = highest / lowest < 200
entries = 4 # two rows of a legend: as high as the scale
legend = 'set label 2 "time per hop" at screen 0.06, screen 60.0 / height font ",11"'
eval open_panels
if (panels eq "") {
    set title "no pair of PUs was measured: -p pairs does it"
    plot [0:1] [0:1] NaN
}
do for [p = 1:words(panels)] {
    s = series_of(word(panels, p))
    by = by_of(word(panels, p))
    set title title_of(s).", by ".by
    if (p == words(panels)) {
        named = 1
        eval cb_tics
        set colorbox horizontal user origin screen 0.2, screen 54.0 / height size screen 0.7, screen 16.0 / height
        named = p % cols == 1 || cols == 1
    }
    plot for [mirror = 0:1] $Data \
             using (mapped(s, by) && mirrors(mirror) ? place_of(mirror ? other(strcol("placement")) : one(strcol("placement"))) : NaN): \
                   (place_of(mirror ? one(strcol("placement")) : other(strcol("placement")))): \
                   (0.5):(0.5):(mid(1)) \
             with boxxyerror lc palette fs solid border lc rgb "#ffffff", \
         for [mirror = 0:1] for [light = 0:1] $Data \
             using (size <= 8 && mapped(s, by) && mirrors(mirror) && bright(mid(1)) == light ? \
                        place_of(mirror ? other(strcol("placement")) : one(strcol("placement"))) : NaN): \
                   (place_of(mirror ? one(strcol("placement")) : other(strcol("placement")))):(human(mid(1))) \
             with labels font ",11" tc rgb (light ? "#000000" : "#ffffff")
    eval next_panel
}
unset multiplot
