/* SPDX-License-Identifier: MIT
 *
 * How figures move with the number of tasks: the time with most tasks over that with fewest, and
 * what that does to the ratio of threads to async.
 */
#include "answers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double still = 1.25;
static const struct {
    const char *workload, *metric;
} figures[] = {{"create", "create_join"},
               {"switch-yield", "switch"},
               {"switch-channel", "switch"},
               {"switch-pipe", "switch"},
               {"switch-socket", "switch"}};
static const char *const models[] = {"async", "threads", "floor"};

/* The cells of one figure and model on one core, ascending in tasks, alike but for them. */
struct ladder {
    const struct tc_measurement **items;
    size_t count;
};

static int by_tasks(const void *left, const void *right)
{
    const struct tc_measurement *a = *(const struct tc_measurement *const *)left;
    const struct tc_measurement *b = *(const struct tc_measurement *const *)right;
    return (a->cell.tasks > b->cell.tasks) - (a->cell.tasks < b->cell.tasks);
}

static bool alike(const struct tc_measurement *a, const struct tc_measurement *b)
{
    struct tc_cell like = a->cell;
    like.tasks = b->cell.tasks;
    return tc_cell_same_plan(&like, &b->cell);
}

static bool belongs(const struct tc_measurement *m, size_t figure, const char *model)
{
    return m->status == TC_OK && isfinite(m->summary.median) &&
           strcmp(m->cell.workload, figures[figure].workload) == 0 &&
           strcmp(m->metric, figures[figure].metric) == 0 && strcmp(m->cell.model, model) == 0 &&
           strcmp(m->cell.placement, "one-core") == 0 && tc__is_usual(&m->cell);
}

/* Where parameters make several, the longest. */
static struct ladder find_ladder(const struct tc_results *results, size_t figure, const char *model)
{
    struct ladder best = {0};
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *head = &results->measurements[i];
        if (!belongs(head, figure, model))
            continue;
        struct ladder it = {.items = calloc(results->measurement_count, sizeof *it.items)};
        MUST(it.items);
        for (size_t k = 0; k < results->measurement_count; k++) {
            const struct tc_measurement *m = &results->measurements[k];
            if (belongs(m, figure, model) && alike(head, m))
                it.items[it.count++] = m;
        }
        struct ladder shorter = it.count > best.count ? best : it;
        best = it.count > best.count ? it : best;
        free(shorter.items);
    }
    if (best.count > 0)
        qsort(best.items, best.count, sizeof *best.items, by_tasks);
    return best;
}

static void add_row(struct tc_answer *answer, const struct ladder *ladder, struct tc_effect growth)
{
    const struct tc_measurement *first = ladder->items[0], *last = ladder->items[ladder->count - 1];
    tc_table_row(answer->table);
    tc_table_cell(answer->table, first->cell.workload);
    tc_table_cell(answer->table, first->cell.model);
    tc_table_cell(answer->table, tc__quantity((double)first->cell.tasks, "count"));
    tc_table_cell(answer->table, tc__quantity(tc__median(first), first->unit));
    tc_table_cell(answer->table, tc__quantity((double)last->cell.tasks, "count"));
    tc_table_cell(answer->table, tc__quantity(tc__median(last), last->unit));
    tc_table_cell(answer->table, tc__effect(growth, "ratio"));
}

/* -- the ratio of the two models along the ladder of the threads -- */

struct course {
    const struct tc_measurement *first, *last, *reversed; /* reversed: threads are cheaper there */
    struct tc_effect at_first, at_last;
};

static struct course follow(const struct tc_results *results, const struct ladder *threads)
{
    struct course course = {0};
    for (size_t i = 0; i < threads->count; i++) {
        const struct tc_measurement *m = threads->items[i];
        const struct tc_measurement *async =
            tc_counterpart(results, &m->cell, "async", NULL, 0, m->metric);
        if (!async)
            continue;
        struct tc_effect ratio = tc_effect_ratio(m, async);
        if (!course.first) {
            course.first = m;
            course.at_first = ratio;
        }
        course.last = m;
        course.at_last = ratio;
        if (ratio.high < 1 && !course.reversed)
            course.reversed = m;
    }
    return course;
}

static void say_course(struct tc_answer *answer, const struct tc_results *results,
                       const struct ladder *threads)
{
    struct course course = follow(results, threads);
    if (!course.first || course.first == course.last)
        return;
    const char *moves = "which the intervals do not tell apart";
    if (course.at_last.low > course.at_first.high)
        moves = "so that the advantage grows with their number";
    else if (course.at_last.high < course.at_first.low)
        moves = "so that the advantage shrinks with their number";
    tc__say(answer, "%s: threads take %s as long as async with %s tasks and %s with %s, %s; %s.",
            course.first->cell.workload, tc__effect(course.at_first, "ratio"),
            tc__quantity((double)course.first->cell.tasks, "count"),
            tc__effect(course.at_last, "ratio"),
            tc__quantity((double)course.last->cell.tasks, "count"), moves,
            course.reversed ? "threads are the cheaper ones somewhere in between"
                            : "nowhere in between are threads the cheaper ones");
}

static void say_growth(struct tc_answer *answer, const struct ladder *ladder,
                       struct tc_effect growth)
{
    const struct tc_measurement *first = ladder->items[0], *last = ladder->items[ladder->count - 1];
    if (strcmp(first->cell.model, "floor") == 0)
        return;
    if (growth.value <= still && growth.value >= 1 / still)
        tc__say(answer, "%s with %s stands still from %s to %s tasks: %s.", first->cell.workload,
                first->cell.model, tc__quantity((double)first->cell.tasks, "count"),
                tc__quantity((double)last->cell.tasks, "count"), tc__effect(growth, "ratio"));
}

static void answer_figure(struct tc_answer *answer, const struct tc_results *results, size_t figure)
{
    for (size_t i = 0; i < TC_COUNT_OF(models); i++) {
        struct ladder ladder = find_ladder(results, figure, models[i]);
        if (ladder.count > 1) {
            struct tc_effect growth =
                tc_effect_ratio(ladder.items[ladder.count - 1], ladder.items[0]);
            add_row(answer, &ladder, growth);
            if (strcmp(models[i], "threads") == 0)
                say_course(answer, results, &ladder);
            say_growth(answer, &ladder, growth);
        }
        free(ladder.items);
    }
}

void tc__answer_growth(const struct tc_results *results, struct tc_answer *answer)
{
    static const char *const columns[] = {"<workload",  "<model", "fewest tasks", "time",
                                          "most tasks", "time ",  "growth"};
    tc__columns(answer, columns, TC_COUNT_OF(columns));
    for (size_t i = 0; i < TC_COUNT_OF(figures); i++)
        answer_figure(answer, results, i);
    if (answer->sentences.count > 0)
        return;
    if (tc_table_rows(answer->table) > 0)
        tc__say(answer, "How the figures of single models grow is in the table; threads and async "
                        "were not measured with the same numbers of tasks in this file.");
    else
        tc__say(answer, "Not measured in this file: it takes one workload with several numbers of "
                        "tasks on one-core.");
}
