/* SPDX-License-Identifier: MIT
 *
 * Figures that are computed from several measurements, round by round.
 *
 * A series is one value a block. Series are added, subtracted and divided where their blocks are
 * the same, because those rounds ran close in time and a slow drift of the machine is in all of
 * them; the interval is that of the combined values, so that it is honest about the computed figure
 * and not about its parts. For one ratio of two measurements harness/pairs.h gives the test as
 * well.
 */
#ifndef HARNESS_SERIES_H
#define HARNESS_SERIES_H

#include "harness/results.h"

/* A median with its 95 % order-statistic interval; NaN where there is none. */
struct tc_effect {
    double value, low, high;
    size_t rounds;
};

struct tc_series {
    uint64_t *blocks; /* ascending */
    double *values;
    size_t count;
};

/* The medians of a measurement's rounds; empty for NULL and for one that is not ok. A second round
 * of a block is left out. All series are freed with tc_series_free(). */
struct tc_series tc_series_of(const struct tc_measurement *measurement);
/* a + b, a - b or a / b for '+', '-' and '/', over the blocks that are in both; what is not finite
 * is left out. Uses both up. */
struct tc_series tc_series_combine(struct tc_series a, char operation, struct tc_series b);
struct tc_effect tc_series_effect(const struct tc_series *series);
void tc_series_free(struct tc_series *series);

/* over / under; where no block is in both, the ratio of their medians without an interval. */
struct tc_effect tc_effect_ratio(const struct tc_measurement *over,
                                 const struct tc_measurement *under);

/* "9.0× (8.7 to 9.4)" or "1.05 µs (1.01 to 1.10)"; for the unit "ratio", else as a quantity. */
const char *tc_format_effect(struct tc_effect effect, const char *unit, char *text, size_t size);

/* The measurement of `metric` in the cell that is `like` but for its model (whose other parameters
 * do not count) and for a number of tasks or a placement that is not 0 or NULL. NULL where there is
 * none that is ok. */
const struct tc_measurement *tc_counterpart(const struct tc_results *results,
                                            const struct tc_cell *like, const char *model,
                                            const char *placement, uint64_t tasks,
                                            const char *metric);

#endif
