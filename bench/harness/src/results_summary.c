/* SPDX-License-Identifier: MIT
 *
 * From rounds to a summary: the median of the rounds' medians with its interval and outliers, and
 * the percentiles of the pooled samples, or of their histograms merged.
 */
#include "base/status.h"
#include "harness/quality.h"
#include "harness/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rounds' medians, those that have one; to be freed. */
static double *medians_of(const struct tc_measurement *measurement, size_t *count)
{
    double *medians = malloc((measurement->round_count + 1) * sizeof *medians);
    MUST(medians);
    *count = 0;
    for (size_t i = 0; i < measurement->round_count; i++)
        if (isfinite(measurement->rounds[i].median))
            medians[(*count)++] = measurement->rounds[i].median;
    return medians;
}

static void summarise_medians(const struct tc_measurement *measurement, struct tc_summary *summary)
{
    size_t count;
    double *medians = medians_of(measurement, &count);
    summary->rounds = count;
    summary->median = tc_median(medians, count);
    summary->mean = tc_mean(medians, count);
    summary->stddev = tc_stddev(medians, count);
    summary->outliers = tc_classify_outliers(medians, count);
    tc_median_ci_in_time(medians, count, measurement->level, &summary->ci_low, &summary->ci_high);
    summary->ci_level = isfinite(summary->ci_low) ? measurement->level : NAN;
    free(medians);
}

/* All samples of all rounds, sorted; only when no round is a histogram. */
static void summarise_samples(const struct tc_measurement *measurement, struct tc_summary *summary)
{
    size_t count = 0;
    double *pool = malloc((summary->samples + 1) * sizeof *pool);
    MUST(pool);
    for (size_t i = 0; i < measurement->round_count; i++) {
        const struct tc_round *round = &measurement->rounds[i];
        if (round->sample_count > 0)
            memcpy(pool + count, round->samples, round->sample_count * sizeof *pool);
        count += round->sample_count;
    }
    tc_sort(pool, count);
    summary->min = tc_quantile_sorted(pool, count, 0);
    summary->max = tc_quantile_sorted(pool, count, 1);
    summary->p50 = tc_quantile_sorted(pool, count, 0.5);
    summary->p90 = tc_quantile_sorted(pool, count, 0.9);
    summary->p99 = tc_quantile_sorted(pool, count, 0.99);
    summary->p999 = tc_quantile_sorted(pool, count, 0.999);
    free(pool);
}

static void add_samples(struct tc_hist *pool, const struct tc_round *round)
{
    for (size_t i = 0; i < round->sample_count; i++)
        if (round->samples[i] >= 0 && round->samples[i] < 0x1p63)
            tc_hist_add(pool, (uint64_t)llround(round->samples[i]));
}

static void summarise_histograms(const struct tc_measurement *measurement,
                                 struct tc_summary *summary)
{
    struct tc_hist *pool = tc_hist_new();
    MUST(pool);
    for (size_t i = 0; i < measurement->round_count; i++) {
        if (measurement->rounds[i].hist)
            tc_hist_merge(pool, measurement->rounds[i].hist);
        add_samples(pool, &measurement->rounds[i]);
    }
    summary->min = pool->total ? (double)pool->min : NAN;
    summary->max = pool->total ? (double)pool->max : NAN;
    summary->p50 = tc_hist_quantile(pool, 0.5);
    summary->p90 = tc_hist_quantile(pool, 0.9);
    summary->p99 = tc_hist_quantile(pool, 0.99);
    summary->p999 = tc_hist_quantile(pool, 0.999);
    tc_hist_free(pool);
}

static void hide_percentiles(struct tc_summary *summary)
{
    struct {
        double quantile, *value;
    } all[] = {
        {0.5, &summary->p50}, {0.9, &summary->p90}, {0.99, &summary->p99}, {0.999, &summary->p999}};
    for (size_t i = 0; i < TC_COUNT_OF(all); i++)
        if (!tc_percentile_is_defined(all[i].quantile, summary->samples))
            *all[i].value = NAN;
}

void tc_measurement_summarise(struct tc_measurement *measurement)
{
    struct tc_summary summary = {0};
    bool histogram = false;
    for (size_t i = 0; i < measurement->round_count; i++) {
        const struct tc_round *round = &measurement->rounds[i];
        summary.samples += round->sample_count + (round->hist ? round->hist->total : 0);
        histogram = histogram || round->hist;
    }
    summarise_medians(measurement, &summary);
    if (histogram)
        summarise_histograms(measurement, &summary);
    else
        summarise_samples(measurement, &summary);
    hide_percentiles(&summary);
    measurement->summary = summary;
    measurement->stale = false;
}

void tc_results_summarise(struct tc_results *results)
{
    for (size_t i = 0; i < results->measurement_count; i++)
        if (results->measurements[i].stale) {
            struct tc_measurement *m = &results->measurements[i];
            tc_measurement_summarise(m);
            tc_quality_judge(results, m, &m->quality);
        }
}
