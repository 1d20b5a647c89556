/* SPDX-License-Identifier: MIT
 *
 * `taskcost run --resume`: whether a file can be gone on with, and how it was begun.
 */
#ifndef TASKCOST_RUN_RESUME_H
#define TASKCOST_RUN_RESUME_H

#include "run_choices.h"

#include "harness/campaign.h"

/* Loads the run that is to go on, and puts how it was begun in place of the choices and into
 * `rules`; a new time limit counts from now. NULL with a sentence when it can't be gone on with:
 * not a run that recorded what it was asked for, measured by another build, or choices that differ.
 * The request borrows its profile from the document. */
struct tc_results *run_load_resumed(struct choices *choices, struct tc_rules *rules,
                                    struct tc_error *err);

/* Why there is nothing left to measure, in words for the user; NULL when there is. */
const char *run_is_finished(const struct tc_results *results, const struct tc_rules *rules,
                            bool has_new_limit);

/* -EXDEV with a sentence when `now` is the environment of another machine than the document's. */
int run_check_machine(const struct tc_results *results, tc_json *now, struct tc_error *err);

#endif
