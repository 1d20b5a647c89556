/* SPDX-License-Identifier: MIT
 *
 * What stops the threads: what the workload `limit` predicted and found, or, where it was not run,
 * the smallest cell of any workload that met a limit.
 */
#include "answers.h"

#include <math.h>
#include <string.h>

static const char *limit_name(const struct tc_measurement *m)
{
    return tcj_text(tcj_get(m->limit, "name"), NULL);
}

static const char *limit_value(const struct tc_measurement *m)
{
    double value;
    return tcj_read_number(tcj_get(m->limit, "value"), &value) ? tc__quantity(value, "count") : "-";
}

static const char *stack_of(const struct tc_measurement *m)
{
    const char *stack = tc_cell_param(&m->cell, "stack");
    return stack ? stack : "-";
}

/* -- the workload limit -- */

static bool is_ceiling(const struct tc_measurement *m)
{
    return m->status == TC_OK && strcmp(m->cell.workload, "limit") == 0 &&
           strcmp(m->metric, "tasks_alive") == 0 && isfinite(m->summary.median);
}

static void add_row(struct tc_answer *answer, const struct tc_measurement *m, double predicted)
{
    tc_table_row(answer->table);
    tc_table_cell(answer->table, m->cell.model);
    tc_table_cell(answer->table, stack_of(m));
    tc_table_cell(answer->table, tc__quantity(predicted, "count"));
    tc_table_cell(answer->table, tc__quantity(tc__median(m), "count"));
    tc_table_cell(answer->table, limit_name(m) ? limit_name(m) : "nothing");
    tc_table_cell(answer->table, limit_value(m));
}

static void tell_ceiling(struct tc_answer *answer, const struct tc_results *results,
                         const struct tc_measurement *m)
{
    double alive = tc__median(m);
    double predicted =
        tc__median(tc_counterpart(results, &m->cell, m->cell.model, NULL, 0, "tasks_predicted"));
    const char *stack = tc_cell_param(&m->cell, "stack");
    add_row(answer, m, predicted);
    if (strcmp(m->cell.model, "threads") != 0)
        return;
    if (limit_name(m))
        tc__say(answer,
                "With stack=%s, %s threads were alive when %s (%s) stopped the next; %s had "
                "been predicted, %s of it.",
                stack ? stack : "default", tc__quantity(alive, "count"), limit_name(m),
                limit_value(m), tc__quantity(predicted, "count"), tc__percent(predicted / alive));
    else
        tc__say(answer, "With stack=%s, nothing stopped the %s threads that were asked for.",
                stack ? stack : "default", tc__quantity(alive, "count"));
}

/* -- without it -- */

static void tell_limited(struct tc_answer *answer, const struct tc_results *results)
{
    const struct tc_measurement *stop = NULL;
    double alive = 0;
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (strcmp(m->cell.model, "threads") != 0)
            continue;
        if (m->status == TC_OK && m->round_count > 0 && (double)m->cell.tasks > alive)
            alive = (double)m->cell.tasks;
        if (m->status == TC_LIMITED && (!stop || m->cell.tasks < stop->cell.tasks))
            stop = m;
    }
    if (stop && (double)stop->cell.tasks > alive)
        tc__say(answer, "%s threads were too many for %s: %s.",
                tc__quantity((double)stop->cell.tasks, "count"), stop->cell.workload,
                stop->reason ? stop->reason : "no reason was given");
    else if (alive > 0)
        tc__say(answer,
                "Nothing stopped them in this file: %s threads, the most that were tried, "
                "were alive.",
                tc__quantity(alive, "count"));
    tc__say(answer, "%s in this file: it takes the workload limit.",
            alive > 0 || stop ? "How many there could be was not measured" : "Not measured");
}

void tc__answer_limit(const struct tc_results *results, struct tc_answer *answer)
{
    static const char *const columns[] = {"<model", "<stack",      "predicted",
                                          "alive",  "<stopped by", "its value"};
    tc__columns(answer, columns, TC_COUNT_OF(columns));
    for (size_t i = 0; i < results->measurement_count; i++)
        if (is_ceiling(&results->measurements[i]))
            tell_ceiling(answer, results, &results->measurements[i]);
    if (answer->sentences.count == 0)
        tell_limited(answer, results);
}
