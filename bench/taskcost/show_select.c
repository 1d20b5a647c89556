/* SPDX-License-Identifier: MIT
 *
 * From a document's measurements to the rows of a table: choosing, finding out what varies,
 * sorting, and telling the rest in the caption.
 */
#include "show.h"

#include "base/status.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const counters[] = {"cpu_time",   "switches_voluntary", "switches_involuntary",
                                       "migrations", "page_faults",        "system_calls"};

bool is_counter(const struct tc_measurement *measurement)
{
    for (size_t i = 0; i < TC_COUNT_OF(counters); i++)
        if (strcmp(counters[i], measurement->metric) == 0)
            return true;
    return false;
}

bool is_memory(const struct tc_measurement *measurement)
{
    return strncmp(measurement->metric, "memory_", strlen("memory_")) == 0;
}

bool is_lost(const struct tc_measurement *measurement)
{
    return strcmp(measurement->metric, "round") == 0;
}

/* That all were alive is a check and no figure; where it is another number it is the answer. */
static bool all_alive(const struct tc_measurement *measurement)
{
    return strcmp(measurement->metric, "tasks_alive") == 0 &&
           strncmp(measurement->cell.workload, "memory-", strlen("memory-")) == 0 &&
           measurement->summary.median == (double)measurement->cell.tasks;
}

bool is_value(const struct tc_measurement *measurement)
{
    return !is_counter(measurement) && !is_memory(measurement) && !is_lost(measurement) &&
           !all_alive(measurement);
}

bool workload_has(const struct show *show, const char *workload,
                  bool (*is)(const struct tc_measurement *))
{
    for (size_t i = 0; i < show->results->measurement_count; i++) {
        const struct tc_measurement *m = &show->results->measurements[i];
        if (strcmp(m->cell.workload, workload) == 0 && is(m))
            return true;
    }
    return false;
}

double median_of(const struct tc_measurement *measurement)
{
    return measurement && measurement->status == TC_OK ? measurement->summary.median : NAN;
}

const char *status_text(const struct tc_measurement *measurement, char *text, size_t size)
{
    const char *name = tcj_text(tcj_get(measurement->limit, "name"), NULL);
    int64_t value;
    if (!name)
        snprintf(text, size, "%s", tc_status_name(measurement->status));
    else if (tcj_read_integer(tcj_get(measurement->limit, "value"), &value))
        snprintf(text, size, "%s: %s\xc2\xa0%" PRId64, tc_status_name(measurement->status), name,
                 value);
    else
        snprintf(text, size, "%s: %s", tc_status_name(measurement->status), name);
    return text;
}

/* -- what varies -- */

static const char *param_of(const struct tc_measurement *m, const char *name)
{
    const char *value = tc_cell_param(&m->cell, name);
    return value ? value : "";
}

/* A parameter varies when two cells that have it differ in it. */
static bool param_varies(const struct selection *selection, const char *name)
{
    const char *first = NULL;
    for (size_t i = 0; i < selection->count; i++) {
        const char *value = tc_cell_param(&selection->items[i]->cell, name);
        if (value && first && strcmp(value, first) != 0)
            return true;
        first = first ? first : value;
    }
    return false;
}

const char *metric_of(const struct selection *selection, const struct tc_measurement *measurement)
{
    return is_lost(measurement) ? selection->first_metric : measurement->metric;
}

static void find_first_metric(struct selection *selection)
{
    selection->first_metric = "round";
    for (size_t i = 0; i < selection->count; i++) {
        const struct tc_measurement *m = selection->items[i];
        if (!is_lost(m) && (strcmp(selection->first_metric, "round") == 0 ||
                            strcmp(m->metric, selection->first_metric) < 0))
            selection->first_metric = m->metric;
    }
}

static void find_varying(struct selection *selection)
{
    const struct tc_measurement *first = selection->items[0];
    for (size_t i = 0; i < selection->count; i++) {
        const struct tc_measurement *m = selection->items[i];
        selection->metric_varies |= strcmp(metric_of(selection, m), selection->first_metric) != 0;
        selection->placement_varies |= strcmp(m->cell.placement, first->cell.placement) != 0;
        selection->tasks_vary |= m->cell.tasks != first->cell.tasks;
        for (size_t j = 0; j < m->cell.param_count; j++)
            if (!m->cell.params[j].reported && param_varies(selection, m->cell.params[j].name))
                tc_words_add_once(&selection->varying_params, m->cell.params[j].name);
    }
}

static void find_models(struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++)
        if (strcmp(selection->items[i]->cell.model, "floor") == 0)
            tc_words_add_once(&selection->models, "floor");
    for (;;) { /* the smallest name that is not there yet */
        const char *next = NULL;
        for (size_t i = 0; i < selection->count; i++) {
            const char *model = selection->items[i]->cell.model;
            if (!tc_words_have(&selection->models, model) && (!next || strcmp(model, next) < 0))
                next = model;
        }
        if (!next)
            return;
        tc_words_add(&selection->models, next);
    }
}

/* -- sorting -- */

static int compare_rows(const struct selection *selection, const struct tc_measurement *a,
                        const struct tc_measurement *b)
{
    int order = strcmp(metric_of(selection, a), metric_of(selection, b));
    if (order == 0)
        order = strcmp(a->cell.placement, b->cell.placement);
    for (size_t i = 0; order == 0 && i < selection->varying_params.count; i++) {
        const char *name = selection->varying_params.items[i];
        order = tc_value_compare(param_of(a, name), param_of(b, name));
    }
    if (order == 0)
        order = (a->cell.tasks > b->cell.tasks) - (a->cell.tasks < b->cell.tasks);
    return order;
}

bool same_row(const struct selection *selection, const struct tc_measurement *a,
              const struct tc_measurement *b)
{
    return compare_rows(selection, a, b) == 0;
}

static int compare_items(const void *a, const void *b, void *selection)
{
    const struct tc_measurement *x = *(const struct tc_measurement *const *)a;
    const struct tc_measurement *y = *(const struct tc_measurement *const *)b;
    int order = compare_rows(selection, x, y);
    return order ? order : strcmp(x->cell.model, y->cell.model);
}

struct selection select_measurements(const struct show *show, selects_fn *selects,
                                     const void *argument)
{
    struct selection selection = {0};
    const struct tc_results *results = show->results;
    selection.items = calloc(results->measurement_count + 1, sizeof(void *));
    MUST(selection.items);
    for (size_t i = 0; i < results->measurement_count; i++)
        if (selects(&results->measurements[i], argument))
            selection.items[selection.count++] = &results->measurements[i];
    if (selection.count > 0) {
        find_first_metric(&selection);
        find_varying(&selection);
        find_models(&selection);
        qsort_r(selection.items, selection.count, sizeof(void *), compare_items, &selection);
    }
    return selection;
}

void selection_clear(struct selection *selection)
{
    free(selection->items);
    tc_words_clear(&selection->models);
    tc_words_clear(&selection->varying_params);
}

/* Alike in all but the parameters. */
static bool same_place(const struct selection *selection, const struct tc_measurement *a,
                       const struct tc_measurement *b)
{
    return strcmp(metric_of(selection, a), metric_of(selection, b)) == 0 &&
           strcmp(a->cell.placement, b->cell.placement) == 0 && a->cell.tasks == b->cell.tasks;
}

const struct tc_measurement *in_row(const struct selection *selection,
                                    const struct tc_measurement *row, const char *model)
{
    const struct tc_measurement *only = NULL;
    size_t alternatives = 0;
    for (size_t i = 0; i < selection->count; i++) {
        const struct tc_measurement *m = selection->items[i];
        if (strcmp(m->cell.model, model) != 0 || !same_place(selection, m, row))
            continue;
        if (same_row(selection, m, row))
            return m;
        only = m;
        alternatives++;
    }
    return alternatives == 1 ? only : NULL;
}

static bool has_varying_param(const struct selection *selection, const struct tc_measurement *m)
{
    for (size_t i = 0; i < selection->varying_params.count; i++)
        if (*param_of(m, selection->varying_params.items[i]))
            return true;
    return false;
}

bool is_told_elsewhere(const struct selection *selection, const struct tc_measurement *row)
{
    if (has_varying_param(selection, row))
        return false;
    for (size_t i = 0; i < selection->count; i++)
        if (same_place(selection, selection->items[i], row) &&
            has_varying_param(selection, selection->items[i]))
            return true;
    return false;
}

/* -- keys and captions -- */

size_t add_key_columns(struct tc_table *table, const struct selection *selection, const char *first)
{
    size_t keys = 0;
    if (first)
        tc_table_column(table, first, TC_LEFT), keys++;
    if (selection->metric_varies)
        tc_table_column(table, "metric", TC_LEFT), keys++;
    if (selection->placement_varies)
        tc_table_column(table, "placement", TC_LEFT), keys++;
    for (size_t i = 0; i < selection->varying_params.count; i++, keys++)
        tc_table_column(table, selection->varying_params.items[i], TC_LEFT);
    if (selection->tasks_vary || keys == 0)
        tc_table_column(table, "tasks", TC_RIGHT), keys++;
    tc_table_keys(table, keys);
    return keys;
}

void add_keys(struct tc_table *table, const struct selection *selection,
              const struct tc_measurement *row, const char *first)
{
    char count[32];
    bool any = first || selection->metric_varies || selection->placement_varies ||
               selection->varying_params.count > 0;
    if (first)
        tc_table_cell(table, first);
    if (selection->metric_varies)
        tc_table_cell(table, metric_of(selection, row));
    if (selection->placement_varies)
        tc_table_cell(table, row->cell.placement);
    for (size_t i = 0; i < selection->varying_params.count; i++)
        tc_table_cell(table, param_of(row, selection->varying_params.items[i]));
    if (selection->tasks_vary || !any)
        tc_table_cell(table, tc_format_count(row->cell.tasks, count, sizeof count));
}

static void add_text(char *to, size_t size, const char *separator, const char *text)
{
    size_t used = strlen(to);
    snprintf(to + used, size - used, "%s%s", used ? separator : "", text);
}

/* "one-core, 500 tasks, stack=default": everything that is the same in all rows. */
static void describe_constants(const struct selection *selection, char *text, size_t size)
{
    struct tc_words told = {0};
    char part[160], count[32];
    const struct tc_cell *first = &selection->items[0]->cell;
    if (!selection->placement_varies)
        add_text(text, size, ", ", first->placement);
    if (!selection->tasks_vary) {
        snprintf(part, sizeof part, "%s task%s", tc_format_count(first->tasks, count, sizeof count),
                 first->tasks == 1 ? "" : "s");
        add_text(text, size, ", ", part);
    }
    for (size_t i = 0; i < selection->count; i++) {
        const struct tc_cell *cell = &selection->items[i]->cell;
        for (size_t j = 0; j < cell->param_count; j++) {
            const char *name = cell->params[j].name;
            if (tc_words_have(&told, name) || param_varies(selection, name))
                continue;
            tc_words_add(&told, name);
            snprintf(part, sizeof part, "%s=%s", name, cell->params[j].value);
            add_text(text, size, ", ", part);
        }
    }
    tc_words_clear(&told);
}

void print_heading(const struct show *show, const char *title, const struct selection *selection,
                   const char *note)
{
    char line[1024] = "";
    bool markdown = show->style == TC_MARKDOWN;
    fprintf(show->out, "\n%s%s\n%s", markdown ? "## " : "", title, markdown ? "\n" : "");
    if (selection && selection->count > 0)
        describe_constants(selection, line, sizeof line);
    if (note)
        add_text(line, sizeof line, "; ", note);
    if (line[0])
        tc_print_wrapped(show->out, line, show->style, show->width, 0);
    if (line[0] || !markdown)
        fputc('\n', show->out);
}

void print_table(const struct show *show, struct tc_table *table)
{
    if (tc_table_rows(table) > 0)
        tc_table_print(table, show->out, show->style, show->width);
    tc_table_free(table);
}
