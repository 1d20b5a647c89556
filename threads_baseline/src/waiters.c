/* SPDX-License-Identifier: MIT
 *
 * Rows of waiting threads.
 */
#include "waiters.h"

#include "tb/scope.h"

#include "base/futex.h"
#include "base/status.h"

_Static_assert(offsetof(struct tb__waiter, link) == 0, "a row's links are its waiters");

/* Acquire: what was done before the grant is seen by who got it. */
static bool is_told(const struct tb__waiter *self)
{
    return __atomic_load_n(&self->told, __ATOMIC_ACQUIRE) != 0;
}

/* Gives up, unless it was chosen meanwhile: then it has what it came for. */
static int leave_row(struct tb__waiter *self, pthread_mutex_t *mutex, int err)
{
    pthread_mutex_lock(mutex);
    bool chosen = self->chosen;
    if (!chosen)
        list_unlink(&self->link);
    pthread_mutex_unlock(mutex);
    while (chosen && !is_told(self))
        tc_futex_wait(&self->told, 0, TC_NEVER);
    return chosen ? 0 : err;
}

int tb__wait_in_row(struct list *row, uint64_t need, pthread_mutex_t *mutex)
{
    struct tb__waiter self = {.need = need};
    list_push_tail(row, &self.link);
    pthread_mutex_unlock(mutex);
    while (!is_told(&self)) {
        int err = tb_park(&self.told, 0);
        if (err)
            return leave_row(&self, mutex, err);
    }
    return 0;
}

void tb__choose(struct tb__waiter *waiter, struct list *chosen)
{
    list_unlink(&waiter->link);
    list_push_tail(chosen, &waiter->link);
    waiter->chosen = true;
}

void tb__tell(struct list *chosen)
{
    while (!list_empty(chosen)) {
        struct tb__waiter *waiter = tb__first_waiter(chosen);
        list_unlink(&waiter->link);
        /* Release, see is_told(). Afterwards the node may be gone; waking it is harmless then. */
        __atomic_store_n(&waiter->told, 1, __ATOMIC_RELEASE);
        tc_futex_wake(&waiter->told, 1);
    }
}
