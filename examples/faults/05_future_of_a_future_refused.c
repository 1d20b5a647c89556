/* SPDX-License-Identifier: MIT
 *
 * Fault 5: map with an asynchronous function. In the lectures it gives a future of a future, of
 * which the inner one is never run. Here the types do not fit: what map takes is a function of a
 * number. What awaits again is rt_and_then, or one more line in an async function.
 *
 * says: rt__map
 * says: incompatible
 */
#include "rt/rt.h"

struct send_on {
    RT_FRAME;
    struct rt_chan *out;
    int64_t word;
};

static rt_poll send_on(void *frame, struct rt_cx *cx)
{
    struct send_on *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_chan_send, self->out, self->word);
    RT_END(0);
}

struct relay {
    RT_FRAME;
    struct rt_chan *in;
    int64_t word;
};

rt_poll relay(void *frame, struct rt_cx *cx);
rt_poll relay(void *frame, struct rt_cx *cx)
{
    struct relay *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_map, send_on, rt_chan_recv, self->in, &self->word);
    RT_END(0);
}
