/* SPDX-License-Identifier: MIT
 *
 * Where a measured curve falls under a level for good, with an interval.
 */
#ifndef HARNESS_CROSSING_H
#define HARNESS_CROSSING_H

#include "harness/series.h"

struct tc_point {
    double x; /* at least 0 */
    struct tc_effect y;
};

enum tc_crossing_kind {
    TC_CROSSES,     /* at `x` */
    TC_STAYS_BELOW, /* below already at the first point */
    TC_STAYS_ABOVE, /* not below at the last point */
    TC_NO_CURVE     /* fewer than two points */
};

/* `low` and `high` are where the lower and the upper end of the points' intervals cross; NaN where
 * that end does not cross within the points, or has no interval. */
struct tc_crossing {
    enum tc_crossing_kind kind;
    double x, low, high;
};

/* From where on the curve through the points (ascending in x) stays under `level`. Between two
 * points it is a straight line in log x and log y, which is what a cost that is divided by x looks
 * like; linear where a value is not positive. */
struct tc_crossing tc_falls_under(const struct tc_point *points, size_t count, double level);

#endif
