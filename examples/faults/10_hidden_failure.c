/* SPDX-License-Identifier: MIT
 *
 * Fault 10: waiting for tasks without looking at how they ended. The lectures' try_join over
 * handles only learns whether the joining went well; the task's own error is inside, unread. Here
 * the result of rt_join is the task's own, so nothing is hidden there; but a handle can be given
 * away.
 *
 * exit: 0
 * says: rt: unseen failure: task #2 save (spawned in program at 10_hidden_failure.c:
 * says: ended with -ENOSPC, and nobody joins it
 */
#include "rt/rt.h"

struct save {
    RT_FRAME;
    int64_t outcome;
};

static rt_poll save(void *frame, struct rt_cx *cx)
{
    struct save *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield);
    RT_END(self->outcome);
}

struct program {
    RT_FRAME;
    struct rt_handle saving;
};

static rt_poll program(void *frame, struct rt_cx *cx)
{
    struct program *self = frame;
    RT_BEGIN(self, cx);
    if (RT_SPAWN(rt__cx->executor, save, &self->saving, {.outcome = -ENOSPC}) < 0)
        RT_RETURN(-ENOMEM);
    RT_AWAIT(rt_yield);
    RT_AWAIT(rt_yield);
    rt_detach(self->saving); /* instead of RT_TRY(rt_join, self->saving) */
    RT_END(0);
}

int main(void)
{
    struct rt_handle handle;
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor || RT_SPAWN(executor, program, &handle, {0}) < 0)
        return 2;
    int64_t result = rt_block_on(executor, handle);
    rt_executor_free(executor);
    return result < 0;
}
