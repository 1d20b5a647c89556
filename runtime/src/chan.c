/* SPDX-License-Identifier: MIT
 *
 * The rare half of channels: making, closing, giving up. Sending and receiving are in rt/chan.h.
 */
#include "rt/chan.h"

#include <stdlib.h>

enum { CACHE_LINE = 64 };

struct rt_chan *rt_chan_new(uint32_t capacity)
{
    MUST(capacity > 0 && capacity <= UINT32_C(1) << 30);
    uint32_t length = 1;
    while (length < capacity)
        length *= 2;
    size_t bytes = sizeof(struct rt_chan) + length * sizeof(int64_t);
    size_t lines = (bytes + CACHE_LINE - 1) / CACHE_LINE;
    struct rt_chan *chan = aligned_alloc(CACHE_LINE, lines * CACHE_LINE);
    if (!chan)
        return NULL;
    RT_SEE(rt__see_object(RT_CHANS, 1));
    *chan = (struct rt_chan){.places = (int32_t)capacity, .mask = length - 1};
    return chan;
}

void rt_chan_free(struct rt_chan *chan)
{
    if (!chan)
        return;
    MUST(!chan->senders.first && !chan->receivers.first);
    RT_SEE(rt__see_object(RT_CHANS, -1));
    free(chan);
}

/* Wakes all of a queue with nothing promised to them. */
static void refuse_all(struct rt_queue *queue)
{
    while (queue->first) {
        struct rt_wait *wait = TC_CONTAINER_OF(queue->first, struct rt_wait, link);
        rt_queue_remove(queue, wait);
        wait->link.next = RT_REFUSED;
        rt_task_wake(wait->task);
    }
}

void rt_chan_close(struct rt_chan *chan)
{
    chan->places = INT32_MIN; /* however many come free, there is none */
    refuse_all(&chan->senders);
    refuse_all(&chan->receivers);
}

void rt_chan_reserve_drop(struct rt_wait *wait, struct rt_chan *chan)
{
    if (rt_wait_is_granted(wait))
        rt_chan_unreserve(chan);
    rt_queue_cancel(&chan->senders, wait);
}

void rt_chan_send_drop(struct rt_wait *wait, struct rt_chan *chan, int64_t message)
{
    (void)message;
    rt_chan_reserve_drop(wait, chan);
}

void rt_chan_recv_drop(struct rt_wait *wait, struct rt_chan *chan, int64_t *message)
{
    (void)message;
    /* The message had come first: it goes back to the front, where its place was kept. */
    if (rt_wait_is_granted(wait) && !rt__chan_hand_over(chan, wait->granted, wait->task->executor))
        chan->ring[--chan->head & chan->mask] = wait->granted;
    rt_queue_cancel(&chan->receivers, wait);
}
