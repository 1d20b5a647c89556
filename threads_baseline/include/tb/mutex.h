/* SPDX-License-Identifier: MIT
 *
 * pthread's mutex, the strongest there is here: free, it is one instruction to take and one to give
 * back, and it belongs to nobody while its next owner wakes up, so that whoever comes first gets
 * it. Not recursive. Waiting for it does not heed the thread's scope. Thread-safe but for init and
 * destroy.
 */
#ifndef TB_MUTEX_H
#define TB_MUTEX_H

#include "base/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct tb_mutex {
    pthread_mutex_t mutex;
};

static inline void tb_mutex_init(struct tb_mutex *mutex)
{
    MUST(pthread_mutex_init(&mutex->mutex, NULL) == 0);
}

/* Nobody may hold it. */
static inline void tb_mutex_destroy(struct tb_mutex *mutex)
{
    pthread_mutex_destroy(&mutex->mutex);
}

/* 0 once the mutex is owned. */
static inline int64_t tb_mutex_lock(struct tb_mutex *mutex)
{
    MUST(pthread_mutex_lock(&mutex->mutex) == 0);
    return 0;
}

/* Takes the mutex if it is free: true. */
static inline bool tb_mutex_try_lock(struct tb_mutex *mutex)
{
    return pthread_mutex_trylock(&mutex->mutex) == 0;
}

/* By its owner. */
static inline void tb_mutex_unlock(struct tb_mutex *mutex)
{
    MUST(pthread_mutex_unlock(&mutex->mutex) == 0);
}

#endif
