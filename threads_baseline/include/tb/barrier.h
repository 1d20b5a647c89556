/* SPDX-License-Identifier: MIT
 *
 * pthread's barrier: as many threads as it has parties wait for each other, again and again. Which
 * of them is told that it is the leader is the library's choice. Waiting does not heed the thread's
 * scope. Thread-safe but for init and destroy.
 */
#ifndef TB_BARRIER_H
#define TB_BARRIER_H

#include "base/status.h"

#include <pthread.h>
#include <stdint.h>

struct tb_barrier {
    pthread_barrier_t barrier;
};

/* For 1 or more parties. */
static inline void tb_barrier_init(struct tb_barrier *barrier, uint32_t parties)
{
    MUST(pthread_barrier_init(&barrier->barrier, NULL, parties) == 0);
}

/* Waits for those that are still on their way out. */
static inline void tb_barrier_destroy(struct tb_barrier *barrier)
{
    pthread_barrier_destroy(&barrier->barrier);
}

/* Once all have arrived: 1 for one of them, 0 for the others. */
static inline int64_t tb_barrier_wait(struct tb_barrier *barrier)
{
    return pthread_barrier_wait(&barrier->barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
}

#endif
