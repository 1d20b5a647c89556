/* SPDX-License-Identifier: MIT
 *
 * Whether a figure deserves trust: ok, noisy or invalid, with the reasons in words.
 *
 * Judged from what the rounds themselves saw (their "observed": probe, conditions, binding) and
 * from the spread of the figure; the rules and their thresholds are one table in quality.c. A
 * reading that is absent or not permitted is never bad. Invalid: something interfered that no
 * number of rounds averages out. Noisy: the figure may be right, but this file does not show it.
 *
 * A reason is "what is wrong: how much", where the first part is the same for all figures that have
 * it and the second begins with a number, so that a reader can group them.
 */
#ifndef HARNESS_QUALITY_H
#define HARNESS_QUALITY_H

#include "harness/results.h"

/* Judges one measurement of the document by its rounds and its summary as it is; a pure function.
 * What `out` held is released. A measurement that is not ok gets no verdict. O(measurements). */
void tc_quality_judge(const struct tc_results *results, const struct tc_measurement *measurement,
                      struct tc_quality *out);

void tc_quality_clear(struct tc_quality *quality);

/* "ok", "noisy", "invalid"; NULL for none. */
const char *tc_quality_name(enum tc_quality_verdict verdict);

#endif
