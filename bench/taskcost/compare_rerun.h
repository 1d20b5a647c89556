/* SPDX-License-Identifier: MIT
 *
 * `taskcost compare --rerun`: a second look before a verdict.
 */
#ifndef TASKCOST_COMPARE_RERUN_H
#define TASKCOST_COMPARE_RERUN_H

#include "compare_view.h"

/* Measures every cell that the comparison calls better or worse, or that has noisy figures, once
 * more: with this build's workers, by the base's rules, as often as a run of them would. The rounds
 * go into `new`, which is view->new, and with it to the file `output` unless that is NULL. The
 * comparison's rows are of before; the caller compares anew.
 *
 * EXIT_DONE, EXIT_INTERRUPTED (the message is printed), or a negative errno value with a sentence:
 * this is not the machine or the build of `new`, a cell is unknown to the workers, or the file
 * can't be written. */
int compare_rerun(const struct compare_view *view, struct tc_results *new, const char *output,
                  struct tc_error *err);

#endif
