/* SPDX-License-Identifier: MIT
 *
 * Waiting in a row, first come, first served: threads that are granted what they wait for before
 * they wake up, as tasks are. Each sleeps on a word of its own, so that a grant wakes exactly one.
 *
 * A grant has two steps. Under the owner's mutex a waiter is *chosen*: taken out of the row, what
 * it waits for set aside for it. After the mutex is released it is told, and from then on its node,
 * which is on its stack, may be gone. A chosen waiter that gives up has to wait to be told.
 */
#ifndef TB_WAITERS_H
#define TB_WAITERS_H

#include "base/list.h"

#include <pthread.h>
#include <stdint.h>

struct tb__waiter {
    struct list link;
    uint64_t need; /* how much it waits for */
    bool chosen;   /* guarded by the mutex */
    uint32_t told; /* atomic: what it sleeps on */
};

static inline struct tb__waiter *tb__first_waiter(struct list *row)
{
    return list_empty(row) ? NULL
                           : (struct tb__waiter *)row->next; /* the link is its first member */
}

/* With the mutex held: appends the caller to the row, releases the mutex and sleeps until told: 0.
 * Or, with the caller out of the row again, a failure of the scope. */
int tb__wait_in_row(struct list *row, uint64_t need, pthread_mutex_t *mutex);

/* With the mutex held: chooses a waiter, moving it to `chosen`, an initialised list. */
void tb__choose(struct tb__waiter *waiter, struct list *chosen);

/* Without it: tells all of them. */
void tb__tell(struct list *chosen);

#endif
