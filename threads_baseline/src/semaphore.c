/* SPDX-License-Identifier: MIT
 *
 * Permits under a mutex, waiters in a row. Whoever makes permits free, or the row's first claim
 * smaller by leaving it, serves the row from its front for as long as the permits suffice.
 */
#include "tb/semaphore.h"

#include "waiters.h"

#include "base/status.h"

void tb_semaphore_init(struct tb_semaphore *semaphore, uint64_t permits)
{
    MUST(pthread_mutex_init(&semaphore->mutex, NULL) == 0);
    list_init(&semaphore->waiters);
    semaphore->permits = permits;
}

void tb_semaphore_destroy(struct tb_semaphore *semaphore)
{
    pthread_mutex_destroy(&semaphore->mutex);
}

/* With the mutex held, which it releases. */
static void serve(struct tb_semaphore *semaphore)
{
    struct tb__waiter *first;
    struct list chosen;
    list_init(&chosen);
    while ((first = tb__first_waiter(&semaphore->waiters)) && first->need <= semaphore->permits) {
        semaphore->permits -= first->need;
        tb__choose(first, &chosen);
    }
    pthread_mutex_unlock(&semaphore->mutex);
    tb__tell(&chosen);
}

static bool take(struct tb_semaphore *semaphore, uint32_t count)
{
    if (!list_empty(&semaphore->waiters) || semaphore->permits < count)
        return false;
    semaphore->permits -= count;
    return true;
}

bool tb_semaphore_try_acquire(struct tb_semaphore *semaphore, uint32_t count)
{
    pthread_mutex_lock(&semaphore->mutex);
    bool taken = take(semaphore, count);
    pthread_mutex_unlock(&semaphore->mutex);
    return taken;
}

int64_t tb_semaphore_acquire(struct tb_semaphore *semaphore, uint32_t count)
{
    pthread_mutex_lock(&semaphore->mutex);
    if (take(semaphore, count)) {
        pthread_mutex_unlock(&semaphore->mutex);
        return 0;
    }
    int err = tb__wait_in_row(&semaphore->waiters, count, &semaphore->mutex);
    if (err) { /* those behind may want less */
        pthread_mutex_lock(&semaphore->mutex);
        serve(semaphore);
    }
    return err;
}

void tb_semaphore_release(struct tb_semaphore *semaphore, uint32_t count)
{
    pthread_mutex_lock(&semaphore->mutex);
    semaphore->permits += count;
    serve(semaphore);
}
