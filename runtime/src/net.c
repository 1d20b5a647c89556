/* SPDX-License-Identifier: MIT
 *
 * Stream sockets, TCP and Unix alike: listen, accept, connect. TCP_NODELAY is set on both sides of
 * a connection, because a runtime that measures latency must not wait for more bytes to send.
 */
#include "reactor.h"

#include "base/socket.h"

#include <errno.h>
#include <unistd.h>

/* Hands the descriptor to the reactor; closes it if that fails. */
static int adopt(struct rt_executor *executor, int fd, struct rt_io **io)
{
    int err = rt_io_open(executor, fd, io);
    if (err)
        close(fd);
    return err;
}

int rt_listen(struct rt_executor *executor, const struct sockaddr *address, socklen_t length,
              int backlog, struct rt_io **listener)
{
    int fd = tc_socket_listen(address, length, backlog, SOCK_NONBLOCK);
    if (fd < 0)
        return fd;
    return adopt(executor, fd, listener);
}

/* Failures of the connection that was being accepted, not of the listener (accept(2)). */
static bool was_the_peer(int error)
{
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == ENETDOWN ||
           error == EHOSTDOWN || error == EHOSTUNREACH || error == ENETUNREACH;
}

rt_poll rt_accept_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener,
                       struct rt_io **accepted)
{
    rt__reactor_resume(listener, RT_READABLE, wait);
    while (listener->ready & RT_READABLE) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            tc_socket_set_nodelay(fd, peer.ss_family);
            return adopt(cx->executor, fd, accepted);
        }
        if (was_the_peer(errno))
            continue;
        if (errno != EAGAIN)
            return -errno;
        listener->ready &= (uint8_t)~RT_READABLE;
    }
    return rt__reactor_park(listener, RT_READABLE, wait, cx);
}

void rt_accept_drop(struct rt_wait *wait, struct rt_io *listener, struct rt_io **accepted)
{
    (void)accepted;
    rt__reactor_unpark(listener, RT_READABLE, wait);
}

/* Opens the socket and starts connecting: 0 done, -EINPROGRESS under way. */
static int begin_connect(struct rt_executor *executor, const struct sockaddr *address,
                         socklen_t length, struct rt_io **io)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    tc_socket_set_nodelay(fd, address->sa_family);
    int err = adopt(executor, fd, io);
    if (err)
        return err;
    /* EINTR on a non-blocking socket means the same as EINPROGRESS. */
    if (connect(fd, address, length) < 0)
        return errno == EINTR ? -EINPROGRESS : -errno;
    return 0;
}

rt_poll rt_connect_poll(struct rt_wait *wait, struct rt_cx *cx, const struct sockaddr *address,
                        socklen_t length, struct rt_io **io)
{
    int err;
    if (!*io) {
        err = begin_connect(cx->executor, address, length, io);
        if (err == -EINPROGRESS) {
            (*io)->ready &= (uint8_t)~RT_WRITABLE;
            rt_poll parked = rt__reactor_park(*io, RT_WRITABLE, wait, cx);
            if (parked == RT_PENDING)
                return RT_PENDING;
            err = (int)parked;
        }
    } else if (!((*io)->ready & RT_WRITABLE)) {
        return rt__reactor_park(*io, RT_WRITABLE, wait, cx);
    } else {
        rt__reactor_resume(*io, RT_WRITABLE, wait);
        err = tc_socket_outcome((*io)->fd);
    }
    if (err && *io) {
        MUST(rt_io_close(*io) == 0);
        *io = NULL;
    }
    return err;
}

void rt_connect_drop(struct rt_wait *wait, const struct sockaddr *address, socklen_t length,
                     struct rt_io **io)
{
    (void)address, (void)length;
    if (!*io)
        return;
    rt__reactor_unpark(*io, RT_WRITABLE, wait);
    MUST(rt_io_close(*io) == 0);
    *io = NULL;
}
