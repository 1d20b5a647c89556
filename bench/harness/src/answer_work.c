/* SPDX-License-Identifier: MIT
 *
 * How much work between two waits makes the choice of model not matter: the workload `work` from no
 * computation a hop to a millisecond.
 *
 * What threads take longer is (their overhead - async's overhead) / async's hop, block by block.
 * The overheads already have the computation taken off that was timed in their own round, so that
 * a machine which changes its speed between two rounds does not pass for an advantage.
 */
#include "answers.h"

#include "base/parse.h"
#include "harness/crossing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 64 };
static const double levels[] = {0.10, 0.01};

/* The curve of one placement and number of tasks. */
struct curve {
    const struct tc_cell *cell;
    struct tc_point points[MOST_POINTS];
    size_t count;
};

static bool is_overhead(const struct tc_measurement *m)
{
    return m->status == TC_OK && strcmp(m->cell.workload, "work") == 0 &&
           strcmp(m->cell.model, "threads") == 0 && strcmp(m->metric, "overhead") == 0 &&
           tc__is_usual(&m->cell);
}

static double work_of(const struct tc_cell *cell)
{
    const char *work = tc_cell_param(cell, "work");
    uint64_t ns;
    return work && tc_parse_duration(work, "work", UINT64_MAX, &ns, NULL) == 0 ? (double)ns : NAN;
}

static struct tc_effect advantage(const struct tc_results *results, const struct tc_measurement *m)
{
    struct tc_series async =
        tc_series_of(tc_counterpart(results, &m->cell, "async", NULL, 0, "overhead"));
    struct tc_series hop = tc_series_of(tc_counterpart(results, &m->cell, "async", NULL, 0, "hop"));
    struct tc_series share =
        tc_series_combine(tc_series_combine(tc_series_of(m), '-', async), '/', hop);
    struct tc_effect effect = tc_series_effect(&share);
    tc_series_free(&share);
    return effect;
}

/* -- curves -- */

static int by_work(const void *left, const void *right)
{
    const struct tc_point *a = left, *b = right;
    return (a->x > b->x) - (a->x < b->x);
}

static bool on_curve(const struct tc_cell *cell, const struct tc_measurement *m)
{
    struct tc_cell like = {0};
    tc_cell_copy(&like, cell);
    tc_cell_set_param(&like, "work", tc_cell_param(&m->cell, "work"));
    bool same = tc_cell_same_plan(&like, &m->cell);
    tc_cell_clear(&like);
    return same;
}

static struct curve curve_through(const struct tc_results *results,
                                  const struct tc_measurement *head)
{
    struct curve curve = {.cell = &head->cell};
    for (size_t i = 0; i < results->measurement_count && curve.count < MOST_POINTS; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (!is_overhead(m) || isnan(work_of(&m->cell)) || !on_curve(&head->cell, m))
            continue;
        struct tc_point point = {work_of(&m->cell), advantage(results, m)};
        if (isfinite(point.y.value))
            curve.points[curve.count++] = point;
    }
    qsort(curve.points, curve.count, sizeof *curve.points, by_work);
    return curve;
}

/* Whether an earlier measurement lies on the same curve. */
static bool is_told(const struct tc_results *results, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_overhead(&results->measurements[i]) &&
            on_curve(&results->measurements[i].cell, &results->measurements[index]))
            return true;
    return false;
}

/* -- telling -- */

static void add_rows(struct tc_answer *answer, const struct curve *curve)
{
    for (size_t i = 0; i < curve->count; i++) {
        const struct tc_point *point = &curve->points[i];
        tc_table_row(answer->table);
        tc_table_cell(answer->table, curve->cell->placement);
        tc_table_cell(answer->table, tc__quantity((double)curve->cell->tasks, "count"));
        tc_table_cell(answer->table, tc__quantity(point->x, "ns"));
        tc_table_cell(answer->table, tc__percent(point->y.value));
        tc_table_cellf(answer->table, isfinite(point->y.low) ? "%s to %s" : "%.0s%.0s",
                       tc__percent(point->y.low), tc__percent(point->y.high));
    }
}

static bool all_have_intervals(const struct curve *curve)
{
    for (size_t i = 0; i < curve->count; i++)
        if (isnan(curve->points[i].y.low))
            return false;
    return true;
}

/* "26.0 µs (22.0 µs to 31.0 µs)"; an end that does not fall under it within the points is open. */
static void say_crossing(struct tc_answer *answer, const struct curve *curve, double level)
{
    struct tc_crossing crossing = tc_falls_under(curve->points, curve->count, level);
    const struct tc_point *last = &curve->points[curve->count - 1];
    struct tc_effect place = {crossing.x, crossing.low, crossing.high, 0};
    const char *where = curve->cell->placement, *share = tc__percent(level);
    const char *tasks = tc__quantity((double)curve->cell->tasks, "count");
    if (crossing.kind == TC_CROSSES)
        tc__say(answer,
                "On %s with %s tasks the async advantage falls under %s at %s of work "
                "between two waits%s.",
                where, tasks, share, tc__effect(place, "ns"),
                isfinite(place.high)  ? ""
                : isfinite(place.low) ? ", its interval open upwards"
                                      : ", without an interval");
    else if (crossing.kind == TC_STAYS_BELOW)
        tc__say(answer, "On %s with %s tasks the async advantage is under %s whatever the work.",
                where, tasks, share);
    else
        tc__say(answer,
                "On %s with %s tasks the async advantage does not fall under %s: it is %s "
                "with %s of work, the most that was tried.",
                where, tasks, share, tc__percent(last->y.value), tc__quantity(last->x, "ns"));
}

void tc__answer_work(const struct tc_results *results, struct tc_answer *answer)
{
    static const char *const columns[] = {"<placement", "tasks", "work", "threads take longer by",
                                          "95 % interval"};
    tc__columns(answer, columns, TC_COUNT_OF(columns));
    for (size_t i = 0; i < results->measurement_count; i++) {
        if (!is_overhead(&results->measurements[i]) || is_told(results, i))
            continue;
        struct curve curve = curve_through(results, &results->measurements[i]);
        if (curve.count < 2)
            continue;
        add_rows(answer, &curve);
        if (!all_have_intervals(&curve)) {
            tc__say(answer,
                    "On %s with %s tasks there are too few rounds to tell: fewer than 6 "
                    "give no interval.",
                    curve.cell->placement, tc__quantity((double)curve.cell->tasks, "count"));
            continue;
        }
        for (size_t level = 0; level < TC_COUNT_OF(levels); level++)
            say_crossing(answer, &curve, levels[level]);
    }
    if (answer->sentences.count == 0)
        tc__say(answer, "Not measured in this file: it takes the workload work with threads and "
                        "async and several amounts of work.");
}
