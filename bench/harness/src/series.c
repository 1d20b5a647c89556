/* SPDX-License-Identifier: MIT
 *
 * Arithmetic of series, block by block.
 */
#include "harness/series.h"

#include "harness/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tc_series with_room(size_t count)
{
    struct tc_series series = {.blocks = calloc(count + 1, sizeof *series.blocks),
                               .values = calloc(count + 1, sizeof *series.values)};
    MUST(series.blocks && series.values);
    return series;
}

/* Keeps the blocks ascending; a block that is there already stays as it is. */
static void insert(struct tc_series *series, uint64_t block, double value)
{
    size_t at = series->count;
    while (at > 0 && series->blocks[at - 1] > block)
        at--;
    if (!isfinite(value) || (at > 0 && series->blocks[at - 1] == block))
        return;
    memmove(series->blocks + at + 1, series->blocks + at,
            (series->count - at) * sizeof *series->blocks);
    memmove(series->values + at + 1, series->values + at,
            (series->count - at) * sizeof *series->values);
    series->blocks[at] = block;
    series->values[at] = value;
    series->count++;
}

struct tc_series tc_series_of(const struct tc_measurement *measurement)
{
    bool usable = measurement && measurement->status == TC_OK;
    size_t count = usable ? measurement->round_count : 0;
    struct tc_series series = with_room(count);
    for (size_t i = 0; i < count; i++)
        insert(&series, measurement->rounds[i].block, measurement->rounds[i].median);
    return series;
}

static double apply(double a, char operation, double b)
{
    switch (operation) {
    case '+':
        return a + b;
    case '-':
        return a - b;
    default:
        MUST(operation == '/');
        return a / b;
    }
}

struct tc_series tc_series_combine(struct tc_series a, char operation, struct tc_series b)
{
    struct tc_series result = with_room(a.count);
    for (size_t i = 0, k = 0; i < a.count; i++) {
        while (k < b.count && b.blocks[k] < a.blocks[i])
            k++;
        if (k < b.count && b.blocks[k] == a.blocks[i])
            insert(&result, a.blocks[i], apply(a.values[i], operation, b.values[k]));
    }
    tc_series_free(&a);
    tc_series_free(&b);
    return result;
}

struct tc_effect tc_series_effect(const struct tc_series *series)
{
    struct tc_effect effect = {tc_median(series->values, series->count), NAN, NAN, series->count};
    tc_median_ci(series->values, series->count, 0.95, &effect.low, &effect.high);
    return effect;
}

void tc_series_free(struct tc_series *series)
{
    free(series->blocks);
    free(series->values);
    *series = (struct tc_series){0};
}

static double median_of(const struct tc_measurement *measurement)
{
    return measurement && measurement->status == TC_OK ? measurement->summary.median : NAN;
}

struct tc_effect tc_effect_ratio(const struct tc_measurement *over,
                                 const struct tc_measurement *under)
{
    struct tc_series ratio = tc_series_combine(tc_series_of(over), '/', tc_series_of(under));
    struct tc_effect effect = tc_series_effect(&ratio);
    if (ratio.count == 0)
        effect.value = median_of(over) / median_of(under);
    tc_series_free(&ratio);
    return effect;
}

static const char *one(double value, const char *unit, char *text, size_t size)
{
    return strcmp(unit, "ratio") == 0 ? tc_format_ratio(value, text, size)
                                      : tc_format_quantity(value, unit, text, size);
}

const char *tc_format_effect(struct tc_effect effect, const char *unit, char *text, size_t size)
{
    char low[64], high[64];
    one(effect.value, unit, text, size);
    size_t used = strlen(text);
    if (isfinite(effect.low) && isfinite(effect.high) && used < size)
        snprintf(text + used, size - used, " (%s to %s)", one(effect.low, unit, low, sizeof low),
                 one(effect.high, unit, high, sizeof high));
    return text;
}

/* Whether every parameter that both have was chosen alike; what workers report does not count. */
static bool parameters_agree(const struct tc_cell *a, const struct tc_cell *b)
{
    for (size_t i = 0; i < a->param_count; i++) {
        const char *other = tc_cell_param(b, a->params[i].name);
        if (!a->params[i].reported && other && strcmp(other, a->params[i].value) != 0)
            return false;
    }
    return true;
}

const struct tc_measurement *tc_counterpart(const struct tc_results *results,
                                            const struct tc_cell *like, const char *model,
                                            const char *placement, uint64_t tasks,
                                            const char *metric)
{
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (m->status == TC_OK && isfinite(m->summary.median) && strcmp(m->metric, metric) == 0 &&
            strcmp(m->cell.workload, like->workload) == 0 && strcmp(m->cell.model, model) == 0 &&
            strcmp(m->cell.placement, placement ? placement : like->placement) == 0 &&
            m->cell.tasks == (tasks ? tasks : like->tasks) && parameters_agree(like, &m->cell))
            return m;
    }
    return NULL;
}
