/* SPDX-License-Identifier: MIT
 *
 * Events: waiting for something to have happened.
 *
 *   rt_event      many waiters, stays set until reset
 *   rt_event_one  one waiter, taking the event resets it; one word
 *   rt_latch      many waiters, set by the last of a known number of arrivals
 *
 * What else there is to wait for something that happens, and why these: an rt_notify (notify.h) is
 * taken by one of many waiters, where rt_event stays for all, and rt_event_one is the case of one
 * waiter in a third of the memory, for what there is one of in every task. An rt_oneshot carries a
 * word, once. Who arrives at an rt_barrier waits there, who arrives at an rt_latch goes on.
 *
 * All operations are O(1) but waking many, which is O(waiters). None can fail. They belong to one
 * executor's thread and must not be freed while somebody waits.
 */
#ifndef RT_EVENT_H
#define RT_EVENT_H

#include "rt/executor.h"

#include <errno.h>

struct rt_event {
    struct rt_queue waiters;
    bool set;
};

static inline void rt_event_init(struct rt_event *event)
{
    *event = (struct rt_event){0};
}

/* Wakes all that wait; later waits are ready at once. */
static inline void rt_event_set(struct rt_event *event)
{
    event->set = true;
    rt_queue_wake_all(&event->waiters);
}

/* Later waits wait again. Those already woken stay woken. */
static inline void rt_event_reset(struct rt_event *event)
{
    event->set = false;
}

/* Awaitable: 0 once the event is or was set while waiting. */
static inline rt_poll rt_event_wait_poll(struct rt_wait *wait, struct rt_cx *cx,
                                         struct rt_event *event)
{
    if (event->set || rt_wait_is_granted(wait)) {
        rt_queue_cancel(&event->waiters, wait);
        return 0;
    }
    if (rt_wait_is_idle(wait))
        rt_queue_push(&event->waiters, wait, cx);
    return RT_PENDING;
}

static inline void rt_event_wait_drop(struct rt_wait *wait, struct rt_event *event)
{
    rt_queue_cancel(&event->waiters, wait);
}

/* NULL: not set, nobody waits. RT_EVENT_ONE_SET: set. Else: the waiter. */
struct rt_event_one {
    struct rt_wait *state;
};

#define RT_EVENT_ONE_SET ((struct rt_wait *)1)

static inline void rt_event_one_init(struct rt_event_one *event)
{
    event->state = NULL;
}

/* Sets the event; setting it twice before it is taken is setting it once. */
static inline void rt_event_one_set(struct rt_event_one *event)
{
    struct rt_wait *waiter = event->state;
    event->state = RT_EVENT_ONE_SET;
    if (waiter && waiter != RT_EVENT_ONE_SET)
        rt_task_wake(waiter->task);
}

/* Awaitable: takes the event and resets it: 0; -EBUSY when another task already waits. */
static inline rt_poll rt_event_one_wait_poll(struct rt_wait *wait, struct rt_cx *cx,
                                             struct rt_event_one *event)
{
    if (event->state == RT_EVENT_ONE_SET) {
        event->state = NULL;
        return 0;
    }
    if (event->state && event->state != wait)
        return -EBUSY;
    RT_SEE(rt__see_promise(cx));
    wait->task = cx->task;
    event->state = wait;
    return RT_PENDING;
}

/* An event that was set for a waiter who is dropped stays set. */
static inline void rt_event_one_wait_drop(struct rt_wait *wait, struct rt_event_one *event)
{
    if (event->state == wait)
        event->state = NULL;
}

/* Opens for good when as many have arrived as it was told to expect. */
struct rt_latch {
    struct rt_event open;
    uint64_t missing;
};

static inline void rt_latch_init(struct rt_latch *latch, uint64_t expected)
{
    rt_event_init(&latch->open);
    latch->missing = expected;
    latch->open.set = expected == 0;
}

/* Closes the latch again for as many; nobody may wait for it. */
static inline void rt_latch_reset(struct rt_latch *latch, uint64_t expected)
{
    MUST(!latch->open.waiters.first);
    rt_latch_init(latch, expected);
}

/* One more has arrived; more than expected is a bug. */
static inline void rt_latch_arrive(struct rt_latch *latch)
{
    MUST(latch->missing > 0);
    if (--latch->missing == 0)
        rt_event_set(&latch->open);
}

/* Awaitable: 0 once all have arrived. */
static inline rt_poll rt_latch_wait_poll(struct rt_wait *wait, struct rt_cx *cx,
                                         struct rt_latch *latch)
{
    return rt_event_wait_poll(wait, cx, &latch->open);
}

static inline void rt_latch_wait_drop(struct rt_wait *wait, struct rt_latch *latch)
{
    rt_event_wait_drop(wait, &latch->open);
}

#endif
