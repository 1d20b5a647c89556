/* SPDX-License-Identifier: MIT
 *
 * The executor's side of posts (rt/post.h).
 */
#ifndef RT_INBOX_H
#define RT_INBOX_H

#include "rt/post.h"

#include <stdatomic.h>

struct rt_inbox {
    /* NULL: nothing, and the executor is awake. PARKED: nothing, and it sleeps. Else the newest
     * post, linked to the older ones. On a line of its own: other threads write it. */
    _Alignas(64) _Atomic(struct rt_post *) head;
    _Alignas(64) size_t opened; /* the executor's own */
};

/* Empty and closed; NULL when memory is short. Free with free(). */
struct rt_inbox *rt__inbox_new(void);

/* Whether there may be posts. Relaxed: only a hint to look; taking them orders. */
static inline bool rt__inbox_has(struct rt_inbox *inbox)
{
    return atomic_load_explicit(&inbox->head, memory_order_relaxed) != NULL;
}

/* Before sleeping: false when something was posted, and then it must not sleep. */
bool rt__inbox_park(struct rt_inbox *inbox);

/* Runs what was posted, in order; also ends the parking. */
void rt__inbox_run(struct rt_inbox *inbox, struct rt_executor *executor);

#endif
