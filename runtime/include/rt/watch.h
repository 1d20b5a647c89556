/* SPDX-License-Identifier: MIT
 *
 * The newest word, for any number of observers: sending replaces it, and each observer is told that
 * there is one it has not seen. An observer that is slow skips what was replaced, never goes back,
 * and always sees the last.
 *
 * Sending counts a version up and an observer keeps the last one it has seen, so a send is O(1) and
 * the observers that wait, and who is woken and dropped has lost nothing.
 *
 * No call allocates. Belongs to one executor's thread and must not be freed while somebody waits;
 * an observer is used by one task at a time and needs no end.
 */
#ifndef RT_WATCH_H
#define RT_WATCH_H

#include "rt/executor.h"

#include <errno.h>

struct rt_watch {
    struct rt_queue waiters; /* observers that have seen all there is */
    uint64_t version;        /* how often it was sent */
    int64_t word;            /* the newest; may be read at any time */
    bool closed;
};

struct rt_watch_receiver {
    struct rt_watch *watch;
    uint64_t seen; /* the version it was told of last */
};

static inline void rt_watch_init(struct rt_watch *watch, int64_t word)
{
    *watch = (struct rt_watch){.word = word};
}

/* An observer that has seen what the word is now. O(1). */
static inline void rt_watch_subscribe(struct rt_watch *watch, struct rt_watch_receiver *receiver)
{
    *receiver = (struct rt_watch_receiver){watch, watch->version};
}

/* Replaces the word: 0, or -EPIPE when closed. */
static inline int rt_watch_send(struct rt_watch *watch, int64_t word)
{
    if (watch->closed)
        return -EPIPE;
    watch->word = word;
    watch->version++;
    rt_queue_wake_all(&watch->waiters);
    return 0;
}

/* There will be no other word. Observers still see the last one. */
static inline void rt_watch_close(struct rt_watch *watch)
{
    watch->closed = true;
    rt_queue_wake_all(&watch->waiters);
}

/* Awaitable: the newest word that this observer has not seen: 0; -EPIPE when it has seen the last
 * one. */
TC_ALWAYS_INLINE rt_poll rt_watch_changed_poll(struct rt_wait *wait, struct rt_cx *cx,
                                               struct rt_watch_receiver *receiver, int64_t *word)
{
    struct rt_watch *watch = receiver->watch;
    if (receiver->seen != watch->version) {
        if (rt_wait_is_idle(wait) && rt_budget_spent(cx))
            return RT_PENDING;
        rt_queue_cancel(&watch->waiters, wait);
        receiver->seen = watch->version;
        *word = watch->word;
        return 0;
    }
    if (watch->closed)
        return -EPIPE;
    if (!rt_wait_is_waiting(wait))
        rt_queue_push(&watch->waiters, wait, cx);
    return RT_PENDING;
}

static inline void rt_watch_changed_drop(struct rt_wait *wait, struct rt_watch_receiver *receiver,
                                         int64_t *word)
{
    (void)word;
    rt_queue_cancel(&receiver->watch->waiters, wait);
}

#endif
