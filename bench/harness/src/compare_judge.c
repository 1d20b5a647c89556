/* SPDX-License-Identifier: MIT
 *
 * One row's judgement: the covariate, the test and the widening that compare.h describes. All is in
 * logarithms of costs, so that a shift is a ratio and a positive one is worse.
 */
#include "compare_internal.h"

#include "base/status.h"
#include "harness/stats.h"

#include <math.h>
#include <stdlib.h>

/* Pairs of rounds with probes nearer than this say nothing of a slope, and fewer pairs in all than
 * this are too few to learn one from. */
static const double least_apart = 0.005;
/* A covariate that leaves no more than so many times the least spread fits about as well. */
static const double about_as_well = 1.25;
enum { LEAST_PAIRS = 30, LEAST_FOR_DRIFT = 6, NEIGHBOURS = 32 };

static double *numbers(size_t count)
{
    double *values = malloc((count + 1) * sizeof *values);
    MUST(values);
    return values;
}

/* -- the common slope -- */

struct weighted {
    double value, weight;
};

struct slopes {
    struct weighted *items;
    size_t count;
};

/* Of pairs of one group, or of all pairs. */
static void add_slopes(struct slopes *slopes, const struct tc__series *series, bool grouped)
{
    for (size_t i = 0; i < series->count; i++)
        for (size_t j = i > NEIGHBOURS ? i - NEIGHBOURS : 0; j < i; j++) {
            const struct tc__point *a = &series->points[i], *b = &series->points[j];
            double apart = fabs(a->speed - b->speed);
            if ((!grouped || a->busy == b->busy) && apart > least_apart) /* false for NaN */
                slopes->items[slopes->count++] =
                    (struct weighted){(a->cost - b->cost) / (a->speed - b->speed), apart};
        }
}

static int compare_weighted(const void *a, const void *b)
{
    double x = ((const struct weighted *)a)->value, y = ((const struct weighted *)b)->value;
    return (x > y) - (x < y);
}

static double weighted_median(struct slopes *slopes)
{
    double half = 0, seen = 0;
    for (size_t i = 0; i < slopes->count; i++)
        half += slopes->items[i].weight / 2;
    qsort(slopes->items, slopes->count, sizeof *slopes->items, compare_weighted);
    for (size_t i = 0; i < slopes->count; i++)
        if ((seen += slopes->items[i].weight) >= half)
            return slopes->items[i].value;
    return 1;
}

/* 1 where there are too few pairs. */
static double slope_of(const struct tc__sides *rows, size_t count, bool grouped)
{
    struct slopes slopes = {0};
    size_t room = 1;
    for (size_t i = 0; i < count; i++)
        room += (rows[i].base.count + rows[i].new.count) * NEIGHBOURS;
    slopes.items = malloc(room * sizeof *slopes.items);
    MUST(slopes.items);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].timed)
            continue;
        add_slopes(&slopes, &rows[i].base, grouped);
        add_slopes(&slopes, &rows[i].new, grouped);
    }
    double slope = slopes.count < LEAST_PAIRS ? 1 : weighted_median(&slopes);
    free(slopes.items);
    return fmin(fmax(slope, 0), 1);
}

double tc__common_slope(const struct tc__sides *rows, size_t count)
{
    return slope_of(rows, count, true);
}

/* -- the covariate of a row -- */

struct covariate {
    double slope, step; /* of log cost: over log probe; from the fast group to the slow one */
};

static double adjusted(const struct tc__point *point, const struct covariate *with)
{
    double cost = point->cost;
    if (with->slope != 0)
        cost -= with->slope * point->speed;
    return with->step != 0 ? cost - with->step * point->busy : cost;
}

static void adjust(const struct tc__series *series, const struct covariate *with, double *out)
{
    for (size_t i = 0; i < series->count; i++)
        out[i] = adjusted(&series->points[i], with);
}

static size_t add_steps(const struct tc__series *series, double slope, double *steps, size_t count)
{
    struct covariate with = {slope, 0};
    for (size_t i = 0; i < series->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct tc__point *a = &series->points[i], *b = &series->points[j];
            if (a->busy != b->busy)
                steps[count++] = (adjusted(a, &with) - adjusted(b, &with)) / (a->busy - b->busy);
        }
    return count;
}

/* NaN where no file has rounds of both groups. */
static double step_of(const struct tc__sides *sides, double slope)
{
    size_t base = sides->base.count, new = sides->new.count;
    double *steps = numbers(base * base + new *new);
    size_t count = add_steps(&sides->base, slope, steps, 0);
    count = add_steps(&sides->new, slope, steps, count);
    double step = tc_median(steps, count);
    free(steps);
    return step;
}

/* What the covariate leaves, each file about its own median; as many as there are rounds. */
static double *residuals(const struct tc__sides *sides, const struct covariate *with)
{
    const struct tc__series *files[] = {&sides->base, &sides->new};
    double *left = numbers(sides->base.count + sides->new.count), *at = left;
    for (size_t f = 0; f < 2; f++) {
        adjust(files[f], with, at);
        double middle = tc_median(at, files[f]->count);
        for (size_t i = 0; i < files[f]->count; i++)
            *at++ -= middle;
    }
    return left;
}

/* The median absolute deviation of residuals. */
static double spread_of(const double *left, size_t count)
{
    double *sizes = numbers(count);
    for (size_t i = 0; i < count; i++)
        sizes[i] = fabs(left[i]);
    double spread = tc_median(sizes, count);
    free(sizes);
    return spread;
}

static double spread_with(const struct tc__sides *sides, const struct covariate *with)
{
    double *left = residuals(sides, with);
    double spread = spread_of(left, sides->base.count + sides->new.count);
    free(left);
    return spread;
}

static bool has_speed(const struct tc__series *series)
{
    for (size_t i = 0; i < series->count; i++)
        if (isnan(series->points[i].speed))
            return false;
    return series->count > 0;
}

/* -- widening -- */

static double mean_busy(const struct tc__series *series)
{
    double sum = 0;
    for (size_t i = 0; i < series->count; i++)
        sum += series->points[i].busy;
    return sum / (double)series->count;
}

static double squares_busy(const struct tc__series *series)
{
    double mean = mean_busy(series), squares = 0;
    for (size_t i = 0; i < series->count; i++)
        squares += pow(series->points[i].busy - mean, 2);
    return squares;
}

/* By what the variance of the difference grows as the step is itself estimated. Infinite where the
 * files ran at different speeds and neither at both. */
static double covariate_growth(const struct tc__sides *sides)
{
    double apart = mean_busy(&sides->new) - mean_busy(&sides->base);
    double squares = squares_busy(&sides->new) + squares_busy(&sides->base);
    double each = 1 / (double)sides->base.count + 1 / (double)sides->new.count;
    return apart == 0 ? 1 : 1 + apart * apart / squares / each;
}

static double clipped(double value, double limit)
{
    return fmin(fmax(value, -limit), limit);
}

/* Lag-1 autocorrelation within the files, from 0 to 0.9. Residuals beyond three deviations count as
 * three, or one disturbed round would hide it. */
static double autocorrelation(const struct tc__sides *sides, const double *left)
{
    size_t base = sides->base.count, count = base + sides->new.count;
    double limit = 3 * 1.4826 * spread_of(left, count), products = 0, squares = 0;
    if (count < 2 * LEAST_FOR_DRIFT || limit == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        squares += pow(clipped(left[i], limit), 2);
        if (i + 1 < count && i + 1 != base)
            products += clipped(left[i], limit) * clipped(left[i + 1], limit);
    }
    double r = products / squares;
    return clipped(fmax(r + 2 * (1 + 4 * fmax(r, 0)) / (double)count, 0), 0.9);
}

static double widening(const struct tc__sides *sides, const struct covariate *with)
{
    double *left = residuals(sides, with);
    double r = autocorrelation(sides, left);
    double growth = (1 + r) / (1 - r);
    if (with->step != 0)
        growth *= covariate_growth(sides);
    free(left);
    return sqrt(growth);
}

/* -- the test -- */

/* z with P(|Z| > z) = p: the middle of ever smaller brackets. */
static double normal_quantile(double p)
{
    double low = 0, high = 38;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (erfc(middle / M_SQRT2) > p)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Of a shift beyond `least` to the side where it lies; 1 for one that is not. */
static double least_effect_p(const double *base, size_t base_count, double *new, size_t new_count,
                             double shift, double least, double widen)
{
    if (!(fabs(shift) > least))
        return 1;
    for (size_t i = 0; i < new_count; i++)
        new[i] -= copysign(least, shift);
    double p = tc_mann_whitney(base, base_count, new, new_count);
    if (isnan(p))
        return 1;
    return erfc(normal_quantile(p) / widen / M_SQRT2);
}

static struct tc__shift shift_with(const struct tc__sides *sides, const struct covariate *with,
                                   double least)
{
    struct tc__shift out = {.adjusted = with->slope != 0 || with->step != 0};
    size_t base_count = sides->base.count, new_count = sides->new.count;
    double *base = numbers(base_count), *new = numbers(new_count);
    double widen = widening(sides, with);
    adjust(&sides->base, with, base);
    adjust(&sides->new, with, new);
    tc_shift_ci(base, base_count, new, new_count, 0.95, &out.shift, &out.low, &out.high);
    out.low = out.shift - widen * (out.shift - out.low);
    out.high = out.shift + widen * (out.high - out.shift);
    out.p = least_effect_p(base, base_count, new, new_count, out.shift, least, widen);
    free(base);
    free(new);
    return out;
}

/* -- which covariate -- */

/* Adds to the judgement of the best covariate that of one that fits about as well: the interval
 * covers both, and a change is shown when both show it. */
static void concede(struct tc__shift *best, const struct tc__shift *other)
{
    best->low = fmin(best->low, other->low);
    best->high = fmax(best->high, other->high);
    best->p = (best->shift > 0) == (other->shift > 0) ? fmax(best->p, other->p) : 1;
}

enum { CANDIDATES = 4 };

struct candidates {
    struct covariate tried[CANDIDATES];
    double spreads[CANDIDATES];
    size_t best;
};

static struct candidates try_all(const struct tc__sides *sides, double slope)
{
    struct candidates all = {
        {{0, 0}, {slope, 0}, {slope, step_of(sides, slope)}, {slope_of(sides, 1, false), 0}},
        {0},
        0};
    for (size_t i = 0; i < CANDIDATES; i++) {
        all.spreads[i] = isnan(all.tried[i].step) ? INFINITY : spread_with(sides, &all.tried[i]);
        if (all.spreads[i] < all.spreads[all.best])
            all.best = i;
    }
    return all;
}

static struct tc__shift judge_by_speed(const struct tc__sides *sides, double slope, double least)
{
    struct candidates all = try_all(sides, slope);
    struct tc__shift out = shift_with(sides, &all.tried[all.best], least);
    for (size_t i = 0; i < CANDIDATES; i++)
        if (i != all.best && all.spreads[i] <= about_as_well * all.spreads[all.best]) {
            struct tc__shift other = shift_with(sides, &all.tried[i], least);
            concede(&out, &other);
        }
    return out;
}

static bool follows_speed(const struct tc__sides *sides)
{
    return sides->timed && has_speed(&sides->base) && has_speed(&sides->new);
}

void tc__adjusted_costs(const struct tc__sides *sides, double slope, double *base, double *new)
{
    struct covariate with = {0, 0};
    if (follows_speed(sides)) {
        struct candidates all = try_all(sides, slope);
        with = all.tried[all.best];
    }
    adjust(&sides->base, &with, base);
    adjust(&sides->new, &with, new);
}

struct tc__shift tc__judge(const struct tc__sides *sides, double slope, double min_effect)
{
    struct tc__shift out = {NAN, NAN, NAN, NAN, false, false};
    const struct covariate none = {0, 0};
    double least = log1p(min_effect);
    if (sides->base.count == 0 || sides->new.count == 0)
        return out;
    if (!follows_speed(sides))
        return shift_with(sides, &none, least);
    out = judge_by_speed(sides, slope, least);
    out.confounded = isinf(covariate_growth(sides));
    if (out.confounded)
        out.p = NAN;
    return out;
}
