/* SPDX-License-Identifier: MIT
 *
 * The operations of the epoll reactor: try, and park only when the kernel says "not yet" (see
 * rt/io.h for when a read is not even tried).
 */
#include "epoll.h"
#include "file.h"

#include "base/socket.h"

#include <errno.h>
#include <unistd.h>

static ssize_t try_receive(struct rt_io *io, void *buffer, size_t size, struct sockaddr *from,
                           socklen_t *length)
{
    if (from)
        return recvfrom(io->fd, buffer, size, 0, from, length);
    return io->is_socket ? recv(io->fd, buffer, size, 0) : read(io->fd, buffer, size);
}

static rt_poll receive(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                       size_t size, struct sockaddr *from, socklen_t *length)
{
    if (!rt__epoll_resume(io, RT_READABLE, wait, cx))
        return RT_PENDING;
    while (io->ready & RT_READABLE) {
        ssize_t count = try_receive(io, buffer, size, from, length);
        if (count >= 0) {
            /* A short read has drained the stream, and new data will be a new edge (or is seen when
             * the descriptor is first watched). Only the end of the stream may have been announced
             * already, together with the data: then hung_up is set and the next read finds it. */
            if ((size_t)count < size && io->is_stream && !io->hung_up)
                io->ready &= (uint8_t)~RT_READABLE;
            return count;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        io->ready &= (uint8_t)~RT_READABLE;
    }
    return rt__epoll_park(io, RT_READABLE, wait, cx);
}

static ssize_t try_send(struct rt_io *io, const void *buffer, size_t size,
                        const struct sockaddr *to, socklen_t length)
{
    if (to)
        return sendto(io->fd, buffer, size, MSG_NOSIGNAL, to, length);
    return io->is_socket ? send(io->fd, buffer, size, MSG_NOSIGNAL) : write(io->fd, buffer, size);
}

static rt_poll send_out(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                        const void *buffer, size_t size, const struct sockaddr *to,
                        socklen_t length)
{
    if (!rt__epoll_resume(io, RT_WRITABLE, wait, cx))
        return RT_PENDING;
    while (io->ready & RT_WRITABLE) {
        ssize_t count = try_send(io, buffer, size, to, length);
        if (count >= 0)
            return count;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        io->ready &= (uint8_t)~RT_WRITABLE;
    }
    return rt__epoll_park(io, RT_WRITABLE, wait, cx);
}

static rt_poll accept_one(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener)
{
    if (!rt__epoll_resume(listener, RT_READABLE, wait, cx))
        return RT_PENDING;
    while (listener->ready & RT_READABLE) {
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            return fd;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        listener->ready &= (uint8_t)~RT_READABLE;
    }
    return rt__epoll_park(listener, RT_READABLE, wait, cx);
}

/* EINTR on a non-blocking socket means the same as EINPROGRESS. (A Unix socket whose listener has
 * no room says EAGAIN, and nothing would tell when it has: that is an answer.) */
static rt_poll connect_to(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                          const struct sockaddr *address, socklen_t length)
{
    if (!io->connecting) {
        if (connect(io->fd, address, length) == 0)
            return 0;
        if (errno != EINTR && errno != EINPROGRESS)
            return -errno;
        io->connecting = true;
        io->ready &= (uint8_t)~RT_WRITABLE;
    }
    if (!rt__epoll_resume(io, RT_WRITABLE, wait, cx))
        return RT_PENDING;
    if (!(io->ready & RT_WRITABLE))
        return rt__epoll_park(io, RT_WRITABLE, wait, cx);
    io->connecting = false;
    return tc_socket_outcome(io->fd);
}

const struct rt_reactor_ops rt__epoll_ops = {
    .name = "epoll",
    .nonblocking = true,
    .free = rt__epoll_free,
    .receive = receive,
    .send = send_out,
    .accept = accept_one,
    .connect = connect_to,
    .drop = rt__epoll_drop,
    .file = rt__pool_file_poll,
    .file_drop = rt__pool_file_drop,
    .is_waited_for = rt__epoll_is_waited_for,
    .forget = rt__epoll_forget,
    .wait = rt__epoll_wait,
};
