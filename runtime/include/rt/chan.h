/* SPDX-License-Identifier: MIT
 *
 * Bounded channels of 64-bit words (a value, or a pointer to more): any number of senders and
 * receivers, in order, with back-pressure.
 *
 * Who is woken has been granted what it waited for: a receiver carries its message in its waiter, a
 * sender owns one of the free places. So a newcomer can't take it away between the wake and the
 * poll, and the queues are first come, first served. A granted waiter that is dropped hands its
 * grant to the next one; a message that nobody waits for goes back to the front of the ring, where
 * its place was kept, so none is ever lost. (Of several handed back at once the last is in front.)
 * A place granted before the channel was closed is still good.
 *
 * Sending is reserving a place and committing a message to it. Done apart, a sender may make its
 * message when there is room for it, and what is dropped while it waits is a claim to a place and
 * never a message.
 *
 * A channel must not be freed while somebody waits on it. Belongs to one executor's thread.
 */
#ifndef RT_CHAN_H
#define RT_CHAN_H

#include "rt/executor.h"

#include <errno.h>

struct rt_chan {
    struct rt_queue senders;   /* waiting, in order */
    struct rt_queue receivers; /* likewise; only while the ring is empty */
    int32_t places;            /* free and granted to nobody; below 0 once closed */
    uint32_t head, tail;       /* how many were taken and put; masked on use */
    uint32_t mask;             /* length of the ring, a power of two, less one */
    int64_t ring[];
};

/* A channel that holds `capacity` messages, 1 to 2^30, in one allocation; NULL when memory is
 * short. Free with rt_chan_free(). */
struct rt_chan *rt_chan_new(uint32_t capacity);

/* Nobody may be waiting. NULL is ignored. */
void rt_chan_free(struct rt_chan *chan);

/* No more messages: waiting and later senders get -EPIPE; receivers get what is left, then -EPIPE.
 */
void rt_chan_close(struct rt_chan *chan);

/* Awaitable: sends `message`. 0, or -EPIPE when closed. O(1). */
TC_ALWAYS_INLINE rt_poll rt_chan_send_poll(struct rt_wait *wait, struct rt_cx *cx,
                                           struct rt_chan *chan, int64_t message);
void rt_chan_send_drop(struct rt_wait *wait, struct rt_chan *chan, int64_t message);

/* Awaitable: receives into *message. 0, or -EPIPE when closed and empty. O(1). */
TC_ALWAYS_INLINE rt_poll rt_chan_recv_poll(struct rt_wait *wait, struct rt_cx *cx,
                                           struct rt_chan *chan, int64_t *message);
void rt_chan_recv_drop(struct rt_wait *wait, struct rt_chan *chan, int64_t *message);

/* Awaitable: reserves a place, which must be committed to or given back: 0, or -EPIPE when closed.
 * O(1). */
TC_ALWAYS_INLINE rt_poll rt_chan_reserve_poll(struct rt_wait *wait, struct rt_cx *cx,
                                              struct rt_chan *chan);
void rt_chan_reserve_drop(struct rt_wait *wait, struct rt_chan *chan);

/* Sends `message` into a reserved place. Cannot fail, not even on a channel that was closed
 * meanwhile. */
TC_ALWAYS_INLINE void rt_chan_commit(struct rt_chan *chan, int64_t message);

/* Gives a reserved place back. */
TC_ALWAYS_INLINE void rt_chan_unreserve(struct rt_chan *chan);

/* Sends or receives without waiting: 0, -EAGAIN when it would have to wait, or -EPIPE as above. */
TC_ALWAYS_INLINE int rt_chan_try_send(struct rt_chan *chan, int64_t message);
TC_ALWAYS_INLINE int rt_chan_try_recv(struct rt_chan *chan, int64_t *message);

/* -- the hot paths -- */

TC_ALWAYS_INLINE bool rt__chan_is_closed(const struct rt_chan *chan)
{
    return chan->places < 0;
}

/* A place has become free: it goes to the longest waiting sender, if there is one. */
TC_ALWAYS_INLINE void rt__chan_offer_place(struct rt_chan *chan, struct rt_executor *executor)
{
    if (TC_LIKELY(!rt_queue_grant_one(&chan->senders, executor)))
        chan->places++;
}

/* A message for the longest waiting receiver; false when nobody waits. */
TC_ALWAYS_INLINE bool rt__chan_hand_over(struct rt_chan *chan, int64_t message,
                                         struct rt_executor *executor)
{
    if (!chan->receivers.first)
        return false;
    rt__queue_grant(&chan->receivers, executor)->granted = message;
    return true;
}

/* Puts a message into a place that is its own. */
TC_ALWAYS_INLINE void rt__chan_put(struct rt_chan *chan, int64_t message,
                                   struct rt_executor *executor)
{
    if (!rt__chan_hand_over(chan, message, executor))
        chan->ring[chan->tail++ & chan->mask] = message;
}

/* Takes a place, at the cost of some budget or not. */
TC_ALWAYS_INLINE rt_poll rt__chan_claim(struct rt_wait *wait, struct rt_cx *cx,
                                        struct rt_chan *chan, bool charged)
{
    if (rt_wait_is_idle(wait)) {
        if (TC_UNLIKELY(chan->places <= 0)) {
            if (rt__chan_is_closed(chan))
                return -EPIPE;
            rt_queue_push(&chan->senders, wait, cx);
            return RT_PENDING;
        }
        if (charged && rt_budget_spent(cx))
            return RT_PENDING;
        chan->places--;
    } else if (TC_UNLIKELY(!rt_wait_is_granted(wait))) {
        return rt_wait_is_waiting(wait) ? RT_PENDING : -EPIPE;
    }
    return 0;
}

TC_ALWAYS_INLINE rt_poll rt_chan_reserve_poll(struct rt_wait *wait, struct rt_cx *cx,
                                              struct rt_chan *chan)
{
    return rt__chan_claim(wait, cx, chan, true);
}

/* Sending to who waits is free: there are only so many of them, and it is the way of a message from
 * task to task. */
TC_ALWAYS_INLINE rt_poll rt_chan_send_poll(struct rt_wait *wait, struct rt_cx *cx,
                                           struct rt_chan *chan, int64_t message)
{
    rt_poll claimed = rt__chan_claim(wait, cx, chan, !chan->receivers.first);
    if (TC_LIKELY(claimed == 0))
        rt__chan_put(chan, message, cx->executor);
    return claimed;
}

TC_ALWAYS_INLINE rt_poll rt_chan_recv_poll(struct rt_wait *wait, struct rt_cx *cx,
                                           struct rt_chan *chan, int64_t *message)
{
    if (rt_wait_is_granted(wait)) {
        *message = wait->granted;
    } else if (rt_wait_is_idle(wait)) {
        if (chan->head == chan->tail) {
            if (TC_UNLIKELY(rt__chan_is_closed(chan)))
                return -EPIPE;
            rt_queue_push(&chan->receivers, wait, cx);
            return RT_PENDING;
        }
        if (rt_budget_spent(cx))
            return RT_PENDING;
        *message = chan->ring[chan->head++ & chan->mask];
    } else {
        return rt_wait_is_waiting(wait) ? RT_PENDING : -EPIPE;
    }
    rt__chan_offer_place(chan, cx->executor);
    return 0;
}

TC_ALWAYS_INLINE void rt_chan_commit(struct rt_chan *chan, int64_t message)
{
    rt__chan_put(chan, message, rt__queue_executor(&chan->receivers));
}

TC_ALWAYS_INLINE void rt_chan_unreserve(struct rt_chan *chan)
{
    rt__chan_offer_place(chan, rt__queue_executor(&chan->senders));
}

TC_ALWAYS_INLINE int rt_chan_try_send(struct rt_chan *chan, int64_t message)
{
    if (chan->places <= 0)
        return rt__chan_is_closed(chan) ? -EPIPE : -EAGAIN;
    chan->places--;
    rt_chan_commit(chan, message);
    return 0;
}

TC_ALWAYS_INLINE int rt_chan_try_recv(struct rt_chan *chan, int64_t *message)
{
    if (chan->head == chan->tail)
        return rt__chan_is_closed(chan) ? -EPIPE : -EAGAIN;
    *message = chan->ring[chan->head++ & chan->mask];
    rt_chan_unreserve(chan);
    return 0;
}

#endif
