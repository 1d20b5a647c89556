/* SPDX-License-Identifier: MIT
 *
 * Conditions: what a thread sleeps on that holds a mutex and does not find what it came for.
 *
 * The textbook one is pthread's. The other is a futex whose word counts the signals that found
 * somebody asleep: one system call less to get past on either side, and it heeds a scope (see
 * scope.h), so a thread that waits within one always takes it. Which one the others take is chosen
 * once for the process.
 *
 * A waiter may be woken for no reason, and the word comes round after 2^32 signals: who sleeps
 * through exactly so many between its look and its sleep would miss them all.
 */
#ifndef TB_COND_H
#define TB_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct tb_cond {
    pthread_cond_t textbook;
    /* The mutex guards what follows; `turn` is also read by the kernel. */
    uint32_t waiting; /* how many wait on the textbook one */
    uint32_t parked;  /* how many on the futex */
    uint32_t turn;
};

/* Whom to wake once the mutex is released. */
enum tb_due { TB_DUE_NONE = 0, TB_DUE_WAITING = 1, TB_DUE_PARKED = 2 };

/* Chooses the futex (true) or pthread's condition (false, as at the start) for every condition of
 * the process. Before the first thread waits. */
void tb_cond_use_futex(bool futex);

void tb_cond_init(struct tb_cond *cond);
void tb_cond_destroy(struct tb_cond *cond);

/* Releases the mutex, sleeps, and takes it again: 0, or -ETIMEDOUT or -ECANCELED of the scope; then
 * look once more before giving up. */
int tb_cond_wait(struct tb_cond *cond, pthread_mutex_t *mutex);

/* Under the mutex: whom a change concerns. After it, so that the woken do not run into it, one of
 * the two below. With TB_DUE_NONE the condition is not touched any more. */
static inline unsigned tb_cond_due(struct tb_cond *cond)
{
    if (cond->parked > 0)
        /* Relaxed: the kernel compares it under its own lock, the mutex orders everything else. */
        __atomic_store_n(&cond->turn, cond->turn + 1, __ATOMIC_RELAXED);
    return (cond->waiting > 0 ? TB_DUE_WAITING : 0) | (cond->parked > 0 ? TB_DUE_PARKED : 0);
}

/* Wakes one of each kind that is due. */
void tb_cond_wake_one(struct tb_cond *cond, unsigned due);
void tb_cond_wake_all(struct tb_cond *cond, unsigned due);

#endif
