/* SPDX-License-Identifier: MIT
 *
 * Absolute-deadline timers on the executor's clock (CLOCK_MONOTONIC but in tests).
 *
 * A timer is a node in the frame of the sleeper. Nothing is armed in the kernel until the executor
 * has nothing else to do; giving up is an unlink. Deadlines are rounded up to RT_TICK_SHIFT's
 * resolution, so a timer never fires early.
 *
 * The clock is not read for each timer: what is past or to come is judged by the time of the turn,
 * read when the executor last looked for due timers (at least every RT_POLLS_PER_TURN polls). A
 * deadline that has passed since is met at the next look.
 */
#ifndef RT_TIMER_H
#define RT_TIMER_H

#include "rt/executor.h"

#include "base/clock.h"

struct rt_timer {
    union {
        struct rt_wait wait; /* its task is woken when the timer fires; idle when not running */
        struct {
            char rt__waiter[offsetof(struct rt_wait, wanted)];
            uint64_t deadline_ns; /* where a waiter has what a timer's has no use for */
        };
    };
};

_Static_assert(sizeof(struct rt_timer) == 32, "a timer adds nothing to its waiter");

/* The time of this turn: what timers are judged by, without a reading of the clock while any
 * runs. */
uint64_t rt_timer_now_ns(struct rt_executor *executor);

/* Starts a timer that is idle: the task of `cx` is woken once when `deadline_ns` (see rt_now_ns())
 * has come, at the next look when it has passed already, and never for TC_NEVER. The timer must
 * stay where it is until it is stopped; it wakes nobody that has ended, but has to be stopped
 * before its memory goes. O(1). */
void rt_timer_start(struct rt_timer *timer, struct rt_cx *cx, uint64_t deadline_ns);

/* Makes it idle again, whether it has fired or not. O(1): an unlink. */
static inline void rt_timer_stop(struct rt_timer *timer)
{
    if (rt_wait_is_waiting(&timer->wait)) {
        struct list *next = timer->wait.link.next, *prev = timer->wait.link.prev;
        prev->next = next;
        next->prev = prev;
    }
    rt_wait_init(&timer->wait);
}

/* A timer that is not running. */
static inline void rt_timer_init(struct rt_timer *timer)
{
    rt_wait_init(&timer->wait);
}

/* Awaitable: 0 once `deadline_ns` has passed; a deadline in the past is ready at once, TC_NEVER
 * never. The timer is the operation's state and must stay where it is meanwhile. O(1). */
rt_poll rt_sleep_until_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_timer *timer,
                            uint64_t deadline_ns);
void rt_sleep_until_drop(struct rt_wait *wait, struct rt_timer *timer, uint64_t deadline_ns);

/* Awaitable: the same for a duration, counted from the first poll. */
static inline rt_poll rt_sleep_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_timer *timer,
                                    uint64_t duration_ns)
{
    uint64_t deadline_ns = TC_NEVER; /* also of a timer that is not running */
    if (rt_wait_is_idle(wait)) {
        uint64_t now_ns = rt_now_ns(cx->executor);
        if (duration_ns < TC_NEVER - now_ns)
            deadline_ns = now_ns + duration_ns;
    } else if (!rt_wait_is_idle(&timer->wait)) {
        deadline_ns = timer->deadline_ns;
    }
    return rt_sleep_until_poll(wait, cx, timer, deadline_ns);
}

static inline void rt_sleep_drop(struct rt_wait *wait, struct rt_timer *timer, uint64_t duration_ns)
{
    (void)duration_ns;
    rt_sleep_until_drop(wait, timer, timer->deadline_ns);
}

#endif
