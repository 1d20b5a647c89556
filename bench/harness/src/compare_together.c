/* SPDX-License-Identifier: MIT
 *
 * All rows of a comparison taken together: a change that is in every row, such as another compiler
 * or kernel makes, shows in their mean long before it shows in any of them.
 *
 * Like is compared with like: a row's rounds are parted by whether the machine was fast or slow all
 * through them (strata; those in which it changed are left out where enough remain), each stratum
 * against its own median in the base, at the same clock. Each block of a file then gives one
 * number, the mean over its rows, weighted by the inverse square of a stratum's spread. What
 * disturbs a whole block counts once that way. The files' means of blocks, weighted again, differ
 * by the change; its standard error comes from how the blocks of a file differ, their
 * autocorrelation included (Bayley and Hammersley 1946), and the test is Welch's (B. L. Welch 1947)
 * of a least effect.
 */
#include "base/status.h"
#include "compare_internal.h"
#include "harness/stats.h"

#include <math.h>
#include <stdlib.h>

/* A round that is farther out than this many spreads counts as this far: one disturbed row must not
 * be its block. */
static const double farthest = 4;
/* No spread is believed to be smaller, however few rounds agree so well. */
static const double least_spread = 0.004;
/* Of the rows, that fast and slow rounds alone must tell of; else all rounds are taken. */
static const double least_share = 0.5;
enum { LEAST_ROWS = 2, LEAST_ROUNDS = 6, LEAST_OF_STRATUM = 3, LEAST_BLOCKS = 6 };

struct part {
    uint64_t block;
    double change, weight;
};

struct parts {
    struct part *items;
    size_t count;
};

/* One row, or one stratum of it, in one file. */
struct sample {
    uint64_t *blocks;
    double *costs;
    size_t count;
};

static struct sample sample_for(const struct tc__series *series)
{
    struct sample sample = {calloc(series->count + 1, sizeof *sample.blocks),
                            calloc(series->count + 1, sizeof *sample.costs), 0};
    MUST(sample.blocks && sample.costs);
    return sample;
}

static void sample_clear(struct sample *sample)
{
    free(sample->blocks);
    free(sample->costs);
}

/* -- parts -- */

static double spread_of(const struct sample samples[2], const double middles[2])
{
    size_t count = samples[0].count + samples[1].count, at = 0;
    double *sizes = malloc((count + 1) * sizeof *sizes);
    MUST(sizes);
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < samples[f].count; i++)
            sizes[at++] = fabs(samples[f].costs[i] - middles[f]);
    double spread = 1.4826 * tc_median(sizes, count);
    free(sizes);
    return fmax(spread * sqrt((double)count / (double)(count - 2)), least_spread);
}

static void add_parts(struct parts *to, const struct sample *sample, double own, double base,
                      double spread)
{
    to->items = realloc(to->items, (to->count + sample->count + 1) * sizeof *to->items);
    MUST(to->items);
    for (size_t i = 0; i < sample->count; i++) {
        /* Held in about the file's own median, or a large change would be cut. */
        double off = fmin(fmax(sample->costs[i] - own, -farthest * spread), farthest * spread);
        to->items[to->count++] =
            (struct part){sample->blocks[i], own + off - base, 1 / (spread * spread)};
    }
}

static bool add_samples(struct parts files[2], const struct sample samples[2], size_t least)
{
    if (samples[0].count < least || samples[1].count < least)
        return false;
    double middles[2];
    for (size_t f = 0; f < 2; f++)
        middles[f] = tc_median(samples[f].costs, samples[f].count);
    double spread = spread_of(samples, middles);
    for (size_t f = 0; f < 2; f++)
        add_parts(&files[f], &samples[f], middles[f], middles[0], spread);
    return true;
}

/* -- rows -- */

static bool takes_part(const struct tc_compared *row, const struct tc__sides *sides)
{
    return row->change != TC_NOT_JUDGED && row->change != TC_NOT_COMPARABLE && sides->timed &&
           !sides->base.undefined && !sides->new.undefined && sides->base.count >= LEAST_ROUNDS &&
           sides->new.count >= LEAST_ROUNDS;
}

/* Whether a stratum of the row could be added. */
static bool add_strata(struct parts files[2], const struct tc__sides *sides, double slope)
{
    const struct tc__series *series[] = {&sides->base, &sides->new};
    bool any = false;
    for (double busy = 0; busy <= 1; busy++) {
        struct sample samples[] = {sample_for(series[0]), sample_for(series[1])};
        for (size_t f = 0; f < 2; f++)
            for (size_t i = 0; i < series[f]->count; i++) {
                const struct tc__point *point = &series[f]->points[i];
                if (point->mixed || point->busy != busy || isnan(point->speed))
                    continue;
                samples[f].blocks[samples[f].count] = point->block;
                samples[f].costs[samples[f].count++] = point->cost - slope * point->speed;
            }
        any = add_samples(files, samples, LEAST_OF_STRATUM) || any;
        sample_clear(&samples[0]);
        sample_clear(&samples[1]);
    }
    return any;
}

/* All rounds, by the covariate that suits the row best. */
static void add_whole(struct parts files[2], const struct tc__sides *sides, double slope)
{
    const struct tc__series *series[] = {&sides->base, &sides->new};
    struct sample samples[] = {sample_for(series[0]), sample_for(series[1])};
    tc__adjusted_costs(sides, slope, samples[0].costs, samples[1].costs);
    for (size_t f = 0; f < 2; f++) {
        samples[f].count = series[f]->count;
        for (size_t i = 0; i < series[f]->count; i++)
            samples[f].blocks[i] = series[f]->points[i].block;
    }
    add_samples(files, samples, LEAST_ROUNDS);
    sample_clear(&samples[0]);
    sample_clear(&samples[1]);
}

/* -- the mean of a file's blocks -- */

struct mean {
    double value, variance;
    size_t blocks;
};

static int compare_parts(const void *a, const void *b)
{
    uint64_t x = ((const struct part *)a)->block, y = ((const struct part *)b)->block;
    return (x > y) - (x < y);
}

/* Makes each block one part; they are in order then. */
static void merge_blocks(struct parts *parts)
{
    size_t count = 0;
    qsort(parts->items, parts->count, sizeof *parts->items, compare_parts);
    for (size_t i = 0; i < parts->count; i++) {
        const struct part *part = &parts->items[i];
        struct part *last = count ? &parts->items[count - 1] : NULL;
        if (last && last->block == part->block) {
            last->weight += part->weight;
            last->change += (part->change - last->change) * part->weight / last->weight;
        } else {
            parts->items[count++] = *part;
        }
    }
    parts->count = count;
}

static struct mean mean_of(struct parts *parts)
{
    double weights = 0, squares = 0, sum = 0, errors = 0, products = 0, before = 0;
    merge_blocks(parts);
    for (size_t i = 0; i < parts->count; i++) {
        weights += parts->items[i].weight;
        squares += pow(parts->items[i].weight, 2);
        sum += parts->items[i].weight * parts->items[i].change;
    }
    struct mean mean = {sum / weights, NAN, parts->count};
    for (size_t i = 0; i < parts->count; i++) {
        double error = parts->items[i].weight * (parts->items[i].change - mean.value);
        errors += error * error;
        products += error * before;
        before = error;
    }
    double n = (double)parts->count, effective = weights * weights / squares;
    double r = errors > 0 ? products / errors : 0;
    r = fmin(fmax(r + (1 + 4 * fmax(r, 0)) / n, 0), 0.9);
    mean.variance = errors / (weights * weights) * (1 + r) / (1 - r);
    mean.variance *= effective / fmax(effective - 1, 0.5);
    return mean;
}

/* -- the difference -- */

/* Two-sided p of Student's t, by Abramowitz and Stegun 26.7.8. */
static double student_p(double t, double freedom)
{
    double z = t * (1 - 1 / (4 * freedom)) / sqrt(1 + t * t / (2 * freedom));
    return erfc(z / M_SQRT2);
}

/* The t whose two-sided p is 0.05. */
static double student_quantile(double freedom)
{
    double low = 0, high = 1000;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (student_p(middle, freedom) > 0.05)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct tc__shift difference(struct parts files[2], double least)
{
    struct tc__shift out = {NAN, NAN, NAN, NAN, false, false};
    if (files[0].count == 0 || files[1].count == 0)
        return out;
    struct mean base = mean_of(&files[0]), new = mean_of(&files[1]);
    if (base.blocks < LEAST_BLOCKS || new.blocks < LEAST_BLOCKS)
        return out;
    double variance = base.variance + new.variance;
    double freedom = variance * variance /
                     (base.variance * base.variance / (double)(base.blocks - 1) +
                      new.variance *new.variance / (double)(new.blocks - 1));
    freedom = isfinite(freedom) ? freedom : (double)(base.blocks + new.blocks - 2);
    out.shift = new.value - base.value;
    double reach = student_quantile(freedom) * sqrt(variance);
    out.low = out.shift - reach;
    out.high = out.shift + reach;
    double beyond = fabs(out.shift) - least;
    out.p = beyond > 0 ? student_p(beyond / sqrt(variance), freedom) : 1;
    return out;
}

struct tc__shift tc__judge_together(const struct tc__maker *maker, double slope, size_t *rows)
{
    struct parts strata[2] = {{NULL, 0}, {NULL, 0}}, whole[2] = {{NULL, 0}, {NULL, 0}};
    double least = log1p(maker->rules->min_effect);
    size_t told = 0;
    *rows = 0;
    for (size_t i = 0; i < maker->out->count; i++)
        if (takes_part(&maker->out->rows[i], &maker->sides[i])) {
            told += add_strata(strata, &maker->sides[i], slope);
            add_whole(whole, &maker->sides[i], slope);
            ++*rows;
        }
    struct tc__shift shift = {NAN, NAN, NAN, NAN, false, false};
    if (*rows >= LEAST_ROWS && (double)told >= least_share * (double)*rows)
        shift = difference(strata, least);
    if (*rows >= LEAST_ROWS && isnan(shift.shift))
        shift = difference(whole, least);
    for (size_t f = 0; f < 2; f++) {
        free(strata[f].items);
        free(whole[f].items);
    }
    return shift;
}
