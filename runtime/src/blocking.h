/* SPDX-License-Identifier: MIT
 *
 * The executor's side of rt/blocking.h.
 */
#ifndef RT_BLOCKING_POOL_H
#define RT_BLOCKING_POOL_H

#include "rt/blocking.h"

/* A job that carries more than rt/blocking.h lets it: a head, which the caller builds again for
 * each poll, and a body that goes there (`in`) or comes back (`out`), or neither. `fn` gets both,
 * the body behind the head. */
struct rt_blocking_job {
    rt_blocking_fn *fn;
    /* May be NULL. Called on the executor's thread, in the place of a result, for a job that was
     * given up after it was out: -ECANCELED when it never ran. */
    void (*discard)(void *data, int64_t result);
    const void *head;
    size_t head_size; /* a multiple of 8 */
    const void *in;
    void *out;
    size_t body_size;
    bool counted; /* the result says how many bytes of the body come back */
};

/* The same as rt_blocking_poll() and rt_blocking_drop(). */
rt_poll rt__blocking_job_poll(struct rt_wait *wait, struct rt_cx *cx,
                              const struct rt_blocking_job *job);
void rt__blocking_job_drop(struct rt_wait *wait);

/* Whether the waiter's job has gone to the pool. */
static inline bool rt__blocking_is_out(const struct rt_wait *wait)
{
    return wait->link.next == RT_REFUSED;
}

/* Ends the executor's pool, if it has one, once all its jobs have. No task may be alive. */
void rt__blocking_free(struct rt_executor *executor);

#endif
