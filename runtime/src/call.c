/* SPDX-License-Identifier: MIT
 *
 * Calls, and the trampoline that resumes the innermost of them.
 *
 * The waiter of the outermost frame, which is free during a call, holds the path: the innermost
 * call and the outermost function. From call to call it goes by `outer`.
 *
 * The state of a caller's waiter during its call:
 *
 *   RT_GRANTED   on the path: polled again only when the callee has ended
 *   RT_REFUSED   not on a path: polled for every wake, and polls its callee then
 */
#include "rt/call.h"

#include <stdio.h>
#include <stdlib.h>

void rt__polled_after_end(const char *function)
{
    (void)fprintf(stderr,
                  "async function %s was polled or dropped after its end; a future is given up "
                  "once it has a result\n",
                  function);
    abort();
}

static void *callee_frame(struct rt_call *call)
{
    return call + 1;
}

static void end(struct rt_call *call, rt_poll result)
{
    call->step = NULL;
    call->result = result;
}

/* Stands in for the step of a task, or branch, that is inside calls. */
static rt_poll resume_innermost(void *frame, struct rt_cx *cx)
{
    struct rt_wait *path = frame; /* first in every frame */
    rt_step_fn *outermost = path->outermost;
    if (!cx)
        return outermost(frame, NULL);
    struct rt_task *task = cx->task;
    for (struct rt_call *call = path->innermost; call; call = path->innermost) {
        rt_poll result = call->step(callee_frame(call), cx);
        if (result == RT_PENDING)
            return RT_PENDING;
        path->innermost = call->outer;
        end(call, result);
    }
    task->step = outermost;
    return outermost(frame, cx);
}

/* Makes the call the innermost of the path, if its caller is the innermost or outermost function
 * of the task. A caller within has its waiter free too: it keeps the task for leave(). */
static bool enter(struct rt_wait *wait, struct rt_cx *cx, struct rt_call *call)
{
    struct rt_task *task = cx->task;
    struct rt_wait *path = (struct rt_wait *)(void *)task->frame;
    if (wait == path) {
        path->outermost = task->step;
        task->step = resume_innermost;
        call->outer = NULL;
    } else if (task->step == resume_innermost && callee_frame(path->innermost) == wait) {
        call->outer = path->innermost;
        wait->task = task;
    } else {
        return false;
    }
    path->innermost = call;
    return true;
}

/* Undoes enter(): the caller goes on without its callee. */
static void leave(struct rt_wait *wait, struct rt_call *call)
{
    struct rt_task *task =
        call->outer ? wait->task : TC_CONTAINER_OF((void *)wait, struct rt_task, frame);
    struct rt_wait *path = (struct rt_wait *)(void *)task->frame;
    path->innermost = call->outer;
    if (!call->outer)
        task->step = path->outermost;
}

rt_poll rt_call_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_call *call, rt_step_fn *step)
{
    if (!rt_wait_is_idle(wait)) {
        if (!call->step)
            return call->result;
        if (rt_wait_is_granted(wait))
            return RT_PENDING; /* polled by a stranger: the callee has its own wake */
        rt_poll result = step(callee_frame(call), cx);
        if (result != RT_PENDING)
            call->step = NULL; /* a drop must not reach it any more */
        return result;
    }
    call->step = step;
    bool on_path = enter(wait, cx, call);
    wait->link.next = on_path ? RT_GRANTED : RT_REFUSED;
    rt_poll result = step(callee_frame(call), cx);
    if (result == RT_PENDING)
        return RT_PENDING;
    if (on_path)
        leave(wait, call);
    call->step = NULL;
    return result;
}

void rt_call_drop(struct rt_wait *wait, struct rt_call *call, rt_step_fn *step)
{
    if (!call->step)
        return;
    step(callee_frame(call), NULL);
    if (rt_wait_is_granted(wait))
        leave(wait, call);
}
