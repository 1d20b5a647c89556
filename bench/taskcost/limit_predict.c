/* SPDX-License-Identifier: MIT
 *
 * What will stop each cell of `taskcost limit`, asked of its worker and told in a table before
 * anything is stopped.
 */
#include "limit_parts.h"

#include "show.h"

#include "base/clock.h"
#include "harness/process.h"
#include "harness/round.h"

#include <math.h>
#include <string.h>

static double metric_of_round(const tc_json *round, const char *name)
{
    const tc_json *metrics = tcj_get(round, "metrics");
    double value = NAN;
    for (size_t i = 0; i < tcj_size(metrics); i++)
        if (strcmp(tcj_text(tcj_get(tcj_at(metrics, i), "name"), ""), name) == 0)
            tcj_read_number(tcj_at(tcj_get(tcj_at(metrics, i), "samples"), 0), &value);
    return value;
}

static void add_quantity(struct tc_table *table, const tc_json *needs, const char *name,
                         const char *unit)
{
    char text[64];
    double value = NAN;
    tcj_read_number(tcj_get(needs, name), &value);
    tc_table_cell(table, value >= 0.01 ? tc_format_quantity(value, unit, text, sizeof text) : "");
}

static void add_prediction(struct tc_table *table, const struct tc_planned *planned,
                           const struct tc_round_outcome *outcome)
{
    const tc_json *ceiling = tcj_get(tcj_get(outcome->object, "observed"), "ceiling"),
                  *needs = tcj_get(ceiling, "needs");
    const char *stack = tc_cell_param(&planned->cell, "stack");
    double predicted = metric_of_round(outcome->object, "tasks_predicted");
    char text[160];
    tc_table_row(table);
    tc_table_cell(table, planned->cell.model);
    tc_table_cell(table, stack ? stack : "");
    add_quantity(table, needs, "memory_bytes", "B");
    add_quantity(table, needs, "address_bytes", "B");
    add_quantity(table, needs, "mappings", "");
    if (isnan(predicted)) {
        tc_table_cell(table, tcj_text(tcj_get(outcome->object, "reason"), outcome->reason.text));
        return;
    }
    tc_table_cell(table, limit_text(tcj_get(ceiling, "predicted_limit"), text, sizeof text));
    tc_table_cell(table, tc_format_count((uint64_t)predicted, text, sizeof text));
}

/* The cell's own round, only as long as it takes to tell. */
static void predict(const struct tc_planned *planned, struct tc_round_outcome *outcome)
{
    const struct tc_round_order order = {.measure_ms = 1, .limit_ns = LIMIT_ROUND_NS};
    struct tc_planned asked = *planned;
    tc_cell_copy(&asked.cell, &planned->cell);
    tc_cell_set_param(&asked.cell, "until", "prediction");
    tc_round_run(&asked, &order, outcome);
    tc_cell_clear(&asked.cell);
}

void limit_print_predictions(const struct tc_plan *plan, FILE *out)
{
    static const char *const headers[] = {"model",         "stack",    "memory a task",
                                          "address space", "mappings", "what will stop it",
                                          "predicted"};
    struct tc_table *table = tc_table_new();
    for (size_t i = 0; i < TC_COUNT_OF(headers); i++)
        tc_table_column(table, headers[i], i < 2 || i == 5 ? TC_LEFT : TC_RIGHT);
    tc_table_keys(table, 2);
    for (size_t i = 0; i < plan->count && !tc_interrupt_signal(); i++) {
        struct tc_round_outcome outcome;
        if (plan->cells[i].skipped)
            continue;
        predict(&plan->cells[i], &outcome);
        if (!outcome.interrupted)
            add_prediction(table, &plan->cells[i], &outcome);
        tc_round_clear(&outcome);
    }
    if (tc_table_rows(table) > 0) {
        fputs("before\n\n", out);
        tc_table_print(table, out, TC_TERMINAL, tc_output_width(out));
        fflush(out);
    }
    tc_table_free(table);
}
