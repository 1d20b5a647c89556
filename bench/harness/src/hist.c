/* SPDX-License-Identifier: MIT
 *
 * The log-linear histogram of hist.h. A value of more than BITS bits is shifted right until BITS
 * are left; bucket = shift * HALF + what is left, which continues the exact buckets seamlessly
 * because the leading bit is always set. Counts saturate nowhere: 2^64 samples are out of reach.
 */
#include "harness/hist.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>

enum { EXACT = 1 << TC_HIST_BITS, HALF = EXACT / 2 };

static unsigned shift_of_bucket(size_t bucket)
{
    return bucket < EXACT ? 0 : (unsigned)(bucket / HALF - 1);
}

struct tc_hist *tc_hist_new(void)
{
    return calloc(1, sizeof(struct tc_hist));
}

void tc_hist_free(struct tc_hist *hist)
{
    free(hist);
}

size_t tc_hist_bucket_of(uint64_t value)
{
    if (value < EXACT)
        return (size_t)value;
    unsigned shift = 64 - TC_HIST_BITS - (unsigned)__builtin_clzll(value);
    return (size_t)shift * HALF + (size_t)(value >> shift);
}

uint64_t tc_hist_bucket_low(size_t bucket)
{
    MUST(bucket < TC_HIST_BUCKETS);
    if (bucket < EXACT)
        return bucket;
    return (uint64_t)(bucket % HALF + HALF) << shift_of_bucket(bucket);
}

void tc_hist_add_count(struct tc_hist *hist, uint64_t value, uint64_t count)
{
    if (count == 0)
        return;
    if (hist->total == 0 || value < hist->min)
        hist->min = value;
    if (hist->total == 0 || value > hist->max)
        hist->max = value;
    hist->total += count;
    hist->counts[tc_hist_bucket_of(value)] += count;
}

void tc_hist_add(struct tc_hist *hist, uint64_t value)
{
    tc_hist_add_count(hist, value, 1);
}

void tc_hist_merge(struct tc_hist *to, const struct tc_hist *from)
{
    if (from->total == 0)
        return;
    if (to->total == 0 || from->min < to->min)
        to->min = from->min;
    if (to->total == 0 || from->max > to->max)
        to->max = from->max;
    to->total += from->total;
    for (size_t i = 0; i < TC_HIST_BUCKETS; i++)
        to->counts[i] += from->counts[i];
}

static double bucket_middle(size_t bucket)
{
    double width = ldexp(1, (int)shift_of_bucket(bucket));
    return (double)tc_hist_bucket_low(bucket) + (width - 1) / 2;
}

/* How many values the answer must cover. The slack keeps 0.07 * 100 = 7.000000000000001 at 7. */
static uint64_t rank_of(double quantile, uint64_t total)
{
    double rank = ceil(quantile * (double)total * (1 - 1e-12));
    if (rank < 1)
        return 1;
    return rank >= (double)total ? total : (uint64_t)rank;
}

double tc_hist_quantile(const struct tc_hist *hist, double quantile)
{
    if (hist->total == 0)
        return NAN;
    uint64_t rank = rank_of(quantile, hist->total), seen = 0;
    for (size_t i = 0; i < TC_HIST_BUCKETS; i++) {
        seen += hist->counts[i];
        if (seen >= rank)
            return fmin(fmax(bucket_middle(i), (double)hist->min), (double)hist->max);
    }
    return (double)hist->max;
}
