/* SPDX-License-Identifier: MIT
 *
 * A barrier: as many tasks as it has parties wait for each other, again and again.
 *
 * The last to arrive does not wait; it is told that it is the leader and sends the others on. The
 * queue is empty at that moment, so the next generation can't mix with this one, however late its
 * tasks run. An arrival that is dropped while it waits is taken back; once its generation is
 * complete there is nothing to take back.
 *
 * An rt_latch (rt/event.h) differs: who arrives at it need not wait, who waits need not arrive, and
 * it opens once.
 *
 * No call allocates or fails; arriving is O(1), for the last O(parties). Belongs to one executor's
 * thread and must not be freed while somebody waits.
 */
#ifndef RT_BARRIER_H
#define RT_BARRIER_H

#include "rt/executor.h"

struct rt_barrier {
    struct rt_queue waiters; /* who has arrived in this generation */
    uint32_t parties;        /* constant */
    uint32_t missing;        /* of this generation; 1 to parties */
};

/* For 1 or more parties. */
static inline void rt_barrier_init(struct rt_barrier *barrier, uint32_t parties)
{
    MUST(parties > 0);
    *barrier = (struct rt_barrier){.parties = parties, .missing = parties};
}

/* Awaitable: once all have arrived 1 for the last of them, 0 for the others. */
TC_ALWAYS_INLINE rt_poll rt_barrier_wait_poll(struct rt_wait *wait, struct rt_cx *cx,
                                              struct rt_barrier *barrier)
{
    if (rt_wait_is_granted(wait))
        return 0;
    if (rt_wait_is_idle(wait)) {
        if (--barrier->missing == 0) {
            barrier->missing = barrier->parties;
            rt_queue_wake_all(&barrier->waiters);
            return 1;
        }
        rt_queue_push(&barrier->waiters, wait, cx);
    }
    return RT_PENDING;
}

static inline void rt_barrier_wait_drop(struct rt_wait *wait, struct rt_barrier *barrier)
{
    barrier->missing += rt_wait_is_waiting(wait);
    rt_queue_cancel(&barrier->waiters, wait);
}

#endif
