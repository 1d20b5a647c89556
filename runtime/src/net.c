/* SPDX-License-Identifier: MIT
 *
 * Sockets, TCP, UDP and Unix alike: listen, accept, connect, and messages. TCP_NODELAY is set on
 * both sides of a connection, because a runtime that measures latency must not wait for more bytes
 * to send.
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

/* -- accepting when there are no descriptors -- */

#define FIRST_PAUSE_NS TC_NS_PER_MS
#define LAST_PAUSE_NS  TC_NS_PER_S

static bool may_pass(rt_poll result)
{
    return result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM;
}

static void begin_pause(struct rt_wait *wait, struct rt_patience *patience)
{
    uint64_t twice_ns = patience->pause_ns ? 2 * patience->pause_ns : FIRST_PAUSE_NS;
    patience->pause_ns = twice_ns < LAST_PAUSE_NS ? twice_ns : LAST_PAUSE_NS;
    patience->is_pausing = true;
    rt_wait_init(wait);
}

rt_poll rt_accept_patiently_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener,
                                 struct rt_io **accepted, struct rt_patience *patience)
{
    for (;;) {
        if (patience->is_pausing) {
            if (rt_sleep_poll(wait, cx, &patience->timer, patience->pause_ns) == RT_PENDING)
                return RT_PENDING;
            patience->is_pausing = false;
            rt_wait_init(wait);
        }
        rt_poll result = rt_accept_poll(wait, cx, listener, accepted);
        if (!may_pass(result)) {
            if (result != RT_PENDING)
                patience->pause_ns = 0;
            return result;
        }
        begin_pause(wait, patience);
    }
}

void rt_accept_patiently_drop(struct rt_wait *wait, struct rt_io *listener, struct rt_io **accepted,
                              struct rt_patience *patience)
{
    if (patience->is_pausing)
        rt_sleep_drop(wait, &patience->timer, patience->pause_ns);
    else
        rt_accept_drop(wait, listener, accepted);
    patience->is_pausing = false;
}

/* -- connecting -- */

int rt_pair(struct rt_executor *executor, struct rt_io *ends[2])
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | blocking_flag(executor), 0, fds) < 0)
        return -errno;
    int err = rt__reactor_add_stream(executor->reactor, fds[0], false, &ends[0]);
    if (err) {
        close(fds[1]);
        return err;
    }
    err = rt__reactor_add_stream(executor->reactor, fds[1], false, &ends[1]);
    if (err)
        rt_io_close(ends[0]);
    return err;
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

/* -- messages -- */

int rt_udp_open(struct rt_executor *executor, const struct sockaddr *address, socklen_t length,
                struct rt_io **io)
{
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | blocking_flag(executor), 0);
    if (fd < 0)
        return -errno;
    int err = bind(fd, address, length) < 0 ? -errno : rt_io_open(executor, fd, io);
    if (err)
        close(fd);
    return err;
}

rt_poll rt_recv_from_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                          size_t size, struct sockaddr *sender, socklen_t *length)
{
    return cx->executor->reactor->ops->receive(wait, cx, io, buffer, size, sender, length);
}

void rt_recv_from_drop(struct rt_wait *wait, struct rt_io *io, void *buffer, size_t size,
                       struct sockaddr *sender, socklen_t *length)
{
    (void)sender, (void)length;
    rt_read_drop(wait, io, buffer, size);
}

rt_poll rt_send_to_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                        const void *buffer, size_t size, const struct sockaddr *address,
                        socklen_t length)
{
    return cx->executor->reactor->ops->send(wait, cx, io, buffer, size, address, length);
}

void rt_send_to_drop(struct rt_wait *wait, struct rt_io *io, const void *buffer, size_t size,
                     const struct sockaddr *address, socklen_t length)
{
    (void)address, (void)length;
    rt_write_drop(wait, io, buffer, size);
}
