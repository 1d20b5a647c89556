/* SPDX-License-Identifier: MIT
 *
 * An HTTP/1.1 server in which each connection is a task, all on one thread: keep-alive and
 * pipelining, limits and timeouts, and an end that lets everybody finish.
 *
 *     http_server [--port N] [--connections N] [--idle-ms N] [--request-ms N] [--grace-ms N]
 *                 [--reactor epoll|uring]
 *
 * The connections are a group that can't outlive the server: with as many as there may be, nobody
 * is accepted until one has ended, and the backlog holds the others off. SIGINT and SIGTERM are
 * read from a descriptor like everything else; then the listener closes, idle connections end, the
 * others after their next answer, and who has not by the end of the grace is dropped.
 */
#include "http_app.h"
#include "http_serve.h"

#include <sys/signalfd.h>
#include <unistd.h>

/* Accepts for as long as it is let. */
struct accept_all {
    RT_FRAME;
    struct site *site;
    struct rt_group *connections;
    struct rt_io *listener, *accepted;
    struct rt_timer pause;
    int64_t result;
};

static rt_poll accept_all(void *frame, struct rt_cx *cx)
{
    struct accept_all *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_TRY(rt_group_room, self->connections);
        RT_AWAIT_INTO(self->result, rt_accept, self->listener, &self->accepted);
        if (self->result < 0)
            RT_AWAIT(rt_sleep, &self->pause, PAUSE_NS);
        else if (RT_SPAWN_INTO(self->connections, serve,
                               {.site = self->site, .io = self->accepted}) < 0)
            rt_io_close(self->accepted);
    }
    RT_END(0);
}

RT_FUTURE(receive, rt_read, (struct rt_io *, io), (void *, buffer), (size_t, size));

struct server {
    RT_FRAME;
    struct site *site;
    const struct options *options;
    struct rt_io *listener, *signals; /* closed by us */
    struct rt_group connections;
    struct rt_node node;
    RT_CHILD(accept_all) accepting;
    RT_CHILD(receive) signal;
    struct signalfd_siginfo info;
    struct rt_timeout timeout;
    uint64_t grace_ns;
    int64_t result;
};

static void server_end(struct server *self)
{
    if (self->connections.executor)
        rt_group_abort(&self->connections);
    rt_io_close(self->listener);
    rt_io_close(self->signals);
}

static rt_poll server(void *frame, struct rt_cx *cx)
{
    struct server *self = frame;
    RT_BEGIN(self, cx);
    rt_group_init(&self->connections, cx->executor, self->options->connections);
    RT_ARM(&self->node, &self->accepting, accept_all,
           {.site = self->site, .connections = &self->connections, .listener = self->listener});
    RT_ARM(&self->node, &self->signal, receive,
           {.io = self->signals, .buffer = &self->info, .size = sizeof self->info});
    RT_AWAIT_INTO(self->result, rt_node_select, &self->node);
    rt_io_close(self->listener);
    self->listener = NULL;
    serve_stop_all(self->site);
    self->grace_ns = rt_timer_now_ns(cx->executor) + self->options->grace_ms * TC_NS_PER_MS;
    RT_AWAIT(rt_timeout, &self->timeout, self->grace_ns, rt_group_wait, &self->connections);
    RT_END_FINALLY(self->result, { server_end(self); });
}

/* The descriptor that tells of signals; they no longer end the program. */
static int open_signals(struct rt_executor *executor, struct rt_io **signals)
{
    sigset_t set = block_signals();
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    int err = fd < 0 ? -errno : rt_io_open(executor, fd, signals);
    if (err && fd >= 0)
        close(fd);
    return err;
}

static int64_t run(struct rt_executor *executor, struct site *site, const struct options *options)
{
    struct sockaddr_in address = local_address(options);
    struct rt_io *listener, *signals;
    struct rt_handle handle;
    int err =
        rt_listen(executor, (struct sockaddr *)&address, sizeof address, SOMAXCONN, &listener);
    if (err)
        return err;
    err = open_signals(executor, &signals);
    if (err)
        return err;
    tell_address(rt_io_fd(listener));
    err = RT_SPAWN(executor, server, &handle,
                   {.site = site, .options = options, .listener = listener, .signals = signals});
    return err ? err : rt_block_on(executor, handle);
}

static enum rt_reactor_kind reactor_of(const struct options *options, const char *program)
{
    if (strcmp(options->reactor, "uring") == 0)
        return RT_REACTOR_URING;
    if (strcmp(options->reactor, "epoll") != 0)
        refuse(program, "--reactor: expects epoll or uring");
    return RT_REACTOR_EPOLL;
}

int main(int argc, char **argv)
{
    struct options options = {.connections = 10000,
                              .idle_ms = 60000,
                              .request_ms = 10000,
                              .grace_ms = 5000,
                              .reactor = "epoll"};
    struct tc_error why = {.text = "no executor: no memory or descriptors"};
    struct site site = {.accepted = 0};
    read_options(&options, argc, argv);
    struct rt_config config = {.reactor = reactor_of(&options, argv[0]), .error = &why};
    make_service(&site.service, &options);
    list_init(&site.open);
    raise_descriptors();
    struct rt_executor *executor = rt_executor_new(&config);
    if (!executor)
        refuse(argv[0], why.text);
    int64_t result = run(executor, &site, &options);
    rt_executor_free(executor);
    return tell_end(argv[0], &options, result, site.answered, site.accepted);
}
