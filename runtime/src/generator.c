/* SPDX-License-Identifier: MIT
 *
 * Generators (see rt/generator.h): a node of one branch, awaited a little at a time.
 *
 * Between two values nobody awaits the node, and it has no parent: what wakes the function then is
 * kept in its list until the next value is asked for.
 */
#include "rt/generator.h"

static rt_poll next(struct rt_stream *stream, struct rt_wait *wait, struct rt_cx *cx, int64_t *item)
{
    struct rt_generator *self = TC_CONTAINER_OF(stream, struct rt_generator, stream);
    if (self->given) {
        self->given = false;
        rt_task_wake(self->body);
    }
    if (!self->node.left)
        return 0;
    if (rt_wait_is_idle(wait) && rt_budget_spent(cx))
        return RT_PENDING;
    rt_poll result = rt__node_poll(wait, cx, &self->node, RT__UNTIL_FIRST);
    if (result != RT_PENDING)
        return result < 0 ? result : 0;
    if (!self->given) {
        RT_SEE(rt__see_promise(cx)); /* maybe of an earlier wait that was given up */
        return RT_PENDING;
    }
    self->node.parent = NULL;
    *item = self->value;
    return 1;
}

static void drop(struct rt_stream *stream, struct rt_wait *wait)
{
    (void)wait;
    TC_CONTAINER_OF(stream, struct rt_generator, stream)->node.parent = NULL;
}

void rt__generator_begin(struct rt_generator *generator, struct rt_task *body)
{
    static const struct rt_stream_kind kind = {next, drop};
    *generator = (struct rt_generator){.stream.kind = &kind, .body = body};
}

void rt_generator_stop(struct rt_generator *generator)
{
    rt__node_drop(&generator->node);
    generator->stream.ended = true;
}
