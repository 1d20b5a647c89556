/* SPDX-License-Identifier: MIT
 *
 * Wakers: a task's address that can be kept by anyone for as long as the executor lives.
 *
 * The runtime's own operations do not need them, because a waiter node is always unlinked before
 * its frame goes. A waker is for code that can't promise that. It carries the generation of the
 * block it names, so that waking a task that has ended, even one whose block holds another task by
 * now, does nothing. It is a plain value: cloning is copying, and there is nothing to drop.
 *
 * A generation has 32 bits: a waker would have to be kept over 2^32 reuses of one block to wake a
 * stranger, and even that is only a poll that finds nothing to do.
 *
 * Inside a branch (branch.h) it names the task, whose block stays, and not the branch, whose memory
 * is the frame's: from then on the branch is polled whenever the task is.
 */
#ifndef RT_WAKER_H
#define RT_WAKER_H

#include "rt/branch.h"
#include "rt/executor.h"

struct rt_waker {
    struct rt_task *task;
    uint32_t generation;
};

/* The waker of the task that is being polled. */
static inline struct rt_waker rt_waker_of(const struct rt_cx *cx)
{
    RT_SEE(rt__see_waker(cx));
    struct rt_task *task = cx->task;
    if (TC_UNLIKELY(task->state & RT_BRANCH))
        task = rt__branch_expose(task);
    return (struct rt_waker){task, task->generation};
}

/* Makes the task runnable if it still lives; may be called any number of times. O(1). */
static inline void rt_waker_wake(struct rt_waker waker)
{
    if (waker.task && waker.task->generation == waker.generation)
        rt_task_wake(waker.task);
}

/* Whether waking `a` and waking `b` are the same thing. */
static inline bool rt_waker_same(struct rt_waker a, struct rt_waker b)
{
    return a.task == b.task && a.generation == b.generation;
}

#endif
