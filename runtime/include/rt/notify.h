/* SPDX-License-Identifier: MIT
 *
 * Notifications: "look again", to one task or to all that wait now.
 *
 * Notifying one wakes the longest waiting; when nobody waits, one notification (never two) is kept
 * for the next who does, so that "check, then wait" can miss nothing. Notifying all wakes those who
 * wait at that moment and keeps nothing. A task that is dropped between being woken by the first
 * and running passes the notification on.
 *
 * An rt_event (rt/event.h) differs: it stays set for all until it is reset.
 *
 * No call allocates or fails; all are O(1) but notifying all, which is O(waiters). Belongs to one
 * executor's thread and must not be freed while somebody waits.
 */
#ifndef RT_NOTIFY_H
#define RT_NOTIFY_H

#include "rt/executor.h"

struct rt_notify {
    struct rt_queue waiters; /* in order; the word granted says whether it must be passed on */
    bool kept;               /* a notification that nobody has taken; then nobody waits */
};

static inline void rt_notify_init(struct rt_notify *notify)
{
    *notify = (struct rt_notify){0};
}

TC_ALWAYS_INLINE void rt_notify_one(struct rt_notify *notify)
{
    struct rt_queue *waiters = &notify->waiters;
    if (waiters->first)
        rt__queue_grant(waiters, waiters->task->executor)->granted = true;
    else
        notify->kept = true;
}

static inline void rt_notify_all(struct rt_notify *notify)
{
    struct rt_queue *waiters = &notify->waiters;
    while (waiters->first)
        rt__queue_grant(waiters, waiters->task->executor)->granted = false;
}

/* Awaitable: 0 once notified. */
TC_ALWAYS_INLINE rt_poll rt_notify_wait_poll(struct rt_wait *wait, struct rt_cx *cx,
                                             struct rt_notify *notify)
{
    if (rt_wait_is_granted(wait))
        return 0;
    if (!rt_wait_is_idle(wait))
        return RT_PENDING;
    if (!notify->kept) {
        rt_queue_push(&notify->waiters, wait, cx);
        return RT_PENDING;
    }
    if (rt_budget_spent(cx))
        return RT_PENDING;
    notify->kept = false;
    return 0;
}

static inline void rt_notify_wait_drop(struct rt_wait *wait, struct rt_notify *notify)
{
    bool pass_on = rt_wait_is_granted(wait) && wait->granted;
    rt_queue_cancel(&notify->waiters, wait);
    if (pass_on)
        rt_notify_one(notify);
}

#endif
