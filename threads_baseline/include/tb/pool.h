/* SPDX-License-Identifier: MIT
 *
 * Tasks on a pool of threads (base/pool.h): spawning queues a task, and a thread that is free runs
 * it to its end, blocking where it waits. Costs a fraction of a thread a task, and gives up what
 * threads promise: that a task which was spawned runs. Tasks that wait for each other never end on
 * fewer threads than tasks, but for joins: a task that joins one that has not started runs it.
 */
#ifndef TB_POOL_H
#define TB_POOL_H

#include "tb/task.h"

#include "base/pool.h"

/* The right to learn how a task ended; must be joined. */
struct tb_pool_handle {
    struct tb_pool_task *task;
};

/* Queues a task over a copy of the frame, waiting for room in the queue; from within a task of a
 * pool, which must not wait for room, it runs at once instead. 0 with *handle, or -ENOMEM. A NULL
 * handle leaves it to itself. Thread-safe. */
int tb_pool_spawn(struct tc_pool *pool, tb_body_fn *body, const void *frame, size_t frame_size,
                  struct tb_pool_handle *handle);

/* Waits for the task and returns its result. Once a handle; does not heed the thread's scope. */
int64_t tb_pool_join(struct tb_pool_handle handle);

#endif
