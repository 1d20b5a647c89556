/* SPDX-License-Identifier: MIT
 *
 * A lock that many readers or one writer may hold, also across an await.
 *
 * It is a semaphore (rt/semaphore.h) with a permit for each reader that there could be: a reader
 * takes one, a writer all of them. So readers and writers are served in the order in which they
 * came, readers that stand together are let in together, and neither side can starve the other: a
 * reader that comes while a writer waits, waits behind it. Who holds the lock and asks for it again
 * may therefore wait for itself.
 *
 * Costs, ownership and limits are the semaphore's.
 */
#ifndef RT_RWLOCK_H
#define RT_RWLOCK_H

#include "rt/semaphore.h"

#define RT_RWLOCK_READERS UINT32_C(0x7fffffff) /* at most, at once */

struct rt_rwlock {
    struct rt_semaphore shares; /* those that nobody holds: all when free, none under a writer */
};

static inline void rt_rwlock_init(struct rt_rwlock *lock)
{
    rt_semaphore_init(&lock->shares, RT_RWLOCK_READERS);
}

/* Takes the lock for reading if it is free for that and nobody waits: true. */
TC_ALWAYS_INLINE bool rt_rwlock_try_read(struct rt_rwlock *lock)
{
    return rt_semaphore_try_acquire(&lock->shares, 1);
}

/* Takes the lock for writing if nobody holds it: true. */
TC_ALWAYS_INLINE bool rt_rwlock_try_write(struct rt_rwlock *lock)
{
    return rt_semaphore_try_acquire(&lock->shares, RT_RWLOCK_READERS);
}

/* A reader is done. That there is one is checked. */
TC_ALWAYS_INLINE void rt_rwlock_read_unlock(struct rt_rwlock *lock)
{
    MUST(lock->shares.permits > 0 && lock->shares.permits < RT_RWLOCK_READERS);
    rt_semaphore_release(&lock->shares, 1);
}

/* The writer is done. That there is one is checked. */
TC_ALWAYS_INLINE void rt_rwlock_write_unlock(struct rt_rwlock *lock)
{
    MUST(lock->shares.permits == 0);
    rt_semaphore_release(&lock->shares, RT_RWLOCK_READERS);
}

/* Awaitable: 0 once the lock is held for reading. */
TC_ALWAYS_INLINE rt_poll rt_rwlock_read_poll(struct rt_wait *wait, struct rt_cx *cx,
                                             struct rt_rwlock *lock)
{
    return rt_semaphore_acquire_poll(wait, cx, &lock->shares, 1);
}

static inline void rt_rwlock_read_drop(struct rt_wait *wait, struct rt_rwlock *lock)
{
    rt_semaphore_acquire_drop(wait, &lock->shares, 1);
}

/* Awaitable: 0 once the lock is held for writing. */
TC_ALWAYS_INLINE rt_poll rt_rwlock_write_poll(struct rt_wait *wait, struct rt_cx *cx,
                                              struct rt_rwlock *lock)
{
    return rt_semaphore_acquire_poll(wait, cx, &lock->shares, RT_RWLOCK_READERS);
}

static inline void rt_rwlock_write_drop(struct rt_wait *wait, struct rt_rwlock *lock)
{
    rt_semaphore_acquire_drop(wait, &lock->shares, RT_RWLOCK_READERS);
}

#endif
