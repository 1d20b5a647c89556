/* SPDX-License-Identifier: MIT
 *
 * A server whose connections are tasks: it accepts until it is told to end, and lets everybody
 * finish.
 *
 * The connections are a group that can't outlive the server: with as many as there may be, nobody
 * is accepted until one has ended, and the backlog holds the others off. SIGINT and SIGTERM are
 * read from a descriptor like everything else; then the listener closes, `ending` is called, and
 * who has not ended by the end of the grace is dropped.
 */
#ifndef SERVICE_TASKS_H
#define SERVICE_TASKS_H

#include "service.h"

#include "rt/rt.h"

#include <sys/signalfd.h>
#include <unistd.h>

struct service_tasks {
    /* Spawns the task of a connection into the group; it closes `io`. 0 or a negative errno value,
     * with `io` left alone. */
    int (*begin)(struct rt_group *connections, void *context, struct rt_io *io);
    /* Asks the connections to end; NULL: they are dropped. */
    void (*ending)(void *context);
    void *context;
};

/* Accepts for as long as it is let. */
struct accept_all {
    RT_FRAME;
    const struct service_tasks *service;
    struct rt_group *connections;
    struct rt_io *listener, *accepted;
    struct rt_timer pause;
    int64_t result;
};

static rt_poll accept_all(void *frame, struct rt_cx *cx)
{
    struct accept_all *self = frame;
    const struct service_tasks *service = self->service;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_TRY(rt_group_room, self->connections);
        RT_AWAIT_INTO(self->result, rt_accept, self->listener, &self->accepted);
        if (self->result < 0)
            RT_AWAIT(rt_sleep, &self->pause, PAUSE_NS);
        else if (service->begin(self->connections, service->context, self->accepted) < 0)
            rt_io_close(self->accepted);
    }
    RT_END(0);
}

RT_FUTURE(receive, rt_read, (struct rt_io *, io), (void *, buffer), (size_t, size));

struct serve_all {
    RT_FRAME;
    const struct service_tasks *service;
    const struct service_options *options;
    struct rt_io *listener, *signals; /* closed by us */
    struct rt_group connections;
    struct rt_node node;
    RT_CHILD(accept_all) accepting;
    RT_CHILD(receive) signal;
    struct signalfd_siginfo info;
    struct rt_timeout timeout;
    uint64_t grace_ns;
};

static void serve_all_end(struct serve_all *self)
{
    if (self->connections.executor)
        rt_group_abort(&self->connections);
    rt_io_close(self->listener);
    rt_io_close(self->signals);
}

static rt_poll serve_all(void *frame, struct rt_cx *cx)
{
    struct serve_all *self = frame;
    const struct service_tasks *service = self->service;
    RT_BEGIN(self, cx);
    rt_group_init(&self->connections, cx->executor, self->options->connections);
    RT_ARM(&self->node, &self->accepting, accept_all,
           {.service = service, .connections = &self->connections, .listener = self->listener});
    RT_ARM(&self->node, &self->signal, receive,
           {.io = self->signals, .buffer = &self->info, .size = sizeof self->info});
    RT_AWAIT(rt_node_select, &self->node);
    rt_io_close(self->listener);
    self->listener = NULL;
    if (service->ending) {
        service->ending(service->context);
        self->grace_ns = rt_timer_now_ns(cx->executor) + self->options->grace_ms * TC_NS_PER_MS;
        RT_AWAIT(rt_timeout, &self->timeout, self->grace_ns, rt_group_wait, &self->connections);
    }
    RT_END_FINALLY(0, { serve_all_end(self); });
}

/* The descriptor that tells of signals; they no longer end the program. */
static inline int open_signals(struct rt_executor *executor, struct rt_io **signals)
{
    sigset_t set = block_signals();
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    int err = fd < 0 ? -errno : rt_io_open(executor, fd, signals);
    if (err && fd >= 0)
        close(fd);
    return err;
}

/* Serves until a signal ends it: 0, or a negative errno value when it could not begin. */
static inline int64_t service_run(struct rt_executor *executor, const struct service_tasks *service,
                                  const struct service_options *options)
{
    struct sockaddr_in address = local_address(options);
    struct rt_io *listener, *signals;
    struct rt_handle handle;
    int err =
        rt_listen(executor, (struct sockaddr *)&address, sizeof address, SOMAXCONN, &listener);
    if (!err)
        err = open_signals(executor, &signals);
    if (err)
        return err;
    tell_address(rt_io_fd(listener));
    err = RT_SPAWN(
        executor, serve_all, &handle,
        {.service = service, .options = options, .listener = listener, .signals = signals});
    return err ? err : rt_block_on(executor, handle);
}

#endif
