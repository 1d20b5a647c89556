/* SPDX-License-Identifier: MIT
 *
 * Memory in `taskcost show`: what one more task takes, as slopes over the number of tasks, and what
 * was read for each number of tasks. The sum of the parts stands beside two readings of the whole
 * by other means, the worker's own cgroup and the fall in free memory.
 */
#include "show_contrast.h"

#include "harness/slope.h"

#include "base/status.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *metric, *header;
} columns[] = {{"memory_resident", "resident, B"},
               {"memory_page_tables", "page tables, B"},
               {"memory_kernel_stack", "kernel stack, B"},
               {"memory_slab", "slab, B"},
               {"memory_kernel_other", "other, B"},
               {"memory_total", "total, B"},
               {"memory_cgroup", "cgroup, B"},
               {"memory_free_drop", "free drop, B"}};

static const char *const total = "memory_total";
/* One measurement a cell stands for its row: the part that can always be read. */
static const char *const stands_for_row = "memory_resident";

static void add_columns(struct tc_table *table, const struct selection *selection)
{
    add_key_columns(table, selection, "model");
    for (size_t i = 0; i < TC_COUNT_OF(columns); i++)
        tc_table_column(table, columns[i].header, TC_RIGHT);
    tc_table_column(table, "×async", TC_RIGHT);
}

/* -- slopes -- */

struct slope_table {
    const struct show *show;
    const char *workload;
};

static bool in_slope_table(const struct tc_measurement *m, const void *argument)
{
    const struct slope_table *table = argument;
    struct tc_slope slope;
    return strcmp(m->cell.workload, table->workload) == 0 && m->status == TC_OK &&
           strcmp(m->metric, stands_for_row) == 0 &&
           tc_slope_find(table->show->results, &m->cell, stands_for_row, &slope);
}

/* Whether a cell of the same line has its row already. */
static bool is_told(const struct selection *selection, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (tc_slope_same_line(&selection->items[i]->cell, &selection->items[index]->cell))
            return true;
    return false;
}

static double total_slope(const struct show *show, const struct tc_measurement *m)
{
    struct tc_slope slope;
    return m && tc_slope_find(show->results, &m->cell, total, &slope) ? slope.line.slope : NAN;
}

/* The floor is not a way to run tasks, and async is what the others are held against. */
static bool is_held_against_async(const struct tc_measurement *row)
{
    return strcmp(row->cell.model, "async") != 0 && strcmp(row->cell.model, "floor") != 0;
}

/* Two lines have no pairs of rounds, so that their ratio has no interval. */
static void add_slope_ratio(struct tc_table *table, const struct tc_measurement *row, double slope,
                            double of_async)
{
    char text[64] = "";
    if (is_held_against_async(row) && of_async > 0 && isfinite(slope))
        tc_format_ratio(slope / of_async, text, sizeof text);
    tc_table_cell(table, text);
}

/* In how many numbers of tasks, between which, and how far a cell is from the line at most. */
static void add_evidence(struct tc_table *table, const struct tc_slope *slope)
{
    char from[32], to[32], text[160];
    struct tc_scale kib = {1024, "KiB"};
    tc_table_cell(table, tc_format_number(slope->line.intercept / kib.divisor, text, sizeof text));
    if (isfinite(slope->residual))
        tc_table_cellf(table, "%.1f", 100 * slope->residual);
    else
        tc_table_cell(table, "-");
    tc_table_cellf(table, "%zu: %s-%s", slope->values,
                   tc_format_count(slope->tasks_min, from, sizeof from),
                   tc_format_count(slope->tasks_max, to, sizeof to));
}

static void add_slope_row(const struct show *show, struct tc_table *table,
                          const struct selection *selection, const struct tc_measurement *row)
{
    char text[128];
    struct tc_slope slope, of_total = {.line = {NAN, NAN, NAN, NAN}, .residual = NAN};
    tc_table_row(table);
    add_keys(table, selection, row, row->cell.model);
    for (size_t i = 0; i < TC_COUNT_OF(columns); i++) {
        if (!tc_slope_find(show->results, &row->cell, columns[i].metric, &slope)) {
            tc_table_cell(table, "");
            continue;
        }
        tc_table_cell(table, tc_format_interval(slope.line.slope, slope.line.low, slope.line.high,
                                                (struct tc_scale){1, "B"}, text, sizeof text));
        if (strcmp(columns[i].metric, total) == 0)
            of_total = slope;
    }
    add_slope_ratio(table, row, of_total.line.slope,
                    total_slope(show, in_row(selection, row, "async")));
    add_evidence(table, &of_total);
}

static void show_slopes(const struct show *show, const char *workload)
{
    char title[160];
    struct slope_table wanted = {show, workload};
    struct tc_table *table = tc_table_new();
    struct selection selection = select_measurements(show, in_slope_table, &wanted);
    struct selection keys = selection;
    keys.tasks_vary = keys.metric_varies = false;
    if (selection.count > 0) {
        add_columns(table, &keys);
        tc_table_column(table, "at 0 tasks, KiB", TC_RIGHT);
        tc_table_column(table, "off, %", TC_RIGHT);
        tc_table_column(table, "numbers of tasks", TC_LEFT);
        for (size_t m = 0; m < selection.models.count; m++)
            for (size_t i = 0; i < selection.count; i++)
                if (strcmp(selection.items[i]->cell.model, selection.models.items[m]) == 0 &&
                    !is_told(&selection, i))
                    add_slope_row(show, table, &keys, selection.items[i]);
        snprintf(title, sizeof title, "%s: what one more task takes", workload);
        print_heading(show, title, &selection,
                      "slope over the number of tasks ± half of its 95 % interval, to rely on from "
                      "8 numbers of tasks; off: the farthest that a cell's total is from the line");
    }
    print_table(show, table);
    selection_clear(&selection);
}

/* -- a row a cell -- */

static bool in_memory_table(const struct tc_measurement *m, const void *workload)
{
    return strcmp(m->cell.workload, workload) == 0 &&
           (is_lost(m) || strcmp(m->metric, stands_for_row) == 0);
}

static double part_of(const struct show *show, const struct tc_measurement *row, const char *metric)
{
    return row ? median_of(tc_results_lookup(show->results, &row->cell, metric)) : NAN;
}

static void add_part(struct tc_table *table, double value)
{
    char text[64];
    tc_table_cell(table, isfinite(value) ? tc_format_number(value, text, sizeof text) : "");
}

static const struct tc_measurement *total_of(const struct show *show,
                                             const struct tc_measurement *row)
{
    return row ? tc_results_lookup(show->results, &row->cell, total) : NULL;
}

static void add_memory_row(const struct show *show, struct tc_table *table,
                           const struct selection *selection, const struct tc_measurement *row,
                           const struct contrasts *contrasts)
{
    char text[128];
    tc_table_row(table);
    add_keys(table, selection, row, row->cell.model);
    if (row->status != TC_OK) {
        tc_table_cell(table, status_text(row, text, sizeof text));
        return;
    }
    for (size_t i = 0; i < TC_COUNT_OF(columns); i++)
        add_part(table, part_of(show, row, columns[i].metric));
    add_ratio(table, contrast_of(contrasts, total_of(show, row),
                                 total_of(show, in_row(selection, row, "async"))));
}

static struct contrasts compare_totals(const struct show *show, const struct selection *selection)
{
    struct contrasts contrasts = {0};
    for (size_t i = 0; i < selection->count; i++) {
        const struct tc_measurement *row = selection->items[i];
        if (is_held_against_async(row))
            contrasts_add(&contrasts, total_of(show, row),
                          total_of(show, in_row(selection, row, "async")));
    }
    contrasts_correct(&contrasts);
    return contrasts;
}

static void show_cells(const struct show *show, const char *workload)
{
    char title[160];
    struct tc_table *table = tc_table_new();
    struct selection selection = select_measurements(show, in_memory_table, workload);
    struct contrasts contrasts = compare_totals(show, &selection);
    selection.metric_varies = false;
    snprintf(title, sizeof title, "%s: memory a task", workload);
    if (selection.count > 0) {
        add_columns(table, &selection);
        for (size_t m = 0; m < selection.models.count; m++)
            for (size_t i = 0; i < selection.count; i++)
                if (strcmp(selection.items[i]->cell.model, selection.models.items[m]) == 0)
                    add_memory_row(show, table, &selection, selection.items[i], &contrasts);
        print_heading(show, title, &selection, "everything that the machine gave, over N");
    }
    print_table(show, table);
    if (selection.count > 0)
        print_contrasts(show, &selection, &contrasts, title);
    contrasts_clear(&contrasts);
    selection_clear(&selection);
}

void show_memory(const struct show *show, const char *workload)
{
    show_slopes(show, workload);
    show_cells(show, workload);
}
