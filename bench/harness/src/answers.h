/* SPDX-License-Identifier: MIT
 *
 * What the files of the answers share; see harness/answers.h.
 */
#ifndef HARNESS_ANSWERS_INTERNAL_H
#define HARNESS_ANSWERS_INTERNAL_H

#include "harness/answers.h"
#include "harness/series.h"

void tc__answer_pinning(const struct tc_results *results, struct tc_answer *answer);
void tc__answer_growth(const struct tc_results *results, struct tc_answer *answer);
void tc__answer_limit(const struct tc_results *results, struct tc_answer *answer);
void tc__answer_uring(const struct tc_results *results, struct tc_answer *answer);
void tc__answer_work(const struct tc_results *results, struct tc_answer *answer);

/* Adds a sentence. */
void tc__say(struct tc_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts a column a name into the table; names that begin with '<' are aligned to the left. */
void tc__columns(struct tc_answer *answer, const char *const *names, size_t count);

/* Whether the cell has no parameter but those that are chosen when nobody says otherwise: its
 * threads are scheduled as the system does, sleep as the textbook has them and have the stacks that
 * their workload asks for, its rings have one token. */
bool tc__is_usual(const struct tc_cell *cell);

/* The median, or NaN for NULL and what is not ok. */
double tc__median(const struct tc_measurement *measurement);

/* "1.05 µs", "3.2×", "12 %" into one of a few buffers that are used in turn: for the arguments of
 * one sentence or row. */
const char *tc__quantity(double value, const char *unit);
const char *tc__effect(struct tc_effect effect, const char *unit);
const char *tc__percent(double share);

#endif
