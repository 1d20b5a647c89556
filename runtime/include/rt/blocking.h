/* SPDX-License-Identifier: MIT
 *
 * Work that would hold up the executor, moved to a pool of threads: blocking calls, and computing
 * for longer than handing it over costs (the workload `hog` finds how long that is here).
 *
 * The pool is made at the first use, of the size that the executor's rt_config says. When all its
 * threads are busy and its queue is full, whoever comes next waits for room: a flood of jobs
 * becomes waiting tasks, not memory.
 *
 * The function works on a copy of its arguments, so that the task can be dropped while it runs: a
 * function that has started can't be stopped, so it goes on, and its result is dropped.
 */
#ifndef RT_BLOCKING_H
#define RT_BLOCKING_H

#include "rt/executor.h"

/* Runs on a thread of the pool; its result is that of the operation, and what it leaves in `data`
 * is copied back. It must not touch anything that belongs to the executor. */
typedef int64_t rt_blocking_fn(void *data);

/* Awaitable: runs fn on a copy of the `size` bytes at `data` (8-byte aligned), on another thread.
 * Its result, or -ENOMEM, or -EAGAIN when the system gives the pool no thread at all. Costs two
 * hand-overs between threads and one allocation. */
rt_poll rt_blocking_poll(struct rt_wait *wait, struct rt_cx *cx, rt_blocking_fn *fn, void *data,
                         size_t size);

/* A job that has not started will not; one that runs is left to itself. */
void rt_blocking_drop(struct rt_wait *wait, rt_blocking_fn *fn, void *data, size_t size);

#endif
