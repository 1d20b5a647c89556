/* SPDX-License-Identifier: MIT
 *
 * Theil and Sen's line, and the points of a document that one is laid through.
 */
#include "harness/slope.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The standard normal distribution's 97.5 % point. */
static const double z_975 = 1.959963984540054;

static double *allocate(size_t count)
{
    double *values = malloc((count + 1) * sizeof *values);
    MUST(values);
    return values;
}

/* -- the line -- */

/* What ties take from the variance of Kendall's score: the sum of k(k-1)(2k+5) over groups of k. */
static double ties(const double *values, size_t count)
{
    double *sorted = allocate(count), sum = 0;
    memcpy(sorted, values, count * sizeof *values);
    tc_sort(sorted, count);
    for (size_t i = 0, k; i < count; i += k) {
        for (k = 1; i + k < count && sorted[i + k] == sorted[i]; k++)
            ;
        sum += (double)(k * (k - 1)) * (double)(2 * k + 5);
    }
    free(sorted);
    return sum;
}

static double score_deviation(const double *x, const double *y, size_t count)
{
    double n = (double)count;
    double variance = n * (n - 1) * (2 * n + 5) - ties(x, count) - ties(y, count);
    return sqrt(fmax(variance, 0) / 18);
}

/* Ranks of the sorted slopes that bound the interval, as SciPy rounds them. */
static void find_interval(const double *slopes, size_t count, double deviation, struct tc_line *out)
{
    double low = rint(((double)count - z_975 * deviation) / 2) - 1;
    double high = rint(((double)count + z_975 * deviation) / 2);
    if (low < 0 || high >= (double)count)
        return; /* even the outermost slopes do not reach the level */
    out->low = slopes[(size_t)low];
    out->high = slopes[(size_t)high];
}

static double find_intercept(const double *x, const double *y, size_t count, double slope)
{
    double *rest = allocate(count);
    for (size_t i = 0; i < count; i++)
        rest[i] = y[i] - slope * x[i];
    double median = tc_median(rest, count);
    free(rest);
    return median;
}

/* The slopes of all pairs that differ in x, sorted. */
static double *find_slopes(const double *x, const double *y, size_t count, size_t *found)
{
    double *slopes = allocate(count * (count - 1) / 2);
    *found = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (x[i] != x[j])
                slopes[(*found)++] = (y[i] - y[j]) / (x[i] - x[j]);
    tc_sort(slopes, *found);
    return slopes;
}

bool tc_theil_sen(const double *x, const double *y, size_t count, struct tc_line *out)
{
    *out = (struct tc_line){NAN, NAN, NAN, NAN};
    if (count < 2 || count > TC_SLOPE_POINTS_MAX)
        return false;
    size_t found;
    double *slopes = find_slopes(x, y, count, &found);
    if (found > 0) {
        out->slope = tc_quantile_sorted(slopes, found, 0.5);
        out->intercept = find_intercept(x, y, count, out->slope);
        find_interval(slopes, found, score_deviation(x, y, count), out);
    }
    free(slopes);
    return found > 0;
}

/* -- its points -- */

static const struct tc_param *next_chosen(const struct tc_cell *cell, size_t *at)
{
    while (*at < cell->param_count)
        if (!cell->params[(*at)++].reported)
            return &cell->params[*at - 1];
    return NULL;
}

bool tc_slope_same_line(const struct tc_cell *a, const struct tc_cell *b)
{
    if (strcmp(a->workload, b->workload) != 0 || strcmp(a->model, b->model) != 0 ||
        strcmp(a->placement, b->placement) != 0)
        return false;
    for (size_t i = 0, j = 0;;) {
        const struct tc_param *x = next_chosen(a, &i), *y = next_chosen(b, &j);
        if (!x || !y)
            return x == y;
        if (strcmp(x->name, y->name) != 0 || strcmp(x->value, y->value) != 0)
            return false;
    }
}

static bool is_on_line(const struct tc_measurement *m, const struct tc_cell *cell,
                       const char *metric)
{
    return m->status == TC_OK && m->cell.tasks > 0 && isfinite(m->summary.median) &&
           strcmp(m->metric, metric) == 0 && tc_slope_same_line(&m->cell, cell);
}

struct points {
    double *x, *y;
    size_t count, capacity;
};

static void add_point(struct points *points, double x, double y)
{
    if (points->count == points->capacity) {
        points->capacity = points->capacity ? 2 * points->capacity : 64;
        points->x = realloc(points->x, points->capacity * sizeof *points->x);
        points->y = realloc(points->y, points->capacity * sizeof *points->y);
        MUST(points->x && points->y);
    }
    points->x[points->count] = x;
    points->y[points->count++] = y;
}

/* A point a round: so many tasks, so much for all of them together. */
static void add_cell(struct points *points, const struct tc_measurement *m, struct tc_slope *out)
{
    double tasks = (double)m->cell.tasks;
    for (size_t i = 0; i < m->round_count; i++)
        if (isfinite(m->rounds[i].median * tasks))
            add_point(points, tasks, m->rounds[i].median * tasks);
    out->values++;
    if (out->values == 1 || m->cell.tasks < out->tasks_min)
        out->tasks_min = m->cell.tasks;
    if (m->cell.tasks > out->tasks_max)
        out->tasks_max = m->cell.tasks;
}

static double residual_of(const struct tc_measurement *m, const struct tc_line *line)
{
    double tasks = (double)m->cell.tasks, expected = line->intercept + line->slope * tasks;
    return fabs(m->summary.median * tasks - expected) / fabs(expected);
}

bool tc_slope_find(const struct tc_results *results, const struct tc_cell *cell, const char *metric,
                   struct tc_slope *out)
{
    struct points points = {0};
    *out = (struct tc_slope){.line = {NAN, NAN, NAN, NAN}};
    for (size_t i = 0; i < results->measurement_count; i++)
        if (is_on_line(&results->measurements[i], cell, metric))
            add_cell(&points, &results->measurements[i], out);
    bool found = out->values >= TC_SLOPE_VALUES_MIN &&
                 tc_theil_sen(points.x, points.y, points.count, &out->line);
    for (size_t i = 0; found && i < results->measurement_count; i++)
        if (is_on_line(&results->measurements[i], cell, metric))
            out->residual = fmax(out->residual, residual_of(&results->measurements[i], &out->line));
    out->points = points.count;
    free(points.x);
    free(points.y);
    return found;
}
