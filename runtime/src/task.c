/* SPDX-License-Identifier: MIT
 *
 * How tasks end: with a result, aborted, joined, detached. A task that finishes while it is still
 * in the run queue (woken by its own last poll) keeps its block and its reserved place until the
 * queue meets it.
 */
#include "rt/group.h"

#include "slab_walk.h"
#include "task_end.h"

/* Marked as done first: a wake by what is being dropped must not queue it again. */
void rt__task_drop(struct rt_task *task)
{
    RT_SEE(rt__see_drop(task));
    task->state |= RT_DONE;
    task->step(task->frame, NULL);
}

/* The task is finished and no longer in the run queue: its place is free, and its block too unless
 * a handle keeps it. */
static void retire(struct rt_executor *executor, struct rt_task *task)
{
    executor->live--;
    if (!(task->state & RT_HANDLE))
        rt__slab_give(&executor->slab, task);
}

/* A task that has finished while it was queued again has this in place of its step function. */
static rt_poll meet_finished(void *frame, struct rt_cx *cx)
{
    (void)frame;
    retire(cx->executor, cx->task);
    return RT_PENDING;
}

void rt__task_finish(struct rt_executor *executor, struct rt_task *task, int64_t result)
{
    RT_SEE(rt__see_finish(task, result));
    task->state |= RT_DONE;
    *rt_task_result(task) = result;
    if (TC_UNLIKELY(task->state & RT_GROUPED))
        rt__group_leave(task, result);
    if (task->joiner)
        rt_task_wake(task->joiner->task);
    if (task->state & RT_QUEUED)
        task->step = meet_finished;
    else
        retire(executor, task);
}

bool rt__task_abort(struct rt_task *task)
{
    struct rt_executor *executor = task->executor;
    if (task->state & RT_DONE)
        return false;
    if (task == executor->current) {
        task->state |= RT_ABORTED;
        return true;
    }
    rt__task_drop(task);
    rt__task_finish(executor, task, -ECANCELED);
    return true;
}

bool rt_abort(struct rt_handle handle)
{
    return rt__task_abort(handle.task);
}

void rt_detach(struct rt_handle handle)
{
    struct rt_task *task = handle.task;
    RT_SEE(rt__see_detach(task));
    task->state &= ~(uint32_t)RT_HANDLE;
    if ((task->state & (RT_DONE | RT_QUEUED)) == RT_DONE)
        rt__slab_give(&task->executor->slab, task);
}

rt_poll rt_join_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_handle handle)
{
    struct rt_task *task = handle.task;
    if (task->state & RT_DONE) {
        int64_t result = *rt_task_result(task);
        RT_SEE(task->seen.joined = true);
        rt_detach(handle);
        return result;
    }
    RT_SEE(rt__see_promise(cx));
    wait->task = cx->task;
    task->joiner = wait;
    return RT_PENDING;
}

void rt_join_drop(struct rt_wait *wait, struct rt_handle handle)
{
    if (handle.task->joiner == wait)
        handle.task->joiner = NULL;
    rt_detach(handle);
}
