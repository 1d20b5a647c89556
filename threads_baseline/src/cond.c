/* SPDX-License-Identifier: MIT
 *
 * The two conditions. The futex one is the "sequence" condition of Ulrich Drepper, "Futexes Are
 * Tricky" (2011), without requeueing: who signals has released the mutex by then.
 */
#include "tb/cond.h"

#include "tb/scope.h"

#include "base/futex.h"
#include "base/status.h"

static bool use_futex; /* written before threads wait */

void tb_cond_use_futex(bool futex)
{
    use_futex = futex;
}

void tb_cond_init(struct tb_cond *cond)
{
    *cond = (struct tb_cond){0};
    MUST(pthread_cond_init(&cond->textbook, NULL) == 0);
}

void tb_cond_destroy(struct tb_cond *cond)
{
    pthread_cond_destroy(&cond->textbook);
}

int tb_cond_wait(struct tb_cond *cond, pthread_mutex_t *mutex)
{
    if (!use_futex && tb_scope_is_open()) {
        cond->waiting++;
        pthread_cond_wait(&cond->textbook, mutex);
        cond->waiting--;
        return 0;
    }
    uint32_t turn = cond->turn;
    cond->parked++;
    pthread_mutex_unlock(mutex);
    int err = tb_park(&cond->turn, turn);
    pthread_mutex_lock(mutex);
    cond->parked--;
    return err;
}

void tb_cond_wake_one(struct tb_cond *cond, unsigned due)
{
    if (due & TB_DUE_WAITING)
        pthread_cond_signal(&cond->textbook);
    if (due & TB_DUE_PARKED)
        tc_futex_wake(&cond->turn, 1);
}

void tb_cond_wake_all(struct tb_cond *cond, unsigned due)
{
    if (due & TB_DUE_WAITING)
        pthread_cond_broadcast(&cond->textbook);
    if (due & TB_DUE_PARKED)
        tc_futex_wake(&cond->turn, INT_MAX);
}
