/* SPDX-License-Identifier: MIT
 *
 * The other tables of `taskcost show`: latency in its percentiles, and what the system counted for
 * each operation.
 */
#include "show_contrast.h"

#include "base/status.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- latency -- */

/* What was sent at planned times has a table of its own: show_load.c. */
static bool is_latency(const struct tc_measurement *m, const void *results)
{
    return m->status == TC_OK && strcmp(m->metric, "latency") == 0 &&
           !tc_results_lookup(results, &m->cell, "response");
}

static struct tc_scale latency_scale(const struct selection *selection)
{
    double smallest = INFINITY;
    for (size_t i = 0; i < selection->count; i++)
        smallest = fmin(smallest, selection->items[i]->summary.p50);
    return tc_scale_for("ns", isfinite(smallest) ? smallest : 0);
}

static void add_latency_row(struct tc_table *table, const struct selection *selection,
                            const struct tc_measurement *m, struct tc_scale scale)
{
    const double values[] = {m->summary.min, m->summary.p50,  m->summary.p90,
                             m->summary.p99, m->summary.p999, m->summary.max};
    char first[160], text[64];
    snprintf(first, sizeof first, "%s %s", m->cell.workload, m->cell.model);
    tc_table_row(table);
    add_keys(table, selection, m, first);
    for (size_t i = 0; i < TC_COUNT_OF(values); i++)
        tc_table_cell(table, tc_format_number(values[i] / scale.divisor, text, sizeof text));
    tc_table_cell(table, tc_format_count(m->summary.samples, text, sizeof text));
    if (outliers_of(m) > 0)
        tc_table_cellf(table, "%" PRIu64 "\xc2\xa0(%" PRIu64 ")", m->summary.rounds,
                       outliers_of(m));
    else
        tc_table_cellf(table, "%" PRIu64, m->summary.rounds);
}

void show_latency(const struct show *show)
{
    static const char *const headers[] = {"min", "p50", "p90", "p99", "p99.9", "max"};
    char title[80];
    struct selection selection = select_measurements(show, is_latency, show->results);
    struct tc_table *table = tc_table_new();
    if (selection.count > 0) {
        struct tc_scale scale = latency_scale(&selection);
        add_key_columns(table, &selection, "workload and model");
        for (size_t i = 0; i < TC_COUNT_OF(headers); i++)
            tc_table_column(table, headers[i], TC_RIGHT);
        tc_table_column(table, "samples", TC_RIGHT);
        tc_table_column(table, "rounds", TC_RIGHT);
        for (size_t i = 0; i < selection.count; i++)
            add_latency_row(table, &selection, selection.items[i], scale);
        snprintf(title, sizeof title, "latency, %s", scale.unit);
        print_heading(show, title, &selection,
                      "over all samples, '-' where fewer than ten are beyond a percentile; rounds "
                      "(of them outliers)");
    }
    print_table(show, table);
    selection_clear(&selection);
}

/* -- counters -- */

/* What the columns hold; the sum of both kinds of switches is what a hop should cost one of. */
static const struct {
    const char *header, *metric, *plus;
} counter_columns[] = {
    {"CPU, ns", "cpu_time", NULL},
    {"voluntary", "switches_voluntary", NULL},
    {"forced", "switches_involuntary", NULL},
    {"both", "switches_voluntary", "switches_involuntary"},
    {"migrations", "migrations", NULL},
    {"page faults", "page_faults", NULL},
    {"system calls", "system_calls", NULL},
};

/* Not those of a matrix: they would be a row a pair. */
static bool is_good_counter(const struct tc_measurement *m, const void *show)
{
    return m->status == TC_OK && is_counter(m) && !is_in_matrix(show, m);
}

static double counter_of(const struct show *show, const struct tc_cell *cell, size_t column)
{
    double value =
        median_of(tc_results_lookup(show->results, cell, counter_columns[column].metric));
    if (counter_columns[column].plus)
        value += median_of(tc_results_lookup(show->results, cell, counter_columns[column].plus));
    return value;
}

/* What is below a thousandth is noise. */
static void add_counter(struct tc_table *table, double value)
{
    char text[64];
    if (!isfinite(value))
        tc_table_cell(table, ""); /* told below the tables */
    else if (fabs(value) < 10)
        tc_table_cellf(table, "%.3f", value);
    else
        tc_table_cell(table, tc_format_number(value, text, sizeof text));
}

static void add_counter_row(const struct show *show, struct tc_table *table,
                            const struct selection *selection, const struct tc_measurement *m)
{
    char first[160];
    snprintf(first, sizeof first, "%s\xc2\xa0%s", m->cell.workload, m->cell.model);
    tc_table_row(table);
    add_keys(table, selection, m, first);
    for (size_t i = 0; i < TC_COUNT_OF(counter_columns); i++)
        add_counter(table, counter_of(show, &m->cell, i));
}

/* Workload and model first: that is how such a table is looked up. */
static int compare_cells(const void *a, const void *b)
{
    const struct tc_cell *x = &(*(const struct tc_measurement *const *)a)->cell;
    const struct tc_cell *y = &(*(const struct tc_measurement *const *)b)->cell;
    int order = strcmp(x->workload, y->workload);
    if (order == 0)
        order = strcmp(x->model, y->model);
    return order ? order : tc_cell_compare(x, y);
}

void show_counters(const struct show *show)
{
    struct selection selection = select_measurements(show, is_good_counter, show);
    struct tc_table *table = tc_table_new();
    selection.metric_varies = false;
    if (selection.count > 0) {
        add_key_columns(table, &selection, "workload and model");
        for (size_t i = 0; i < TC_COUNT_OF(counter_columns); i++)
            tc_table_column(table, counter_columns[i].header, TC_RIGHT);
        qsort(selection.items, selection.count, sizeof(void *), compare_cells);
        for (size_t i = 0; i < selection.count; i++)
            if (i == 0 || compare_cells(&selection.items[i - 1], &selection.items[i]) != 0)
                add_counter_row(show, table, &selection, selection.items[i]);
        print_heading(show, "system counters per operation", &selection,
                      "both: voluntary and forced switches; a thread that waits for another "
                      "once should show 1.0");
    }
    print_table(show, table);
    selection_clear(&selection);
}
