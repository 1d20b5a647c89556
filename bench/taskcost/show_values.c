/* SPDX-License-Identifier: MIT
 *
 * The main tables of `taskcost show`: one a workload (and unit), a row a cell, a column a model,
 * each followed by how many times the floor's figure it is, and how many times async's; and below
 * it those comparisons with all that is known of them.
 */
#include "show_contrast.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- one column a model -- */

struct column {
    const char *model;
    struct tc_scale scale;
};

/* A cell that gave nothing has no unit either. */
static const char *unit_of(const struct selection *selection)
{
    size_t i = 0;
    while (i + 1 < selection->count && is_lost(selection->items[i]))
        i++;
    return selection->items[i]->unit;
}

static struct tc_scale scale_of_model(const struct selection *selection, const char *model)
{
    double smallest = INFINITY;
    for (size_t i = 0; i < selection->count; i++) {
        double median = median_of(selection->items[i]);
        if (strcmp(selection->items[i]->cell.model, model) == 0 && median > 0)
            smallest = fmin(smallest, median);
    }
    return tc_scale_for(unit_of(selection), isfinite(smallest) ? smallest : 0);
}

/* Which ratios follow a model's column: to the floor, and to async for what is neither. */
static bool has_floor_ratio(const struct selection *selection, const char *model)
{
    return strcmp(model, "floor") != 0 && tc_words_have(&selection->models, "floor");
}

static bool has_async_ratio(const struct selection *selection, const char *model)
{
    return strcmp(model, "floor") != 0 && strcmp(model, "async") != 0 &&
           tc_words_have(&selection->models, "async");
}

static void add_model_columns(struct tc_table *table, const struct selection *selection,
                              struct column *columns)
{
    for (size_t i = 0; i < selection->models.count; i++) {
        const char *model = selection->models.items[i];
        char header[128];
        columns[i] = (struct column){model, scale_of_model(selection, model)};
        snprintf(header, sizeof header, "%s, %s", model, columns[i].scale.unit);
        tc_table_column(table, header, TC_RIGHT);
        if (has_floor_ratio(selection, model))
            tc_table_column(table, "×floor", TC_RIGHT);
        if (has_async_ratio(selection, model))
            tc_table_column(table, "×async", TC_RIGHT);
    }
}

static void add_value(struct tc_table *table, const struct tc_measurement *m,
                      const struct column *column)
{
    char text[128];
    if (!m)
        tc_table_cell(table, "");
    else if (m->status != TC_OK)
        tc_table_cell(table, status_text(m, text, sizeof text));
    else
        tc_table_cellf(table, "%s%s",
                       tc_format_interval(m->summary.median, m->summary.ci_low, m->summary.ci_high,
                                          column->scale, text, sizeof text),
                       quality_sign(m));
}

static void add_models(struct tc_table *table, const struct selection *selection,
                       const struct tc_measurement *row, const struct column *columns,
                       const struct contrasts *contrasts)
{
    const struct tc_measurement *floor = in_row(selection, row, "floor");
    const struct tc_measurement *async = in_row(selection, row, "async");
    for (size_t i = 0; i < selection->models.count; i++) {
        const char *model = selection->models.items[i];
        const struct tc_measurement *m = in_row(selection, row, model);
        add_value(table, m, &columns[i]);
        if (has_floor_ratio(selection, model))
            add_ratio(table, contrast_of(contrasts, m, floor));
        if (has_async_ratio(selection, model))
            add_ratio(table, contrast_of(contrasts, m, async));
    }
}

/* The first measurement of the next row, from item *index on, which moves on; NULL at the end. Rows
 * that are told elsewhere are left out. */
static const struct tc_measurement *next_row(const struct selection *selection, size_t *index)
{
    while (*index < selection->count) {
        size_t i = (*index)++;
        const struct tc_measurement *row = selection->items[i];
        if ((i == 0 || !same_row(selection, selection->items[i - 1], row)) &&
            !is_told_elsewhere(selection, row))
            return row;
    }
    return NULL;
}

/* Everything that the table compares, corrected for how much that is. */
static struct contrasts compare_rows(const struct selection *selection)
{
    struct contrasts contrasts = {0};
    size_t next = 0;
    for (const struct tc_measurement *row; (row = next_row(selection, &next));)
        for (size_t i = 0; i < selection->models.count; i++) {
            const char *model = selection->models.items[i];
            const struct tc_measurement *m = in_row(selection, row, model);
            if (has_floor_ratio(selection, model))
                contrasts_add(&contrasts, m, in_row(selection, row, "floor"));
            if (has_async_ratio(selection, model))
                contrasts_add(&contrasts, m, in_row(selection, row, "async"));
        }
    contrasts_correct(&contrasts);
    return contrasts;
}

static void print_values(const struct show *show, const struct selection *selection,
                         const char *title)
{
    struct tc_table *table = tc_table_new();
    struct column *columns = calloc(selection->models.count + 1, sizeof *columns);
    struct contrasts contrasts = compare_rows(selection);
    size_t next = 0;
    MUST(columns);
    add_key_columns(table, selection, NULL);
    add_model_columns(table, selection, columns);
    for (const struct tc_measurement *row; (row = next_row(selection, &next));) {
        tc_table_row(table);
        add_keys(table, selection, row, NULL);
        add_models(table, selection, row, columns, &contrasts);
    }
    print_heading(show, title, selection, NULL);
    print_table(show, table);
    print_contrasts(show, selection, &contrasts, title);
    contrasts_clear(&contrasts);
    free(columns);
}

/* -- which tables there are -- */

/* One table: a workload and a unit. Cells of which no round gave any metric go with the first. */
struct table_key {
    const struct show *show;
    const char *workload, *unit;
    bool with_lost;
};

static bool in_value_table(const struct tc_measurement *m, const void *argument)
{
    const struct table_key *key = argument;
    if (strcmp(m->cell.workload, key->workload) != 0 || is_in_matrix(key->show, m))
        return false;
    return is_lost(m) ? key->with_lost : is_value(m) && strcmp(m->unit, key->unit) == 0;
}

static void print_value_table(const struct show *show, const struct table_key *key)
{
    char title[160];
    struct selection selection = select_measurements(show, in_value_table, key);
    if (selection.count > 0) {
        bool named = !selection.metric_varies && strcmp(selection.first_metric, "round") != 0;
        snprintf(title, sizeof title, "%s%s%s", key->workload, named ? ": " : "",
                 named ? selection.first_metric : "");
        print_values(show, &selection, title);
    }
    selection_clear(&selection);
}

/* All tables of one workload: memory, and one for each unit among its values. */
static void print_workload(const struct show *show, const char *workload)
{
    struct tc_words units = {0};
    bool memory = workload_has(show, workload, is_memory);
    if (strcmp(workload, "limit") == 0) {
        show_limit(show);
        return;
    }
    show_matrices(show, workload);
    if (memory)
        show_memory(show, workload);
    for (size_t i = 0; i < show->results->measurement_count; i++) {
        const struct tc_measurement *m = &show->results->measurements[i];
        if (strcmp(m->cell.workload, workload) == 0 && is_value(m) &&
            !tc_words_have(&units, m->unit)) {
            struct table_key key = {show, workload, m->unit, units.count == 0 && !memory};
            print_value_table(show, &key);
            tc_words_add(&units, m->unit);
        }
    }
    if (units.count == 0 && !memory)
        print_value_table(show, &(struct table_key){show, workload, "", true});
    tc_words_clear(&units);
}

void show_values(const struct show *show)
{
    struct tc_words done = {0};
    for (;;) { /* workloads by name */
        const char *next = NULL;
        for (size_t i = 0; i < show->results->measurement_count; i++) {
            const char *name = show->results->measurements[i].cell.workload;
            if (!tc_words_have(&done, name) && (!next || strcmp(name, next) < 0))
                next = name;
        }
        if (!next)
            break;
        print_workload(show, next);
        tc_words_add(&done, next);
    }
    tc_words_clear(&done);
}
