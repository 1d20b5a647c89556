/* SPDX-License-Identifier: MIT
 *
 * Periodic timers.
 *
 *     rt_interval_init(&self->interval, rt_now_ns(cx->executor), 10 * TC_NS_PER_MS,
 * RT_MISSED_SKIP); for (;;) { RT_AWAIT_INTO(self->missed, rt_interval_tick, &self->interval);
 *         ...
 *     }
 *
 * Ticks keep to the grid that the first one lays out, so that lateness does not add up, but for the
 * policy that says otherwise. A tick that is not awaited is not lost: giving a wait up leaves the
 * interval as it was.
 */
#ifndef RT_INTERVAL_H
#define RT_INTERVAL_H

#include "rt/timer.h"

/* What becomes of ticks whose time has passed before they were awaited. */
enum rt_missed {
    RT_MISSED_BURST, /* all of them come, one after the other */
    RT_MISSED_SKIP,  /* they are left out; the next comes at its place on the grid */
    RT_MISSED_DELAY, /* they are left out; the next comes a whole period from now */
};

struct rt_interval {
    struct rt_timer timer;
    uint64_t next_ns, period_ns;
    enum rt_missed missed;
};

/* Ticks at `first_ns` (see rt_now_ns()) and every `period_ns` from then on. 0, or -EINVAL for a
 * period of 0. */
int rt_interval_init(struct rt_interval *interval, uint64_t first_ns, uint64_t period_ns,
                     enum rt_missed missed);

/* Awaitable: how many ticks are left out between this one and the next, once it is time for this
 * one. One task may wait at a time. O(1). */
rt_poll rt_interval_tick_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_interval *interval);
void rt_interval_tick_drop(struct rt_wait *wait, struct rt_interval *interval);

#endif
