/* SPDX-License-Identifier: MIT
 *
 * What the two halves of the epoll reactor share: waiting for readiness (reactor_epoll.c) and the
 * operations that are tried (epoll_io.c).
 */
#ifndef RT_EPOLL_H
#define RT_EPOLL_H

#include "reactor.h"

extern const struct rt_reactor_ops rt__epoll_ops;

/* Parks a waiter until the direction may succeed: RT_PENDING, or a negative errno value. */
rt_poll rt__epoll_park(struct rt_io *io, unsigned direction, struct rt_wait *wait,
                       struct rt_cx *cx);

/* Forgets the waiter if it is parked, or woken and not polled since. */
void rt__epoll_drop(struct rt_wait *wait, struct rt_io *io, unsigned direction);

bool rt__epoll_is_waited_for(const struct rt_io *io);
void rt__epoll_forget(struct rt_io *io);
void rt__epoll_wait(struct rt_reactor *reactor, uint64_t deadline_ns);
void rt__epoll_free(struct rt_reactor *reactor);

/* To begin a poll with: a waiter that was woken gives up its place. One that was not, and may find
 * the descriptor ready time and again, has its share: false when that is spent. */
static inline bool rt__epoll_resume(struct rt_io *io, unsigned direction, struct rt_wait *wait,
                                    struct rt_cx *cx)
{
    if (!(io->woken & direction) || io->waiters[direction == RT_WRITABLE] != wait)
        return !rt_budget_spent(cx);
    io->waiters[direction == RT_WRITABLE] = NULL;
    io->woken &= (uint8_t)~direction;
    return true;
}

#endif
