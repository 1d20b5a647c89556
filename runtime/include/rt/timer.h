/* SPDX-License-Identifier: MIT
 *
 * Absolute-deadline timers on CLOCK_MONOTONIC.
 *
 * A timer is a node in the frame of the sleeper. Nothing is armed in the kernel until the executor
 * has nothing else to do; giving up is an unlink. Deadlines are rounded up to RT_TICK_SHIFT's
 * resolution, so a timer never fires early.
 */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include "rt/executor.h"

#include "base/clock.h"

struct rt_timer {
    struct rt_wait wait;
    uint64_t deadline_ns;
};

/* Awaitable: 0 once `deadline_ns` (see tc_now_ns()) has passed; a deadline in the past is ready at
 * once, TC_NEVER never. The timer is the operation's state and must stay where it is meanwhile.
 * O(1). */
rt_poll rt_sleep_until_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_timer *timer,
                            uint64_t deadline_ns);
void rt_sleep_until_drop(struct rt_wait *wait, struct rt_timer *timer, uint64_t deadline_ns);

#endif
