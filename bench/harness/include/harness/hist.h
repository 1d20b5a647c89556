/* SPDX-License-Identifier: MIT
 *
 * A log-linear histogram of non-negative integers, in the manner of HdrHistogram (Gil Tene, public
 * domain): each power of two is cut into 2^(BITS-1) equal buckets.
 *
 * Summary: any uint64_t fits, adding is O(1) and never allocates, two histograms merge exactly.
 * Derivation: a value below 2^BITS has a bucket of its own; above that its BITS leading bits name
 * the bucket. Error bound: a bucket's width is at most lo / 2^(BITS-1), so that reporting its
 * middle errs by at most 1 / 2^BITS of the value, 0.4 % with 8 bits.
 */
#ifndef HARNESS_HIST_H
#define HARNESS_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TC_HIST_BITS = 8, TC_HIST_BUCKETS = (64 - TC_HIST_BITS + 2) << (TC_HIST_BITS - 1) };

struct tc_hist {
    uint64_t total;
    uint64_t min, max; /* exact; meaningless while total is 0 */
    uint64_t counts[TC_HIST_BUCKETS];
};

/* NULL when memory is short. Free with tc_hist_free(). */
struct tc_hist *tc_hist_new(void);
void tc_hist_free(struct tc_hist *hist);

void tc_hist_add(struct tc_hist *hist, uint64_t value);
void tc_hist_add_count(struct tc_hist *hist, uint64_t value, uint64_t count);

/* Adds all of `from` to `to`; exact. */
void tc_hist_merge(struct tc_hist *to, const struct tc_hist *from);

/* The smallest value that at least `quantile` (0..1) of the values do not exceed, as its bucket's
 * middle clamped to [min, max]; NaN when empty. */
double tc_hist_quantile(const struct tc_hist *hist, double quantile);

/* Lowest value of a bucket, and the bucket a value falls in; for storing {lo: count} pairs. */
uint64_t tc_hist_bucket_low(size_t bucket);
size_t tc_hist_bucket_of(uint64_t value);

#endif
