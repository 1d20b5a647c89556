/* SPDX-License-Identifier: MIT
 *
 * From measurements to series of comparable rounds. The probe of a round is stored once, with the
 * first of its metrics, and is found again by cell and block.
 */
#include "compare_internal.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All pairs of rounds are formed, so that a series is thinned evenly to at most this many. */
enum { ROUNDS_MAX = 500 };

/* Groups of probes nearer to each other than this factor are one. */
static const double group_ratio = 1.2;

static double read_probe(const struct tc_round *round, const char *which)
{
    double probe = NAN;
    tcj_read_number(tcj_get(tcj_get(round->observed, "probe"), which), &probe);
    return probe > 0 ? log(probe) : NAN;
}

static double probe_of(const struct tc_round *round)
{
    return read_probe(round, "median");
}

/* -- one measurement -- */

/* Gives the points of `series` the probes that another metric of the cell carries. */
static void take_probes(struct tc__series *series, const struct tc_measurement *from)
{
    for (size_t i = 0, j = 0; i < from->round_count; i++) {
        double probe = probe_of(&from->rounds[i]);
        if (isnan(probe))
            continue;
        /* Both lists are in the order of their blocks, or nearly so. */
        for (size_t tried = 0; tried < series->count; tried++, j = (j + 1) % series->count)
            if (series->points[j].block == from->rounds[i].block) {
                series->points[j].speed = probe;
                series->points[j].low = read_probe(&from->rounds[i], "low");
                series->points[j].high = read_probe(&from->rounds[i], "high");
                break;
            }
    }
}

struct tc__series tc__series_read(const struct tc_results *results,
                                  const struct tc_measurement *measurement, double split)
{
    struct tc__series series = {calloc(measurement->round_count + 1, sizeof *series.points), 0,
                                false};
    double sign = tc_more_is_better(measurement) ? -1 : 1;
    MUST(series.points);
    size_t step = measurement->round_count / ROUNDS_MAX + 1;
    for (size_t i = 0; i < measurement->round_count; i += step) {
        const struct tc_round *round = &measurement->rounds[i];
        series.undefined = series.undefined || round->median <= 0;
        if (round->median > 0 && isfinite(round->median))
            series.points[series.count++] = (struct tc__point){
                round->block, sign * log(round->median), NAN, 0, NAN, NAN, false};
    }
    for (size_t i = 0; i < results->measurement_count; i++)
        if (tc_cell_same_plan(&results->measurements[i].cell, &measurement->cell))
            take_probes(&series, &results->measurements[i]);
    for (size_t i = 0; i < series.count; i++) {
        struct tc__point *point = &series.points[i];
        point->busy = point->speed > split; /* false for NaN */
        point->mixed = point->low <= split && point->high > split;
    }
    return series;
}

void tc__series_clear(struct tc__series *series)
{
    free(series->points);
    *series = (struct tc__series){0};
}

/* -- a ratio -- */

static const struct tc__point *in_block(const struct tc__series *series, uint64_t block)
{
    for (size_t i = 0; i < series->count; i++)
        if (series->points[i].block == block)
            return &series->points[i];
    return NULL;
}

struct tc__series tc__series_ratio(const struct tc__series *over, const struct tc__series *under)
{
    struct tc__series series = {calloc(over->count + 1, sizeof *series.points), 0,
                                over->undefined || under->undefined};
    MUST(series.points);
    for (size_t i = 0; i < over->count; i++) {
        const struct tc__point *a = &over->points[i], *b = in_block(under, a->block);
        if (b)
            series.points[series.count++] =
                (struct tc__point){a->block,
                                   a->cost - b->cost,
                                   a->speed - b->speed,
                                   a->busy - b->busy,
                                   NAN,
                                   NAN,
                                   a->mixed || b->mixed || a->busy != b->busy};
    }
    return series;
}

/* -- two groups of speeds -- */

static double *collect_probes(const struct tc_results *const *results, size_t files, size_t *count)
{
    size_t room = 1;
    for (size_t f = 0; f < files; f++)
        for (size_t i = 0; i < results[f]->measurement_count; i++)
            room += results[f]->measurements[i].round_count;
    double *probes = malloc(room * sizeof *probes);
    MUST(probes);
    *count = 0;
    for (size_t f = 0; f < files; f++)
        for (size_t i = 0; i < results[f]->measurement_count; i++)
            for (size_t j = 0; j < results[f]->measurements[i].round_count; j++) {
                double probe = probe_of(&results[f]->measurements[i].rounds[j]);
                if (!isnan(probe))
                    probes[(*count)++] = probe;
            }
    return probes;
}

/* The cut with the least squares within the two parts: the largest left * right * gap^2 (Otsu
 * 1979). *gap is the distance of the parts' means. */
static double best_cut(const double *sorted, size_t count, double *gap)
{
    double total = 0, left = 0, best = 0, cut = NAN;
    for (size_t i = 0; i < count; i++)
        total += sorted[i];
    for (size_t i = 1; i < count; i++) {
        double before = (double)i, after = (double)(count - i);
        left += sorted[i - 1];
        double apart = (total - left) / after - left / before;
        if (before * after * apart * apart > best) {
            best = before * after * apart * apart;
            cut = (sorted[i - 1] + sorted[i]) / 2;
            *gap = apart;
        }
    }
    return cut;
}

double tc__speed_split(const struct tc_results *const *results, size_t count)
{
    size_t probes_count;
    double gap = 0, *probes = collect_probes(results, count, &probes_count);
    tc_sort(probes, probes_count);
    double cut = best_cut(probes, probes_count, &gap);
    free(probes);
    return gap > log(group_ratio) ? cut : NAN;
}
