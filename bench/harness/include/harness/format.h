/* SPDX-License-Identifier: MIT
 *
 * Figures as people read them: three significant digits, and one unit for a whole column so that
 * its figures can be compared at a glance.
 */
#ifndef HARNESS_FORMAT_H
#define HARNESS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a column is shown: figures are divided by `divisor` and called `unit`. */
struct tc_scale {
    double divisor;
    const char *unit;
};

/* The largest unit in which the column's smallest figure is still at least 1: "ns" becomes ns, µs,
 * ms or s, "B" becomes B, KiB, MiB or GiB, other units stay. `unit` is kept by reference. */
struct tc_scale tc_scale_for(const char *unit, double smallest);

/* "4.52", "1050", "0.0310" into `text`; "-" when undefined. Returns text. */
const char *tc_format_number(double value, char *text, size_t size);

/* The median with half its interval's width, "4.52 ± 0.03", or the median alone when there is no
 * interval; never breaks at the spaces (U+00A0). An interval wider than the figure to either side
 * is told by its ends, "209 [35, 1290]". Returns text. */
const char *tc_format_interval(double median, double low, double high, struct tc_scale scale,
                               char *text, size_t size);

/* "1.4×", "62×", "0.95×"; "-" when undefined. Returns text. */
const char *tc_format_ratio(double ratio, char *text, size_t size);

/* The ratio with half its interval's width in percent of it, "1.42× ±14%", or the ratio alone when
 * there is no interval, or with both ends when it is wider than ±50 %; breaks at its one space.
 * Returns text. */
const char *tc_format_ratio_spread(double ratio, double low, double high, char *text, size_t size);

/* A comparison with both ends of its interval, "1.42× [1.38, 1.47]", or without one "1.42×"; a
 * difference likewise, "0.31 [-0.02, 0.65] µs". They break at plain spaces. The ends are rounded
 * outwards: an interval is not shown narrower than it is. "-" when undefined. Return text. */
const char *tc_format_ratio_interval(double ratio, double low, double high, char *text,
                                     size_t size);
const char *tc_format_difference(double difference, double low, double high, const char *unit,
                                 char *text, size_t size);

/* "0.031", "<0.001"; empty when undefined. Returns text. */
const char *tc_format_p(double p, char *text, size_t size);

/* A number with its own best unit: "17.0 µs", "9.50 KiB", "80,000". Returns text. */
const char *tc_format_quantity(double value, const char *unit, char *text, size_t size);

/* "80,000". Returns text. */
const char *tc_format_count(uint64_t count, char *text, size_t size);

#endif
