/* SPDX-License-Identifier: MIT
 *
 * The contract between the executor, what waits for descriptors, and the two reactors behind it.
 *
 *   epoll     readiness: an operation is tried, and parks when the kernel says "not yet"
 *   io_uring  completion: an operation is handed to the kernel, and parks until its result is there
 *
 * They differ in everything between a task and the kernel, so the contract is a table of functions
 * at the level of operations (receive, send, accept, ...), not of readiness. What they share is the
 * table of descriptors below (reactor.c) and the rules: one waiter a descriptor and direction,
 * -EBUSY to a second; a waiter keeps its place from its first poll until its last, so that nobody
 * can close the descriptor, and another take over its entry, before the one who was woken has had
 * its turn.
 */
#ifndef RT_REACTOR_H
#define RT_REACTOR_H

#include "rt/io.h"

#include "base/status.h"

enum { RT_READABLE = 1, RT_WRITABLE = 2 };

struct rt_op;
struct rt_file_call;

/* A descriptor as a reactor sees it: half a cache line, so that the two ends that a relaying task
 * works on share one. Lives in a table of the reactor whose memory is kept until the reactor goes.
 */
struct rt_io {
    int fd;              /* -1 while the entry is free */
    uint32_t generation; /* goes with every event, so that one for an earlier owner is dropped */
    uint32_t index;      /* in the table */
    uint8_t ready;       /* directions that may succeed without waiting */
    uint8_t watched;     /* epoll: directions that the kernel has been asked about */
    uint8_t woken; /* epoll: directions whose waiter was woken and has not been polled since */
    bool is_socket : 1;
    bool is_stream : 1; /* a pipe or stream socket: a short read means that nothing is left */
    bool is_inet : 1;
    bool hung_up : 1;    /* epoll: the peer is gone: no edge will come, reads find the end */
    bool connecting : 1; /* epoll: the outcome is not known yet */
    union {
        struct rt_wait *waiters[2]; /* epoll: the reader and the writer, or NULL */
        struct rt_op *ops[2];       /* io_uring: what the kernel has been asked for, or NULL */
        struct rt_io *next_free;
    };
};

_Static_assert(sizeof(struct rt_io) == 32, "two to a cache line");

/* Awaitable operations follow rt/poll.h; `drop` gives up whichever waits in that direction. */
struct rt_reactor_ops {
    const char *name;
    bool nonblocking; /* whether descriptors are to have O_NONBLOCK, or not to have it */
    void (*free)(struct rt_reactor *reactor);

    /* The bytes of a stream or one message, and whom it is from where `from` is not NULL (`length`:
     * its room, then its size). */
    rt_poll (*receive)(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                       size_t size, struct sockaddr *from, socklen_t *length);
    rt_poll (*send)(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, const void *buffer,
                    size_t size, const struct sockaddr *to, socklen_t length);
    /* The descriptor of a connection, close-on-exec and with O_NONBLOCK as it is wanted. */
    rt_poll (*accept)(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener);
    rt_poll (*connect)(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                       const struct sockaddr *address, socklen_t length);
    void (*drop)(struct rt_wait *wait, struct rt_io *io, unsigned direction);
    /* A call on a file (file.h). */
    rt_poll (*file)(struct rt_wait *wait, struct rt_cx *cx, const struct rt_file_call *call);
    void (*file_drop)(struct rt_wait *wait, struct rt_reactor *reactor);
    /* Whether somebody waits for the descriptor or was woken for it. */
    bool (*is_waited_for)(const struct rt_io *io);
    /* Makes the kernel and the reactor forget a descriptor that is about to be closed. */
    void (*forget)(struct rt_io *io);

    /* Takes what has happened from the kernel and wakes. Sleeps until `deadline_ns` at most when
     * nothing has: 0 does not sleep, TC_NEVER has no end. */
    void (*wait)(struct rt_reactor *reactor, uint64_t deadline_ns);
};

enum { RT_IO_BLOCK_BITS = 8, RT_IO_BLOCK_SIZE = 1 << RT_IO_BLOCK_BITS };

/* Entries never move. The block knows the reactor, so that an entry need not. */
struct rt_io_block {
    _Alignas(64) struct rt_io entries[RT_IO_BLOCK_SIZE];
    struct rt_reactor *reactor;
};

/* What every reactor begins with. */
struct rt_reactor {
    const struct rt_reactor_ops *ops;
    size_t parked; /* waiters that nothing has woken yet */
    bool given_up; /* a waiter that was parked has gone since the last look: whoever asks again can
                      only learn what has happened since from another look */
    int notify_fd; /* an eventfd that ends a wait when it is written to */
    struct rt_io_block **blocks;
    size_t used; /* entries that were ever taken */
    struct rt_io *free;
};

/* NULL with errno set when the kernel refuses, and why in `error` (which may be NULL). */
struct rt_reactor *rt__reactor_new(enum rt_reactor_kind kind, struct tc_error *error);
struct rt_reactor *rt__epoll_new(struct tc_error *error);
struct rt_reactor *rt__uring_new(struct tc_error *error);
void rt__reactor_free(struct rt_reactor *reactor); /* closes what is still open */

/* Makes the wait that is under way, or the next, return at once. From any thread, while the reactor
 * lives. One system call. */
void rt__reactor_notify(struct rt_reactor *reactor);

/* A table entry for a descriptor, ready in both directions until tried; NULL when memory is short.
 */
struct rt_io *rt__reactor_add(struct rt_reactor *reactor, int fd);
void rt__reactor_remove(struct rt_io *io);

/* The same for one that is known to be a stream socket and to block or not as the reactor wants;
 * it is closed when there is no memory for it. 0 or a negative errno value. */
int rt__reactor_add_stream(struct rt_reactor *reactor, int fd, bool is_inet, struct rt_io **io);

/* -- for the reactors -- */

/* The part that all have; false, with errno set, when the kernel refuses. */
bool rt__reactor_begin(struct rt_reactor *reactor, const struct rt_reactor_ops *ops);
/* Its opposite, once all descriptors are closed. Does not free the reactor itself. */
void rt__reactor_end(struct rt_reactor *reactor);

/* Forgets and closes every descriptor that is still open. */
void rt__reactor_close_all(struct rt_reactor *reactor);

/* How long it is until a deadline that is neither 0 nor TC_NEVER. */
uint64_t rt__timeout_ns(uint64_t deadline_ns);

static inline struct rt_io *rt__reactor_entry(struct rt_reactor *reactor, size_t index)
{
    return &reactor->blocks[index >> RT_IO_BLOCK_BITS]->entries[index & (RT_IO_BLOCK_SIZE - 1)];
}

static inline struct rt_reactor *rt__reactor_of(const struct rt_io *io)
{
    const struct rt_io *first = io - (io->index & (RT_IO_BLOCK_SIZE - 1));
    return TC_CONTAINER_OF(first, struct rt_io_block, entries)->reactor;
}

/* -- for the executor -- */

/* How many waiters are parked. */
static inline size_t rt__reactor_parked(const struct rt_reactor *reactor)
{
    return reactor->parked;
}

/* Whether a look is due although nobody is parked. */
static inline bool rt__reactor_is_stale(const struct rt_reactor *reactor)
{
    return reactor->given_up;
}

static inline void rt__reactor_wait(struct rt_reactor *reactor, uint64_t deadline_ns)
{
    reactor->given_up = false;
    reactor->ops->wait(reactor, deadline_ns);
}

#endif
