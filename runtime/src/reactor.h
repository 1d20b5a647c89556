/* SPDX-License-Identifier: MIT
 *
 * The contract between the executor and what waits for descriptors. A backend implements all of it;
 * today there is one, reactor_epoll.c.
 */
#ifndef RT_REACTOR_H
#define RT_REACTOR_H

#include "rt/io.h"

enum { RT_READABLE = 1, RT_WRITABLE = 2 };

/* A descriptor as the reactor sees it: half a cache line, so that the two ends that a relaying task
 * works on share one. Lives in a table of the reactor whose memory is kept until the reactor goes.
 */
struct rt_io {
    int fd;              /* -1 while the entry is free */
    uint32_t generation; /* goes with every event, so that one for an earlier owner is dropped */
    uint32_t index;      /* in the table */
    uint8_t ready;       /* directions that may succeed without waiting */
    uint8_t watched;     /* directions that the kernel has been asked about */
    uint8_t woken;       /* directions whose waiter was woken and has not been polled since */
    bool is_socket : 1;
    bool is_stream : 1; /* a pipe or stream socket: a short read means that nothing is left */
    bool hung_up : 1;   /* the peer is gone: no edge will come, reads find the end */
    union {
        struct rt_wait *waiters[2]; /* the reader and the writer, or NULL */
        struct rt_io *next_free;
    };
};

_Static_assert(sizeof(struct rt_io) == 32, "two to a cache line");

/* NULL with errno set when the kernel refuses. */
struct rt_reactor *rt__reactor_new(void);
void rt__reactor_free(struct rt_reactor *reactor); /* closes what is still open */

/* A table entry for a descriptor, ready in both directions until tried; NULL when memory is short.
 */
struct rt_io *rt__reactor_add(struct rt_reactor *reactor, int fd);
void rt__reactor_remove(struct rt_io *io);

/* Parks a waiter until the direction may succeed: RT_PENDING, or a negative errno value. */
rt_poll rt__reactor_park(struct rt_io *io, unsigned direction, struct rt_wait *wait,
                         struct rt_cx *cx);
/* Forgets the waiter if it is parked, or woken and not polled since. */
void rt__reactor_unpark(struct rt_io *io, unsigned direction, struct rt_wait *wait);

/* To begin a poll with: a waiter that was woken gives up its place. It kept it until now, so that
 * nobody could close the descriptor, and another take over its table entry, before it has tried. */
static inline void rt__reactor_resume(struct rt_io *io, unsigned direction, struct rt_wait *wait)
{
    if ((io->woken & direction) && io->waiters[direction == RT_WRITABLE] == wait) {
        io->waiters[direction == RT_WRITABLE] = NULL;
        io->woken &= (uint8_t)~direction;
    }
}

/* How many waiters are parked. */
size_t rt__reactor_parked(const struct rt_reactor *reactor);

/* Takes readiness from the kernel and wakes. Sleeps until `deadline_ns` at most when nothing is
 * there: 0 does not sleep, TC_NEVER has no end. */
void rt__reactor_wait(struct rt_reactor *reactor, uint64_t deadline_ns);

#endif
