/* SPDX-License-Identifier: MIT
 *
 * A counting semaphore: permits that are acquired some at a time and released.
 *
 * Strictly first come, first served: while anybody waits, a newcomer waits behind, even for less,
 * so that a large request is never starved by small ones. Permits are granted by whoever releases
 * them, before the waiting task runs; one that is dropped then releases them again.
 *
 * A request for more permits than there ever are waits for ever. Closing is left out: refuse tasks
 * by ending them.
 *
 * No call allocates or fails. All are O(1) but a release, which is O(woken). A semaphore belongs to
 * one executor's thread and must not be freed while somebody waits.
 */
#ifndef RT_SEMAPHORE_H
#define RT_SEMAPHORE_H

#include "rt/executor.h"

struct rt_semaphore {
    struct rt_queue waiters; /* in order; each says in `wanted` how many permits it needs */
    uint64_t permits;        /* released and granted to nobody */
};

static inline void rt_semaphore_init(struct rt_semaphore *semaphore, uint64_t permits)
{
    *semaphore = (struct rt_semaphore){.permits = permits};
}

/* Out of line: grants to the longest waiting for as long as the permits suffice. */
void rt__semaphore_serve(struct rt_semaphore *semaphore);

TC_ALWAYS_INLINE bool rt__semaphore_suffices(const struct rt_semaphore *semaphore, uint32_t count)
{
    return !semaphore->waiters.first && semaphore->permits >= count;
}

/* Takes `count` permits if they are free and nobody waits: true. */
TC_ALWAYS_INLINE bool rt_semaphore_try_acquire(struct rt_semaphore *semaphore, uint32_t count)
{
    if (!rt__semaphore_suffices(semaphore, count))
        return false;
    semaphore->permits -= count;
    return true;
}

/* Gives back permits, or adds new ones. */
TC_ALWAYS_INLINE void rt_semaphore_release(struct rt_semaphore *semaphore, uint32_t count)
{
    semaphore->permits += count;
    if (TC_UNLIKELY(semaphore->waiters.first))
        rt__semaphore_serve(semaphore);
}

/* Awaitable: 0 once `count` permits have been taken. */
TC_ALWAYS_INLINE rt_poll rt_semaphore_acquire_poll(struct rt_wait *wait, struct rt_cx *cx,
                                                   struct rt_semaphore *semaphore, uint32_t count)
{
    if (rt_wait_is_granted(wait))
        return 0;
    if (!rt_wait_is_idle(wait))
        return RT_PENDING;
    if (TC_UNLIKELY(!rt__semaphore_suffices(semaphore, count))) {
        wait->wanted = count;
        rt_queue_push(&semaphore->waiters, wait, cx);
        return RT_PENDING;
    }
    if (rt_budget_spent(cx))
        return RT_PENDING;
    semaphore->permits -= count;
    return 0;
}

/* Permits that were granted are released again; without a large request in front, those behind it
 * may be served. */
void rt_semaphore_acquire_drop(struct rt_wait *wait, struct rt_semaphore *semaphore,
                               uint32_t count);

#endif
