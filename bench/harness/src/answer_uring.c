/* SPDX-License-Identifier: MIT
 *
 * Whether io_uring changes the story: answered as soon as a result has a model that is called after
 * it, cell by cell against async and threads.
 */
#include "answers.h"

#include <math.h>
#include <string.h>

static const char *const workloads[] = {"switch-pipe", "switch-socket", "fanout-tcp"};

static bool is_uring(const struct tc_measurement *m)
{
    bool wanted = false;
    for (size_t i = 0; i < TC_COUNT_OF(workloads); i++)
        wanted = wanted || strcmp(m->cell.workload, workloads[i]) == 0;
    return wanted && m->status == TC_OK && strstr(m->cell.model, "uring") &&
           (strcmp(m->metric, "switch") == 0 || strcmp(m->metric, "latency") == 0);
}

static void add_row(struct tc_answer *answer, const struct tc_measurement *m,
                    struct tc_effect to_async, struct tc_effect to_threads)
{
    tc_table_row(answer->table);
    tc_table_cell(answer->table, m->cell.workload);
    tc_table_cell(answer->table, m->cell.model);
    tc_table_cell(answer->table, m->cell.placement);
    tc_table_cell(answer->table, tc__quantity((double)m->cell.tasks, "count"));
    tc_table_cell(answer->table, tc__quantity(tc__median(m), m->unit));
    tc_table_cell(answer->table, tc__effect(to_async, "ratio"));
    tc_table_cell(answer->table, tc__effect(to_threads, "ratio"));
}

void tc__answer_uring(const struct tc_results *results, struct tc_answer *answer)
{
    static const char *const columns[] = {"<workload", "<model",  "<placement", "tasks",
                                          "time",      "× async", "× threads"};
    size_t cells = 0, cheaper = 0, dearer = 0, reversed = 0;
    tc__columns(answer, columns, TC_COUNT_OF(columns));
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (!is_uring(m))
            continue;
        struct tc_effect to_async =
            tc_effect_ratio(m, tc_counterpart(results, &m->cell, "async", NULL, 0, m->metric));
        struct tc_effect to_threads =
            tc_effect_ratio(m, tc_counterpart(results, &m->cell, "threads", NULL, 0, m->metric));
        add_row(answer, m, to_async, to_threads);
        cells++;
        cheaper += to_async.high < 1;
        dearer += to_async.low > 1;
        reversed += to_threads.low > 1;
    }
    if (cells == 0)
        tc__say(answer, "Not measured in this file: none of its models has uring in its name.");
    else
        tc__say(answer,
                "In %zu of %zu cells io_uring is cheaper than epoll and in %zu dearer; in "
                "%zu it is dearer than threads, which epoll must be held against.",
                cheaper, cells, dearer, reversed);
}
