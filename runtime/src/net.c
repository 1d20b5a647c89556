/* SPDX-License-Identifier: MIT
 *
 * Stream sockets, TCP and Unix alike: listen, accept, connect. TCP_NODELAY is set on both sides of
 * a connection, because a runtime that measures latency must not wait for more bytes to send.
 */
#include "reactor.h"

#include "base/socket.h"

#include <errno.h>
#include <unistd.h>

static int blocking_flag(const struct rt_executor *executor)
{
    return executor->reactor->ops->nonblocking ? SOCK_NONBLOCK : 0;
}

static bool is_inet(int family)
{
    return family == AF_INET || family == AF_INET6;
}

int rt_listen(struct rt_executor *executor, const struct sockaddr *address, socklen_t length,
              int backlog, struct rt_io **listener)
{
    int fd = tc_socket_listen(address, length, backlog, blocking_flag(executor));
    if (fd < 0)
        return fd;
    return rt__reactor_add_stream(executor->reactor, fd, is_inet(address->sa_family), listener);
}

/* Failures of the connection that was being accepted, not of the listener (accept(2)). */
static bool was_the_peer(int64_t result)
{
    return result == -ECONNABORTED || result == -EPROTO || result == -ENETDOWN ||
           result == -EHOSTDOWN || result == -EHOSTUNREACH || result == -ENETUNREACH;
}

rt_poll rt_accept_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener,
                       struct rt_io **accepted)
{
    struct rt_reactor *reactor = cx->executor->reactor;
    int64_t fd;
    do
        fd = reactor->ops->accept(wait, cx, listener);
    while (was_the_peer(fd));
    if (fd < 0)
        return fd;
    if (listener->is_inet)
        tc_socket_set_nodelay((int)fd, AF_INET);
    return rt__reactor_add_stream(reactor, (int)fd, listener->is_inet, accepted);
}

void rt_accept_drop(struct rt_wait *wait, struct rt_io *listener, struct rt_io **accepted)
{
    (void)accepted;
    rt__reactor_of(listener)->ops->drop(wait, listener, RT_READABLE);
}

static int new_stream(struct rt_executor *executor, int family, struct rt_io **io)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | blocking_flag(executor), 0);
    if (fd < 0)
        return -errno;
    tc_socket_set_nodelay(fd, family);
    return rt__reactor_add_stream(executor->reactor, fd, is_inet(family), io);
}

rt_poll rt_connect_poll(struct rt_wait *wait, struct rt_cx *cx, const struct sockaddr *address,
                        socklen_t length, struct rt_io **io)
{
    if (!*io) {
        int err = new_stream(cx->executor, address->sa_family, io);
        if (err)
            return err;
    }
    rt_poll result = cx->executor->reactor->ops->connect(wait, cx, *io, address, length);
    if (result != 0 && result != RT_PENDING) {
        MUST(rt_io_close(*io) == 0);
        *io = NULL;
    }
    return result;
}

void rt_connect_drop(struct rt_wait *wait, const struct sockaddr *address, socklen_t length,
                     struct rt_io **io)
{
    (void)address, (void)length;
    if (!*io)
        return;
    rt__reactor_of(*io)->ops->drop(wait, *io, RT_WRITABLE);
    MUST(rt_io_close(*io) == 0);
    *io = NULL;
}
