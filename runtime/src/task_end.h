/* SPDX-License-Identifier: MIT
 *
 * The end of a task, for the executor's loop.
 */
#ifndef RT_TASK_END_H
#define RT_TASK_END_H

#include "rt/executor.h"

/* Drops the frame of a task that has not ended; rt__task_finish() comes next. */
void rt__task_drop(struct rt_task *task);

/* A task has ended with a result: whoever joins it is woken, its group learns of it, and its block
 * goes back to the slab as soon as neither a handle nor the run queue holds it. */
void rt__task_finish(struct rt_executor *executor, struct rt_task *task, int64_t result);

#endif
