/* SPDX-License-Identifier: MIT
 *
 * What all rings have in common: how many tokens are on their way round at once. One token is the
 * plain cost of a switch, as nothing else is ready; with more of them a task that is woken finds
 * others ready beside it, and a reactor hears of several descriptors in one call.
 */
#ifndef RING_H
#define RING_H

#include "harness/workload.h"

/* clang-format off */
#define RING_PARAMS                                                                                \
    {"tokens", "1,8,64,...", "how many values are on their way round at once; fewer than tasks"}
/* clang-format on */

/* With fewer than there are tasks, one is always free to take the next: no ring can jam. */
static uint64_t ring_tokens(struct wl_round *round)
{
    return wl_param_count(round, "tokens", 1, wl_tasks(round) - 1);
}

#endif
