/* SPDX-License-Identifier: MIT
 *
 * Why pinning takes away the threads' disadvantage: the same ring of threads bound to one core and
 * not, its time beside its switches, migrations and CPU time. One hop hands over to one other
 * task, so there is nothing to do in parallel, and what differs is how the next one is woken.
 */
#include "answers.h"

#include <math.h>
#include <string.h>

static const double helps = 1.1;           /* the interval of the ratio is above */
static const double more_switches = 1.25;  /* times as many switches a hop */
static const double moves = 0.5;           /* migrations a hop */
static const double about_the_same = 1.25; /* threads against async */
static const double some = 0.1;            /* of the time saved */
static const uint64_t usual_tasks = 500;   /* the published brigade's */
static const char *const rings[] = {"switch-channel", "switch-pipe", "switch-socket"};
static const char *const loose[] = {"free", "all"};

/* One ring of threads, loose and pinned. */
struct comparison {
    const struct tc_measurement *loose, *pinned;
    struct tc_effect gain; /* loose / pinned */
};

static double beside(const struct tc_results *results, const struct tc_measurement *m,
                     const char *metric)
{
    return tc__median(tc_counterpart(results, &m->cell, m->cell.model, NULL, 0, metric));
}

static double switches(const struct tc_results *results, const struct tc_measurement *m)
{
    return beside(results, m, "switches_voluntary") + beside(results, m, "switches_involuntary");
}

static double distance(uint64_t tasks)
{
    return fabs(log((double)tasks / (double)usual_tasks));
}

/* The ring of this workload and placement whose number of tasks is nearest to the usual one. */
static bool find(const struct tc_results *results, const char *workload, const char *placement,
                 struct comparison *best)
{
    *best = (struct comparison){0};
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (m->status != TC_OK || strcmp(m->cell.workload, workload) != 0 ||
            strcmp(m->metric, "switch") != 0 || strcmp(m->cell.model, "threads") != 0 ||
            strcmp(m->cell.placement, placement) != 0 || !tc__is_usual(&m->cell))
            continue;
        const struct tc_measurement *pinned =
            tc_counterpart(results, &m->cell, "threads", "one-core", 0, "switch");
        if (!pinned ||
            (best->loose && distance(m->cell.tasks) >= distance(best->loose->cell.tasks)))
            continue;
        *best = (struct comparison){m, pinned, tc_effect_ratio(m, pinned)};
    }
    return best->loose != NULL;
}

/* -- the table -- */

static void add_row(struct tc_answer *answer, const struct tc_results *results,
                    const struct tc_measurement *m)
{
    const struct tc_measurement *async =
        tc_counterpart(results, &m->cell, "async", NULL, 0, "switch");
    tc_table_row(answer->table);
    tc_table_cell(answer->table, m->cell.workload);
    tc_table_cell(answer->table, tc__quantity((double)m->cell.tasks, "count"));
    tc_table_cell(answer->table, m->cell.placement);
    tc_table_cell(answer->table, tc__quantity(tc__median(m), m->unit));
    tc_table_cell(answer->table, async ? tc__effect(tc_effect_ratio(m, async), "ratio") : "-");
    tc_table_cellf(answer->table, "%.2f", beside(results, m, "switches_voluntary"));
    tc_table_cellf(answer->table, "%.2f", beside(results, m, "switches_involuntary"));
    tc_table_cellf(answer->table, "%.2f", beside(results, m, "migrations"));
    tc_table_cell(answer->table, tc__percent(beside(results, m, "cpu_time") / tc__median(m)));
}

/* -- sentences -- */

static const char *cause_of(const struct tc_results *results, const struct comparison *it)
{
    double loose_switches = switches(results, it->loose);
    double pinned_switches = switches(results, it->pinned);
    double migrations = beside(results, it->loose, "migrations");
    if (!isfinite(loose_switches) || !isfinite(pinned_switches))
        return "the switches were not measured";
    if (loose_switches > more_switches * pinned_switches)
        return "there are more switches a hop";
    if (migrations >= moves)
        return "the threads move between cores";
    return "there are no more switches than on one core and the threads seldom move: each wake-up "
           "crosses to another core";
}

/* What became of the time that pinning saves. */
static void say_shares(struct tc_answer *answer, const struct tc_results *results,
                       const struct comparison *it)
{
    double saved = tc__median(it->loose) - tc__median(it->pinned);
    double cpu = beside(results, it->loose, "cpu_time") - beside(results, it->pinned, "cpu_time");
    if (!isfinite(cpu))
        return;
    double idle = (saved - cpu) / saved;
    if (idle > some)
        tc__say(answer,
                "Of the %s a hop that pinning saves there, %s is CPU time (the wake-up itself and "
                "what follows it on a cold core) and %s is time in which nothing ran: a core that "
                "had gone idle has to be fetched.",
                tc__quantity(saved, "ns"), tc__percent(1 - idle), tc__percent(idle));
    else
        tc__say(answer,
                "The %s a hop that pinning saves there is CPU time, not time in which "
                "nothing ran.",
                tc__quantity(saved, "ns"));
}

static void say_cause(struct tc_answer *answer, const struct tc_results *results,
                      const struct comparison *it)
{
    const struct tc_measurement *m = it->loose;
    if (it->gain.low > helps) {
        tc__say(answer, "%s with %s threads takes %s as long on %s as on one core; %s.",
                m->cell.workload, tc__quantity((double)m->cell.tasks, "count"),
                tc__effect(it->gain, "ratio"), m->cell.placement, cause_of(results, it));
        say_shares(answer, results, it);
    } else {
        tc__say(answer, "%s with %s threads: no gain from pinning is shown, %s on %s to one core.",
                m->cell.workload, tc__quantity((double)m->cell.tasks, "count"),
                tc__effect(it->gain, "ratio"), m->cell.placement);
    }
}

/* The dearest and the cheapest pair of PUs, where switch-pair was run. */
static void say_pairs(struct tc_answer *answer, const struct tc_results *results)
{
    const struct tc_measurement *together = NULL, *apart = NULL;
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        const char *by = tc_cell_param(&m->cell, "by");
        if (m->status != TC_OK || strcmp(m->cell.workload, "switch-pair") != 0 ||
            strcmp(m->metric, "switch") != 0 || strcmp(m->cell.model, "threads") != 0 ||
            !tc__is_usual(&m->cell) || !by || strcmp(by, "channel") != 0)
            continue;
        if (!together || tc__median(m) < tc__median(together))
            together = m;
        if (!apart || tc__median(m) > tc__median(apart))
            apart = m;
    }
    if (apart && apart != together)
        tc__say(answer,
                "Two threads that answer each other take %s a hop on %s and %s on %s, the "
                "nearest and the farthest pair: %s.",
                tc__quantity(tc__median(together), "ns"), together->cell.placement,
                tc__quantity(tc__median(apart), "ns"), apart->cell.placement,
                tc__effect(tc_effect_ratio(apart, together), "ratio"));
}

/* The answer in a sentence: over all rings, what pinning gains and what it leaves. */
static void say_summary(struct tc_answer *answer, const struct tc_results *results,
                        const struct comparison *all, size_t count)
{
    double least = INFINITY, most = 0, left_least = INFINITY, left_most = 0;
    size_t helped = 0, taken = 0, judged = 0;
    for (size_t i = 0; i < count; i++) {
        double left = tc_effect_ratio(all[i].pinned, tc_counterpart(results, &all[i].pinned->cell,
                                                                    "async", NULL, 0, "switch"))
                          .value;
        helped += all[i].gain.low > helps;
        least = fmin(least, all[i].gain.value);
        most = fmax(most, all[i].gain.value);
        judged += isfinite(left);
        taken += left <= about_the_same;
        left_least = fmin(left_least, left);
        left_most = fmax(left_most, left);
    }
    tc__say(answer, "Pinned to one core, threads are faster in %zu of %zu rings (%s to %s).",
            helped, count, tc__quantity(least, "ratio"), tc__quantity(most, "ratio"));
    if (judged > 0)
        tc__say(answer,
                "It takes their disadvantage away in %zu of %zu: on one core they take %s "
                "to %s as long as async.",
                taken, judged, tc__quantity(left_least, "ratio"), tc__quantity(left_most, "ratio"));
}

/* The comparison of each ring with the first loose placement there is, and all rows. */
static size_t compare_rings(struct tc_answer *answer, const struct tc_results *results,
                            struct comparison *found)
{
    size_t count = 0;
    for (size_t w = 0; w < TC_COUNT_OF(rings); w++) {
        struct comparison it;
        bool first = true;
        for (size_t p = 0; p < TC_COUNT_OF(loose); p++) {
            if (!find(results, rings[w], loose[p], &it))
                continue;
            if (first) {
                found[count++] = it;
                add_row(answer, results, it.pinned);
            }
            first = false;
            add_row(answer, results, it.loose);
        }
    }
    return count;
}

void tc__answer_pinning(const struct tc_results *results, struct tc_answer *answer)
{
    static const char *const columns[] = {"<workload",   "tasks",      "<placement",
                                          "threads",     "× async",    "voluntary",
                                          "involuntary", "migrations", "CPU busy"};
    tc__columns(answer, columns, TC_COUNT_OF(columns));
    struct comparison found[TC_COUNT_OF(rings)];
    size_t count = compare_rings(answer, results, found);
    if (count > 0)
        say_summary(answer, results, found, count);
    for (size_t i = 0; i < count; i++)
        say_cause(answer, results, &found[i]);
    say_pairs(answer, results);
    if (answer->sentences.count == 0)
        tc__say(answer, "Not measured in this file: it takes threads on one-core and on free or "
                        "all, in one of switch-channel, switch-pipe and switch-socket.");
}
