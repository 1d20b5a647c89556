/* SPDX-License-Identifier: MIT
 *
 * A deadline for any operation.
 *
 *     RT_AWAIT_INTO(self->outcome, rt_timeout, &self->timeout, self->deadline_ns,
 *                   rt_chan_recv, self->in, &self->message);
 *     if (self->outcome == -ETIMEDOUT)
 *         ...
 *
 * and for an async function, or several, as the branches of a node (branch.h):
 *
 *     RT_ARM(&self->node, &self->reply, ask, {.question = 42});
 *     RT_AWAIT_INTO(self->outcome, rt_timeout, &self->timeout, self->deadline_ns,
 *                   rt_node_select, &self->node);
 *
 * The operation is polled before the clock is looked at: what is ready at the deadline is ready in
 * time, and with a deadline in the past it is tried once. When time is up the operation is dropped
 * and loses nothing. One that is ready at its first poll never touches the timer.
 *
 * A function awaited by RT_CALL cannot have a deadline this way: a wake resumes the innermost
 * function and does not pass here. It becomes a branch as above.
 */
#ifndef RT_TIMEOUT_H
#define RT_TIMEOUT_H

#include "rt/async.h"
#include "rt/timer.h"

/* In the frame; needs no initialisation. */
struct rt_timeout {
    struct rt_wait wait; /* the operation's; the awaiting frame's own is the timer's */
    struct rt_timer timer;
};

/* Awaitable, as rt_timeout, struct rt_timeout *, uint64_t deadline_ns, operation, arguments...: the
 * operation's result, or -ETIMEDOUT when it had none at the deadline (see rt_now_ns()); TC_NEVER is
 * no deadline. O(1), and what the operation does. */
#define rt_timeout_poll(own, cx, timeout, deadline_ns, operation, ...)             \
    ({                                                                             \
        rt__timeout_begin(own, timeout);                                           \
        rt_poll rt__timed = operation##_poll(&(timeout)->wait, cx, ##__VA_ARGS__); \
        if (rt__timeout_expired(rt__timed, own, cx, timeout, deadline_ns)) {       \
            operation##_drop(&(timeout)->wait, ##__VA_ARGS__);                     \
            rt__timed = -ETIMEDOUT;                                                \
        }                                                                          \
        rt__timed;                                                                 \
    })

#define rt_timeout_drop(own, timeout, deadline_ns, operation, ...) \
    do {                                                           \
        operation##_drop(&(timeout)->wait, ##__VA_ARGS__);         \
        rt_sleep_until_drop(own, &(timeout)->timer, deadline_ns);  \
    } while (0)

static inline void rt__timeout_begin(struct rt_wait *wait, struct rt_timeout *timeout)
{
    if (rt_wait_is_idle(wait))
        rt_wait_init(&timeout->wait);
    else if (wait->link.next == RT_REFUSED)
        rt__polled_after_end("rt_timeout");
}

/* What follows the operation's poll. True when its time is up; a result stops the timer. */
static inline bool rt__timeout_expired(rt_poll result, struct rt_wait *wait, struct rt_cx *cx,
                                       struct rt_timeout *timeout, uint64_t deadline_ns)
{
    bool expired = result == RT_PENDING;
    if (!expired)
        rt_sleep_until_drop(wait, &timeout->timer, deadline_ns);
    else if (rt_sleep_until_poll(wait, cx, &timeout->timer, deadline_ns) == RT_PENDING)
        return false;
    wait->link.next = RT_REFUSED; /* ended */
    return expired;
}

#endif
