/* SPDX-License-Identifier: MIT
 *
 * Which rows a comparison has: the cells and metrics of both files, the ratios of models where the
 * machine is another one, and what only one file has. Each row's rounds are read here and judged in
 * compare.c.
 */
#include "base/status.h"
#include "compare_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- measurements -- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

bool tc_more_is_better(const struct tc_measurement *measurement)
{
    return ends_with(measurement->unit, "/s") || strcmp(measurement->metric, "tasks_alive") == 0;
}

static bool is_timed(const struct tc_measurement *measurement)
{
    return strcmp(measurement->unit, "ns") == 0 || ends_with(measurement->unit, "/s");
}

/* What every cell carries beside what it measures: it explains a change, and is not one. */
static bool is_counter(const struct tc_measurement *measurement)
{
    return strcmp(measurement->unit, "1/operation") == 0 ||
           strcmp(measurement->metric, "cpu_time") == 0;
}

static bool is_lost(const struct tc_measurement *measurement)
{
    return strcmp(measurement->metric, "round") == 0;
}

static bool is_chosen(const struct tc__maker *maker, const struct tc_measurement *measurement)
{
    const struct tc_words *metrics = &maker->rules->metrics;
    if (metrics->count == 0)
        return !is_counter(measurement);
    return is_lost(measurement) || tc_words_have(metrics, "all") ||
           tc_words_have(metrics, measurement->metric);
}

/* The same cell and metric in `results`; else, where one of the two gave no metric at all, the
 * measurement that says why. */
static const struct tc_measurement *counterpart(const struct tc_results *results,
                                                const struct tc_measurement *of)
{
    if (is_lost(of))
        return tc_results_lookup(results, &of->cell, NULL);
    const struct tc_measurement *found = tc_results_lookup(results, &of->cell, of->metric);
    return found ? found : tc_results_lookup(results, &of->cell, "round");
}

/* -- rows -- */

static struct tc_compared *add_row(struct tc__maker *maker, const struct tc_measurement *base,
                                   const struct tc_measurement *new)
{
    struct tc_comparison *out = maker->out;
    if ((out->count & (out->count - 1)) == 0) {
        size_t room = out->count ? out->count * 2 : 1;
        out->rows = realloc(out->rows, room * sizeof *out->rows);
        maker->sides = realloc(maker->sides, room * sizeof *maker->sides);
        MUST(out->rows && maker->sides);
    }
    maker->sides[out->count] = (struct tc__sides){.timed = is_timed(base)};
    struct tc_compared *row = &out->rows[out->count++];
    *row = (struct tc_compared){.base = base,
                                .new = new,
                                .base_value = base->summary.median,
                                .new_value = new->summary.median,
                                .ratio = NAN,
                                .low = NAN,
                                .high = NAN,
                                .raw_ratio = NAN,
                                .p = NAN,
                                .change = TC_UNCLEAR};
    return row;
}

static bool differs(const struct tc_param *param, const struct tc_cell *other)
{
    const char *value = tc_cell_param(other, param->name);
    return param->reported && value && strcmp(value, param->value) != 0;
}

static const char *first_reason(const struct tc_measurement *measurement)
{
    const struct tc_words *reasons = &measurement->quality.reasons;
    return reasons->count > 0 ? reasons->items[0] : "no reason was given";
}

/* Why the two can't be compared, into the row; false when they can. */
static bool is_not_comparable(struct tc_compared *row)
{
    const struct tc_measurement *sides[] = {row->base, row->new};
    static const char *const which[] = {"base", "new"};
    for (size_t i = 0; i < 2; i++)
        if (sides[i]->status != TC_OK) {
            snprintf(row->reason, sizeof row->reason, "%s: %s%s%.120s", which[i],
                     tc_status_name(sides[i]->status), sides[i]->reason ? ": " : "",
                     sides[i]->reason ? sides[i]->reason : "");
            return true;
        }
    for (size_t i = 0; i < 2; i++)
        if (sides[i]->quality.verdict == TC_INVALID) {
            snprintf(row->reason, sizeof row->reason, "%s: invalid: %.150s", which[i],
                     first_reason(sides[i]));
            return true;
        }
    if (strcmp(row->base->unit, row->new->unit) != 0) {
        snprintf(row->reason, sizeof row->reason, "other units: %.40s and %.40s", row->base->unit,
                 row->new->unit);
        return true;
    }
    for (size_t i = 0; i < row->base->cell.param_count; i++)
        if (differs(&row->base->cell.params[i], &row->new->cell)) {
            const struct tc_param *param = &row->base->cell.params[i];
            snprintf(row->reason, sizeof row->reason, "other parameters: %.40s is %.40s and %.40s",
                     param->name, param->value, tc_cell_param(&row->new->cell, param->name));
            return true;
        }
    return false;
}

static void read_sides(struct tc__maker *maker, const struct tc_compared *row,
                       struct tc__sides *sides)
{
    sides->base = tc__series_read(maker->base, row->base, maker->base_split);
    sides->new = tc__series_read(maker->new, row->new, maker->new_split);
}

void tc__add_figures(struct tc__maker *maker)
{
    for (size_t i = 0; i < maker->base->measurement_count; i++) {
        const struct tc_measurement *m = &maker->base->measurements[i];
        const struct tc_measurement *other =
            is_chosen(maker, m) ? counterpart(maker->new, m) : NULL;
        if (!other || (m->status == TC_SKIPPED && other->status == TC_SKIPPED))
            continue; /* what this machine can't measure is no row */
        struct tc_compared *row = add_row(maker, m, other);
        if (is_not_comparable(row))
            row->change = TC_NOT_COMPARABLE;
        else
            read_sides(maker, row, &maker->sides[maker->out->count - 1]);
    }
}

/* -- ratios of models -- */

static bool agree(const struct tc_cell *a, const struct tc_cell *b)
{
    for (size_t i = 0; i < a->param_count; i++) {
        const char *value = tc_cell_param(b, a->params[i].name);
        if (!a->params[i].reported && value && strcmp(value, a->params[i].value) != 0)
            return false;
    }
    return true;
}

/* The figure of another model for the same work: alike in all parameters that both models know. */
static const struct tc_measurement *of_model(const struct tc_results *results,
                                             const struct tc_measurement *over, const char *model)
{
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (strcmp(m->cell.model, model) == 0 && m->status == TC_OK &&
            strcmp(m->metric, over->metric) == 0 && m->cell.tasks == over->cell.tasks &&
            strcmp(m->cell.workload, over->cell.workload) == 0 &&
            strcmp(m->cell.placement, over->cell.placement) == 0 && agree(&over->cell, &m->cell))
            return m;
    }
    return NULL;
}

static struct tc__series ratio_of(const struct tc_results *results, double split,
                                  const struct tc_measurement *over,
                                  const struct tc_measurement *under)
{
    struct tc__series a = tc__series_read(results, over, split);
    struct tc__series b = tc__series_read(results, under, split);
    struct tc__series ratio = tc__series_ratio(&a, &b);
    tc__series_clear(&a);
    tc__series_clear(&b);
    return ratio;
}

static double median_ratio(const struct tc__series *series, const struct tc_measurement *of)
{
    double middle, *costs = malloc((series->count + 1) * sizeof *costs);
    MUST(costs);
    for (size_t i = 0; i < series->count; i++)
        costs[i] = series->points[i].cost;
    middle = tc_median(costs, series->count);
    free(costs);
    return exp(tc_more_is_better(of) ? -middle : middle);
}

/* A row for the ratio of figure `figure`'s model to `model`, where both files have it. */
static void add_ratio(struct tc__maker *maker, size_t figure, const char *model)
{
    const struct tc_measurement *base = maker->out->rows[figure].base;
    const struct tc_measurement *new = maker->out->rows[figure].new;
    const struct tc_measurement *base_under = of_model(maker->base, base, model);
    const struct tc_measurement *new_under =
        base_under ? tc_results_lookup(maker->new, &base_under->cell, base->metric) : NULL;
    if (!new_under || new_under->status != TC_OK)
        return;
    struct tc_compared *row = add_row(maker, base, new);
    struct tc__sides *sides = &maker->sides[maker->out->count - 1];
    sides->base = ratio_of(maker->base, maker->base_split, base, base_under);
    sides->new = ratio_of(maker->new, maker->new_split, new, new_under);
    row->base_under = base_under;
    row->new_under = new_under;
    row->base_value = median_ratio(&sides->base, base);
    row->new_value = median_ratio(&sides->new, new);
}

void tc__add_ratios(struct tc__maker *maker)
{
    size_t figures = maker->out->count;
    for (size_t i = 0; i < figures; i++) {
        struct tc_compared *row = &maker->out->rows[i];
        const char *model = row->base->cell.model;
        if (row->change == TC_NOT_COMPARABLE)
            continue;
        row->change = TC_NOT_JUDGED;
        if (strcmp(model, "floor") != 0)
            add_ratio(maker, i, "floor");
        if (strcmp(model, "threads") == 0)
            add_ratio(maker, i, "async");
    }
}

/* -- what only one file has -- */

const struct tc_measurement **tc__alone(const struct tc__maker *maker, const struct tc_results *in,
                                        const struct tc_results *other, size_t *count)
{
    const struct tc_measurement **list = calloc(in->measurement_count + 1, sizeof *list);
    MUST(list);
    *count = 0;
    for (size_t i = 0; i < in->measurement_count; i++) {
        const struct tc_measurement *m = &in->measurements[i];
        if (is_chosen(maker, m) && !counterpart(other, m))
            list[(*count)++] = m;
    }
    return list;
}
