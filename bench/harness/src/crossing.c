/* SPDX-License-Identifier: MIT
 *
 * Interpolation of the place where a curve falls under a level.
 */
#include "harness/crossing.h"

#include <math.h>

enum end { MIDDLE, LOWER, UPPER };

static double y_of(const struct tc_point *point, enum end end)
{
    return end == LOWER ? point->y.low : end == UPPER ? point->y.high : point->y.value;
}

static double between(double a, double b, double share, bool in_logs)
{
    return in_logs ? exp(log(a) + share * (log(b) - log(a))) : a + share * (b - a);
}

static double interpolate(const struct tc_point *a, const struct tc_point *b, enum end end,
                          double level)
{
    double from = y_of(a, end), to = y_of(b, end);
    bool in_logs = to > 0 && level > 0 && from > 0;
    double share = in_logs ? log(from / level) / log(from / to) : (from - level) / (from - to);
    return between(a->x, b->x, share, a->x > 0);
}

/* After the last point that is not under the level; no curve where a point has no such value. */
static struct tc_crossing cross(const struct tc_point *points, size_t count, enum end end,
                                double level)
{
    struct tc_crossing result = {TC_STAYS_BELOW, NAN, NAN, NAN};
    for (size_t i = 0; i < count; i++) {
        double y = y_of(&points[i], end);
        if (isnan(y))
            return (struct tc_crossing){TC_NO_CURVE, NAN, NAN, NAN};
        if (y < level)
            continue;
        result.kind = i + 1 < count ? TC_CROSSES : TC_STAYS_ABOVE;
        result.x = i + 1 < count ? interpolate(&points[i], &points[i + 1], end, level) : NAN;
    }
    return result;
}

struct tc_crossing tc_falls_under(const struct tc_point *points, size_t count, double level)
{
    if (count < 2)
        return (struct tc_crossing){TC_NO_CURVE, NAN, NAN, NAN};
    struct tc_crossing result = cross(points, count, MIDDLE, level);
    result.low = cross(points, count, LOWER, level).x;
    result.high = cross(points, count, UPPER, level).x;
    return result;
}
