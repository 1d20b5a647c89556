/* SPDX-License-Identifier: MIT
 *
 * Every receiver gets every word: a ring that the sender never waits for, and a cursor a receiver.
 *
 * Sending overwrites the oldest word. A receiver that has fallen behind by more than the capacity
 * is told how many it has lost and goes on with the oldest that is left, so that for each receiver
 * the words seen and the words reported lost add up to the words sent since it subscribed. Only
 * receivers that wait are woken; one that is woken and dropped has lost nothing, because its cursor
 * has not moved.
 *
 * Receiving is O(1), sending O(receivers that wait). Only rt_broadcast_new() allocates. Belongs to
 * one executor's thread; a receiver is used by one task at a time.
 */
#ifndef RT_BROADCAST_H
#define RT_BROADCAST_H

#include "rt/executor.h"

#include <errno.h>

struct rt_broadcast {
    struct rt_queue waiters; /* receivers that have seen all there is */
    uint64_t sent;           /* how many words, ever; masked on use */
    uint64_t capacity;       /* how many are kept */
    uint64_t receivers;      /* subscribed now */
    uint32_t mask;           /* length of the ring, a power of two, less one */
    bool closed;
    int64_t ring[];
};

struct rt_broadcast_receiver {
    struct rt_broadcast *broadcast;
    uint64_t next; /* the word to receive next, counted as `sent` counts */
};

/* Keeps `capacity` words, 1 to 2^30, in one allocation; NULL when memory is short. */
struct rt_broadcast *rt_broadcast_new(uint32_t capacity);

/* Nobody may be waiting, and receivers must not be used afterwards. NULL is ignored. */
void rt_broadcast_free(struct rt_broadcast *broadcast);

/* No more words: receivers get what is left for them, then -EPIPE. */
void rt_broadcast_close(struct rt_broadcast *broadcast);

/* From now on the receiver gets what is sent. */
static inline void rt_broadcast_subscribe(struct rt_broadcast *broadcast,
                                          struct rt_broadcast_receiver *receiver)
{
    broadcast->receivers++;
    *receiver = (struct rt_broadcast_receiver){broadcast, broadcast->sent};
}

/* The receiver, for which nobody may be waiting, gets no more and is not counted any more. A task
 * that is dropped need not do it. */
static inline void rt_broadcast_unsubscribe(struct rt_broadcast_receiver *receiver)
{
    receiver->broadcast->receivers--;
    receiver->broadcast = NULL;
}

/* Sends to all receivers that there are: 0, or -EPIPE when closed. Never waits. */
TC_ALWAYS_INLINE int rt_broadcast_send(struct rt_broadcast *broadcast, int64_t word)
{
    if (TC_UNLIKELY(broadcast->closed))
        return -EPIPE;
    broadcast->ring[broadcast->sent++ & broadcast->mask] = word;
    rt_queue_wake_all(&broadcast->waiters);
    return 0;
}

/* Awaitable: 0 with the next word; k > 0 when k words were lost to this receiver, without a word;
 * -EPIPE when closed and all seen. */
TC_ALWAYS_INLINE rt_poll rt_broadcast_recv_poll(struct rt_wait *wait, struct rt_cx *cx,
                                                struct rt_broadcast_receiver *receiver,
                                                int64_t *word)
{
    struct rt_broadcast *broadcast = receiver->broadcast;
    uint64_t behind = broadcast->sent - receiver->next;
    if (behind == 0) {
        if (broadcast->closed)
            return -EPIPE;
        if (!rt_wait_is_waiting(wait))
            rt_queue_push(&broadcast->waiters, wait, cx);
        return RT_PENDING;
    }
    if (rt_wait_is_idle(wait) && rt_budget_spent(cx))
        return RT_PENDING;
    rt_queue_cancel(&broadcast->waiters, wait);
    if (TC_UNLIKELY(behind > broadcast->capacity)) {
        uint64_t lost = behind - broadcast->capacity;
        receiver->next += lost;
        return (rt_poll)lost;
    }
    *word = broadcast->ring[receiver->next++ & broadcast->mask];
    return 0;
}

static inline void rt_broadcast_recv_drop(struct rt_wait *wait,
                                          struct rt_broadcast_receiver *receiver, int64_t *word)
{
    (void)word;
    rt_queue_cancel(&receiver->broadcast->waiters, wait);
}

#endif
