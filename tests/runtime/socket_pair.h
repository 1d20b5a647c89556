/* SPDX-License-Identifier: MIT
 *
 * A socket pair, one end in an executor and the other plain, with what tests of waiting do to it.
 */
#ifndef SOCKET_PAIR_H
#define SOCKET_PAIR_H

#include "streams.h"

#include "reactor.h"

#include "base/clock.h"

/* Takes what the kernel has, without polling anybody. Something must be there, or come. */
static inline void look(struct rt_executor *executor)
{
    rt__reactor_wait(executor->reactor, tc_now_ns() + 3600 * TC_NS_PER_S);
}

static inline bool is_queued(struct rt_handle handle)
{
    return handle.task->state & RT_QUEUED;
}

struct pair {
    struct rt_executor *executor;
    struct rt_io *io;
    int peer;
    char bytes[64];
};

static inline void begin(struct pair *pair)
{
    int ends[2];
    *pair = (struct pair){.executor = new_executor()};
    open_stream(SOCKETPAIR, ends);
    pair->io = open_io(pair->executor, ends[0]);
    pair->peer = ends[1];
}

static inline void end(struct pair *pair)
{
    if (pair->peer >= 0)
        close(pair->peer);
    rt_executor_free(pair->executor);
}

static inline struct rt_handle reader(struct pair *pair)
{
    return begin_read(pair->executor, pair->io, pair->bytes, sizeof pair->bytes);
}

static inline struct rt_handle writer(struct pair *pair)
{
    return SPAWNED(pair->executor, one_write, {.io = pair->io, .bytes = "x", .size = 1});
}

static inline void fill(struct pair *pair)
{
    static char filling[65536];
    while (send(rt_io_fd(pair->io), filling, sizeof filling, MSG_DONTWAIT) > 0) {
    }
}

static inline void drain(struct pair *pair)
{
    static char sink[65536];
    while (recv(pair->peer, sink, sizeof sink, MSG_DONTWAIT) > 0) {
    }
}

/* Polls who is ready, and lets the kernel see all that they ask for. */
static inline void settle(struct rt_executor *executor)
{
    rt_run_ready(executor);
    rt__reactor_wait(executor->reactor, 0);
}

#endif
