/* SPDX-License-Identifier: MIT
 *
 * One word from one task to another, or the news that it will not come.
 *
 *     empty --send--> full --recv--> closed        empty --close--> closed
 *
 * The word stays here until it is received, so that a receiver which is woken and dropped loses
 * nothing: another may wait and gets it. It is a channel (rt/chan.h) less the allocation and the
 * queues: two words, to be embedded where the answer is expected, and sending never waits. Awaiting
 * that the receiver has gone is left out.
 *
 * No call allocates; all are O(1). Belongs to one executor's thread and must not be freed while
 * somebody waits.
 */
#ifndef RT_ONESHOT_H
#define RT_ONESHOT_H

#include "rt/executor.h"

#include <errno.h>

/* NULL: empty, nobody waits. RT_ONESHOT_FULL, RT_ONESHOT_CLOSED. Else: empty, and the waiter. */
struct rt_oneshot {
    struct rt_wait *state;
    int64_t word; /* while full */
};

#define RT_ONESHOT_FULL   ((struct rt_wait *)1)
#define RT_ONESHOT_CLOSED ((struct rt_wait *)2)

static inline void rt_oneshot_init(struct rt_oneshot *oneshot)
{
    oneshot->state = NULL;
}

TC_ALWAYS_INLINE bool rt__oneshot_is_empty(const struct rt_oneshot *oneshot)
{
    return oneshot->state != RT_ONESHOT_FULL && oneshot->state != RT_ONESHOT_CLOSED;
}

TC_ALWAYS_INLINE void rt__oneshot_settle(struct rt_oneshot *oneshot, struct rt_wait *state)
{
    struct rt_wait *waiter = oneshot->state;
    oneshot->state = state;
    if (waiter)
        rt_task_wake(waiter->task);
}

/* Sends the word: 0, or -EPIPE when the other side has closed or a word was sent before. */
TC_ALWAYS_INLINE int rt_oneshot_send(struct rt_oneshot *oneshot, int64_t word)
{
    if (!rt__oneshot_is_empty(oneshot))
        return -EPIPE;
    oneshot->word = word;
    rt__oneshot_settle(oneshot, RT_ONESHOT_FULL);
    return 0;
}

/* By the sender: no word will come. By the receiver: none is wanted. A word that was sent can still
 * be received. Closing twice is closing once. */
TC_ALWAYS_INLINE void rt_oneshot_close(struct rt_oneshot *oneshot)
{
    if (rt__oneshot_is_empty(oneshot))
        rt__oneshot_settle(oneshot, RT_ONESHOT_CLOSED);
}

/* Awaitable: takes the word: 0; -EPIPE when none will come, or it was taken; -EBUSY when another
 * task waits for it. */
TC_ALWAYS_INLINE rt_poll rt_oneshot_recv_poll(struct rt_wait *wait, struct rt_cx *cx,
                                              struct rt_oneshot *oneshot, int64_t *word)
{
    if (oneshot->state == RT_ONESHOT_FULL) {
        *word = oneshot->word;
        oneshot->state = RT_ONESHOT_CLOSED;
        return 0;
    }
    if (oneshot->state == RT_ONESHOT_CLOSED)
        return -EPIPE;
    if (oneshot->state && oneshot->state != wait)
        return -EBUSY;
    RT_SEE(rt__see_promise(cx));
    wait->task = cx->task;
    oneshot->state = wait;
    return RT_PENDING;
}

static inline void rt_oneshot_recv_drop(struct rt_wait *wait, struct rt_oneshot *oneshot,
                                        int64_t *word)
{
    (void)word;
    if (oneshot->state == wait)
        oneshot->state = NULL;
}

#endif
