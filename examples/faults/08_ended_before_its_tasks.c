/* SPDX-License-Identifier: MIT
 *
 * Fault 8: a main that ends before the tasks that it has started, as in the lectures' broadcast. A
 * group (rt/group.h) is a scope that they can't outlive: its owner waits for them or aborts them.
 *
 * exit: 0
 * says: rt: unfinished: task #2 receiver (spawned in program at 08_ended_before_its_tasks.c:
 * says: rt: unfinished: task #3 receiver
 * says: waiting for rt_broadcast_recv in receiver at 08_ended_before_its_tasks.c:
 */
#include "rt/rt.h"

struct receiver {
    RT_FRAME;
    struct rt_broadcast *news;
    struct rt_broadcast_receiver from;
    int64_t word, lost;
};

static rt_poll receiver(void *frame, struct rt_cx *cx)
{
    struct receiver *self = frame;
    RT_BEGIN(self, cx);
    rt_broadcast_subscribe(self->news, &self->from);
    do {
        RT_AWAIT_INTO(self->lost, rt_broadcast_recv, &self->from, &self->word);
    } while (self->lost >= 0);
    RT_END_FINALLY(0, { rt_broadcast_unsubscribe(&self->from); });
}

struct program {
    RT_FRAME;
    struct rt_broadcast *news;
    int i;
};

static rt_poll program(void *frame, struct rt_cx *cx)
{
    struct program *self = frame;
    RT_BEGIN(self, cx);
    for (self->i = 0; self->i < 2; self->i++)
        if (RT_SPAWN(rt__cx->executor, receiver, NULL, {.news = self->news}) < 0)
            RT_RETURN(-ENOMEM);
    RT_AWAIT(rt_yield);
    rt_broadcast_send(self->news, 42);
    RT_END(0);
}

int main(void)
{
    struct rt_handle handle;
    struct rt_executor *executor = rt_executor_new(NULL);
    struct rt_broadcast *news = rt_broadcast_new(16);
    if (!executor || !news || RT_SPAWN(executor, program, &handle, {.news = news}) < 0)
        return 2;
    int64_t result = rt_block_on(executor, handle);
    rt_executor_free(executor);
    rt_broadcast_free(news);
    return result < 0;
}
