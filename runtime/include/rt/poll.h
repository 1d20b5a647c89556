/* SPDX-License-Identifier: MIT
 *
 * Futures, polled.
 *
 * A future is a state machine in memory that does nothing until it is polled. Polling either
 * finishes it (the result, or a negative errno value) or returns RT_PENDING, in which case whatever
 * it waits for has been told to wake the task. It is polled again only after that wake.
 *
 * Two shapes of it appear in this runtime:
 *
 *   - an *awaitable operation* X (receive from a channel, read, sleep, ...) is a pair of functions
 *         rt_poll X_poll(struct rt_wait *wait, struct rt_cx *cx, arguments...);
 *         void    X_drop(struct rt_wait *wait, arguments...);
 *     whose state is one waiter node in the frame of whoever awaits it. X_drop gives the operation
 *     up: afterwards nothing points at the node any more, and nothing that was on its way to it is
 *     lost. Arguments must be the same at every poll.
 *
 *   - an *async function* is one step function (see async.h) over a frame. Its step function is
 *     polled with a context and dropped with NULL in its place.
 */
#ifndef RT_POLL_H
#define RT_POLL_H

#include "rt/inspect.h"

#include "base/list.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* RT_PENDING, or a finished future's result; negative errno values are failures. */
typedef int64_t rt_poll;
#define RT_PENDING INT64_MIN

struct rt_task;
struct rt_call;
struct rt_executor;

/* What a future is told when it is polled: on whose behalf, and where. Valid during the poll only.
 */
struct rt_cx {
    struct rt_task *task;
    struct rt_executor *executor;
    unsigned budget; /* see rt_budget_spent() */
};

/* Polls the frame, or, with a NULL context, drops it: the frame stops waiting for whatever it waits
 * for, and its return value means nothing. Called at most once with NULL, and not after it has
 * returned a result. */
typedef rt_poll rt_step_fn(void *frame, struct rt_cx *cx);

/*
 * A waiter: one place in one queue of waiting tasks. It lives in a frame, which never moves, so
 * that giving up is an unlink and no waker needs to be counted.
 *
 *   state     link.next
 *   idle      RT_IDLE      not registered anywhere
 *   waiting   a link       in the queue of what it waits for
 *   granted   RT_GRANTED   taken out of the queue by a wake that was meant for it
 *   refused   RT_REFUSED   taken out of the queue because what it waits for will not come
 */
struct rt_wait {
    union {
        struct list link;
        struct {
            struct list *state; /* the same word as link.next */
            union {
                int64_t granted;           /* what was granted, where that is a word */
                struct rt_call *innermost; /* of the outermost frame's waiter, during calls */
            };
        };
    };
    union {
        struct rt_task *task;  /* whom to wake; set whenever the state is not idle */
        rt_step_fn *outermost; /* of the outermost frame's waiter, during calls (call.c) */
    };
    uint32_t wanted; /* how much it waits for, where that is a number */
    uint32_t resume; /* the resume point of the frame that begins with this waiter: it has no other
                        hole of that size, and a waiter elsewhere leaves it unset */
};

#define RT_GRANTED ((struct list *)0)
#define RT_IDLE    ((struct list *)1)
#define RT_REFUSED ((struct list *)2)

/* A queue of waiters, first come, first served: a ring of their links, entered at the first. The
 * first one's task stands beside it, so that a wake need not go through the waiter to find whom to
 * wake: in a chain of wakes that load would add its five cycles to every hop. */
struct rt_queue {
    struct list *first;   /* NULL when nobody waits */
    struct rt_task *task; /* of the first; unset when nobody waits */
};

static inline void rt_wait_init(struct rt_wait *wait)
{
    wait->link.next = RT_IDLE;
}

static inline bool rt_wait_is_idle(const struct rt_wait *wait)
{
    return wait->link.next == RT_IDLE;
}

static inline bool rt_wait_is_granted(const struct rt_wait *wait)
{
    return wait->link.next == RT_GRANTED;
}

static inline bool rt_wait_is_waiting(const struct rt_wait *wait)
{
    return (uintptr_t)wait->link.next > (uintptr_t)RT_REFUSED;
}

/* Appends a waiter that is not waiting. The links of a queue of one lie unset but for `next`, which
 * points at itself: most queues never hold a second. */
static inline void rt_queue_push(struct rt_queue *queue, struct rt_wait *wait, struct rt_cx *cx)
{
    struct list *first = queue->first;
    RT_SEE(rt__see_promise(cx));
    wait->task = cx->task;
    if (TC_LIKELY(!first)) {
        wait->link.next = &wait->link;
        queue->first = &wait->link;
        queue->task = cx->task;
        return;
    }
    if (first->next == first)
        first->prev = first;
    list_push_tail(first, &wait->link); /* before the first is after the last */
}

/* The same before all others. */
static inline void rt_queue_push_front(struct rt_queue *queue, struct rt_wait *wait,
                                       struct rt_cx *cx)
{
    rt_queue_push(queue, wait, cx); /* after the last is before the first */
    queue->first = &wait->link;
    queue->task = cx->task;
}

/* Takes a waiting waiter out, leaving its link undefined. */
static inline void rt_queue_remove(struct rt_queue *queue, struct rt_wait *wait)
{
    struct list *next = wait->link.next;
    if (TC_LIKELY(next == &wait->link)) {
        queue->first = NULL;
        return;
    }
    list_unlink(&wait->link);
    if (queue->first == &wait->link) {
        queue->first = next;
        queue->task = TC_CONTAINER_OF(next, struct rt_wait, link)->task;
    }
}

/* Makes a waiter idle that may wait in this queue. */
static inline void rt_queue_cancel(struct rt_queue *queue, struct rt_wait *wait)
{
    if (rt_wait_is_waiting(wait))
        rt_queue_remove(queue, wait);
    rt_wait_init(wait);
}

#endif
