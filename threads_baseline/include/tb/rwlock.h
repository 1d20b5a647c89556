/* SPDX-License-Identifier: MIT
 *
 * pthread's lock for many readers or one writer, of the kind in which readers that come later wait
 * behind a writer that waits: by default glibc lets them in, and readers that never pause then keep
 * the writer out for ever. A thread that holds it and asks again may wait for itself. Waiting for
 * it does not heed the thread's scope. Thread-safe but for init and destroy.
 */
#ifndef TB_RWLOCK_H
#define TB_RWLOCK_H

#include "base/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct tb_rwlock {
    pthread_rwlock_t lock;
};

static inline void tb_rwlock_init(struct tb_rwlock *lock)
{
    pthread_rwlockattr_t kind;
    MUST(pthread_rwlockattr_init(&kind) == 0);
#ifdef __GLIBC__ /* other C libraries prefer writers, or have no choice */
    MUST(pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
#endif
    MUST(pthread_rwlock_init(&lock->lock, &kind) == 0);
    pthread_rwlockattr_destroy(&kind);
}

/* Nobody may hold it. */
static inline void tb_rwlock_destroy(struct tb_rwlock *lock)
{
    pthread_rwlock_destroy(&lock->lock);
}

/* 0 once the lock is held for reading. */
static inline int64_t tb_rwlock_read(struct tb_rwlock *lock)
{
    MUST(pthread_rwlock_rdlock(&lock->lock) == 0);
    return 0;
}

/* 0 once the lock is held for writing. */
static inline int64_t tb_rwlock_write(struct tb_rwlock *lock)
{
    MUST(pthread_rwlock_wrlock(&lock->lock) == 0);
    return 0;
}

/* Takes the lock for reading, or for writing, if it is free for that: true. */
static inline bool tb_rwlock_try_read(struct tb_rwlock *lock)
{
    return pthread_rwlock_tryrdlock(&lock->lock) == 0;
}

static inline bool tb_rwlock_try_write(struct tb_rwlock *lock)
{
    return pthread_rwlock_trywrlock(&lock->lock) == 0;
}

/* A reader, or the writer, is done. */
static inline void tb_rwlock_read_unlock(struct tb_rwlock *lock)
{
    MUST(pthread_rwlock_unlock(&lock->lock) == 0);
}

static inline void tb_rwlock_write_unlock(struct tb_rwlock *lock)
{
    MUST(pthread_rwlock_unlock(&lock->lock) == 0);
}

#endif
