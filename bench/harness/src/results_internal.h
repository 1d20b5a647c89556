/* SPDX-License-Identifier: MIT
 *
 * What the files of the results document share: growing lists, marking, summaries' inputs.
 */
#ifndef RESULTS_INTERNAL_H
#define RESULTS_INTERNAL_H

#include "harness/results.h"

/* A copy of the text, or NULL for NULL. Aborts when memory is short. */
char *tc__copy(const char *text);
/* Replaces *field by a copy. */
void tc__replace(char **field, const char *text);

/* Appends an empty element and returns it; the list may move. */
struct tc_measurement *tc__add_measurement(struct tc_results *results);
struct tc_round *tc__add_round(struct tc_measurement *measurement);

void tc__round_clear(struct tc_round *round);

/* Marks a measurement with the graver of its status and this one: skipped, ok, limited, failed in
 * rising order. The reason and the limit of what stays are kept, those of what goes are dropped. */
void tc__mark(struct tc_measurement *measurement, enum tc_status status, const char *reason,
              const tc_json *limit);

/* Reads samples or a histogram of a JSON object into a round, with its median. False when they are
 * not numbers or pairs of whole numbers. An empty list of samples is fine. */
bool tc__read_samples(const tc_json *from, struct tc_round *round);

#endif
