/* SPDX-License-Identifier: MIT
 *
 * Fault 7: awaiting a channel. A channel is not a future; what is awaited is receiving from it:
 * RT_AWAIT(rt_chan_recv, self->in, &self->word).
 *
 * says: in_poll
 */
#include "rt/rt.h"

struct consumer {
    RT_FRAME;
    struct rt_chan *in;
};

rt_poll consumer(void *frame, struct rt_cx *cx);
rt_poll consumer(void *frame, struct rt_cx *cx)
{
    struct consumer *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(self->in);
    RT_END(0);
}
