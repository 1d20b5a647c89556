/* SPDX-License-Identifier: MIT
 *
 * The most tasks at once, in `taskcost show` and `taskcost limit`: how many there were, how many
 * were predicted, and what stopped them.
 */
#include "show.h"

#include <math.h>
#include <string.h>

static bool is_alive(const struct tc_measurement *m, const void *argument)
{
    (void)argument;
    return strcmp(m->cell.workload, "limit") == 0 && strcmp(m->metric, "tasks_alive") == 0 &&
           m->status == TC_OK;
}

const char *limit_text(const tc_json *limit, char *text, size_t size)
{
    char value[64] = "";
    double number;
    const char *name = tcj_text(tcj_get(limit, "name"), NULL);
    bool bytes = strcmp(tcj_text(tcj_get(limit, "unit"), ""), "B") == 0;
    if (!name)
        snprintf(text, size, "nothing");
    else if (!tcj_read_number(tcj_get(limit, "value"), &number) || number < 0)
        snprintf(text, size, "%s", name);
    else
        snprintf(text, size, "%s %s", name,
                 bytes ? tc_format_quantity(number, "B", value, sizeof value)
                       : tc_format_count((uint64_t)number, value, sizeof value));
    return text;
}

static void add_row(const struct show *show, struct tc_table *table,
                    const struct selection *selection, const struct tc_measurement *m)
{
    char text[160];
    double found = median_of(m),
           predicted = median_of(tc_results_lookup(show->results, &m->cell, "tasks_predicted"));
    tc_table_row(table);
    add_keys(table, selection, m, m->cell.model);
    tc_table_cell(table, tc_format_count((uint64_t)found, text, sizeof text));
    tc_table_cell(table,
                  isnan(predicted) ? "" : tc_format_count((uint64_t)predicted, text, sizeof text));
    if (isfinite(found / predicted))
        tc_table_cellf(table, "%.3f", found / predicted);
    else
        tc_table_cell(table, "");
    if (m->limit)
        tc_table_cell(table, limit_text(m->limit, text, sizeof text));
    else
        tc_table_cellf(table, "nothing below %s",
                       tc_format_count(m->cell.tasks, text, sizeof text));
}

void show_limit(const struct show *show)
{
    struct tc_table *table = tc_table_new();
    struct selection selection = select_measurements(show, is_alive, NULL);
    selection.tasks_vary = false; /* how many there might be at most: of no interest in itself */
    if (selection.count > 0) {
        add_key_columns(table, &selection, "model");
        tc_table_column(table, "alive at once", TC_RIGHT);
        tc_table_column(table, "predicted", TC_RIGHT);
        tc_table_column(table, "found : predicted", TC_RIGHT);
        tc_table_column(table, "stopped by", TC_LEFT);
        for (size_t i = 0; i < selection.count; i++)
            add_row(show, table, &selection, selection.items[i]);
        print_heading(show, "limit: the most tasks at once", NULL,
                      "idle tasks, all alive at the same moment");
    }
    print_table(show, table);
    selection_clear(&selection);
}
