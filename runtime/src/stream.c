/* SPDX-License-Identifier: MIT
 *
 * Kinds of streams (see rt/stream.h): each lends an operation the shape of `next`.
 */
#include "rt/stream.h"

/* -- a channel -- */

static rt_poll next_of_chan(struct rt_stream *stream, struct rt_wait *wait, struct rt_cx *cx,
                            int64_t *item)
{
    struct rt_chan_stream *self = TC_CONTAINER_OF(stream, struct rt_chan_stream, stream);
    rt_poll result = rt_chan_recv_poll(wait, cx, self->chan, item);
    if (result == RT_PENDING)
        return RT_PENDING;
    return result == -EPIPE ? 0 : 1;
}

static void drop_of_chan(struct rt_stream *stream, struct rt_wait *wait)
{
    struct rt_chan_stream *self = TC_CONTAINER_OF(stream, struct rt_chan_stream, stream);
    rt_chan_recv_drop(wait, self->chan, NULL);
}

void rt_stream_of_chan(struct rt_chan_stream *stream, struct rt_chan *chan)
{
    static const struct rt_stream_kind kind = {next_of_chan, drop_of_chan};
    *stream = (struct rt_chan_stream){.stream.kind = &kind, .chan = chan};
}

/* -- a listener -- */

static rt_poll next_of_listener(struct rt_stream *stream, struct rt_wait *wait, struct rt_cx *cx,
                                int64_t *item)
{
    struct rt_listener_stream *self = TC_CONTAINER_OF(stream, struct rt_listener_stream, stream);
    rt_poll result = rt_accept_poll(wait, cx, self->listener, &self->accepted);
    if (result < 0) /* or pending */
        return result;
    *item = (int64_t)(intptr_t)self->accepted;
    return 1;
}

static void drop_of_listener(struct rt_stream *stream, struct rt_wait *wait)
{
    struct rt_listener_stream *self = TC_CONTAINER_OF(stream, struct rt_listener_stream, stream);
    rt_accept_drop(wait, self->listener, &self->accepted);
}

void rt_stream_of_listener(struct rt_listener_stream *stream, struct rt_io *listener)
{
    static const struct rt_stream_kind kind = {next_of_listener, drop_of_listener};
    *stream = (struct rt_listener_stream){.stream.kind = &kind, .listener = listener};
}

/* -- an interval -- */

static rt_poll next_of_interval(struct rt_stream *stream, struct rt_wait *wait, struct rt_cx *cx,
                                int64_t *item)
{
    struct rt_interval_stream *self = TC_CONTAINER_OF(stream, struct rt_interval_stream, stream);
    rt_poll missed = rt_interval_tick_poll(wait, cx, self->interval);
    if (missed == RT_PENDING)
        return RT_PENDING;
    *item = missed;
    return 1;
}

static void drop_of_interval(struct rt_stream *stream, struct rt_wait *wait)
{
    struct rt_interval_stream *self = TC_CONTAINER_OF(stream, struct rt_interval_stream, stream);
    rt_interval_tick_drop(wait, self->interval);
}

void rt_stream_of_interval(struct rt_interval_stream *stream, struct rt_interval *interval)
{
    static const struct rt_stream_kind kind = {next_of_interval, drop_of_interval};
    *stream = (struct rt_interval_stream){.stream.kind = &kind, .interval = interval};
}

/* -- an array -- */

static rt_poll next_of_array(struct rt_stream *stream, struct rt_wait *wait, struct rt_cx *cx,
                             int64_t *item)
{
    struct rt_array_stream *self = TC_CONTAINER_OF(stream, struct rt_array_stream, stream);
    (void)wait;
    if (self->left == 0)
        return 0;
    if (rt_budget_spent(cx))
        return RT_PENDING;
    *item = *self->items++;
    self->left--;
    return 1;
}

static void drop_nothing(struct rt_stream *stream, struct rt_wait *wait)
{
    (void)stream, (void)wait;
}

void rt_stream_of_array(struct rt_array_stream *stream, const int64_t *items, size_t count)
{
    static const struct rt_stream_kind kind = {next_of_array, drop_nothing};
    *stream = (struct rt_array_stream){.stream.kind = &kind, .items = items, .left = count};
}
