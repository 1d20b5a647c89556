/* SPDX-License-Identifier: MIT
 *
 * A counting semaphore whose permits are acquired some at a time, strictly first come, first
 * served, as rt/semaphore.h: while anybody waits, a newcomer waits behind, even for less. (sem_t
 * takes one at a time and keeps no order.)
 *
 * Thread-safe but for init and destroy, nobody may use it then. O(1), a release O(woken). Waiting
 * heeds the thread's scope (tb/scope.h), with no permit taken.
 */
#ifndef TB_SEMAPHORE_H
#define TB_SEMAPHORE_H

#include "base/list.h"

#include <pthread.h>
#include <stdint.h>

struct tb_semaphore {
    pthread_mutex_t mutex; /* guards what follows */
    struct list waiters;
    uint64_t permits; /* released and granted to nobody */
};

void tb_semaphore_init(struct tb_semaphore *semaphore, uint64_t permits);
void tb_semaphore_destroy(struct tb_semaphore *semaphore);

/* 0 once `count` permits have been taken. */
int64_t tb_semaphore_acquire(struct tb_semaphore *semaphore, uint32_t count);

/* Takes `count` permits if they are free and nobody waits: true. */
bool tb_semaphore_try_acquire(struct tb_semaphore *semaphore, uint32_t count);

/* Gives back permits, or adds new ones. */
void tb_semaphore_release(struct tb_semaphore *semaphore, uint32_t count);

#endif
