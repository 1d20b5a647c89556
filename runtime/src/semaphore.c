/* SPDX-License-Identifier: MIT
 *
 * The contended half of semaphores (and of reader-writer locks, which are semaphores): serving who
 * waits, and giving up. The rest is in rt/semaphore.h.
 */
#include "rt/semaphore.h"

static struct rt_wait *first_of(const struct rt_semaphore *semaphore)
{
    return TC_CONTAINER_OF(semaphore->waiters.first, struct rt_wait, link);
}

void rt__semaphore_serve(struct rt_semaphore *semaphore)
{
    while (semaphore->waiters.first && first_of(semaphore)->wanted <= semaphore->permits) {
        semaphore->permits -= first_of(semaphore)->wanted;
        rt_queue_wake_one(&semaphore->waiters);
    }
}

void rt_semaphore_acquire_drop(struct rt_wait *wait, struct rt_semaphore *semaphore, uint32_t count)
{
    if (rt_wait_is_granted(wait))
        semaphore->permits += count;
    rt_queue_cancel(&semaphore->waiters, wait);
    rt__semaphore_serve(semaphore);
}
