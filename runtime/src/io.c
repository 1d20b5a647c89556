/* SPDX-License-Identifier: MIT
 *
 * Descriptors of every kind: taking them over, reading, writing, closing. What an operation does is
 * the reactor's (epoll_io.c, uring_io.c); here is what is the same for both.
 */
#include "reactor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int socket_option(int fd, int option)
{
    int value = 0;
    socklen_t size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0 ? 0 : value;
}

/* Gives the descriptor the way of blocking that the reactor needs. */
static int set_blocking(int fd, int flags, bool nonblocking)
{
    int wanted = nonblocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return wanted != flags && fcntl(fd, F_SETFL, wanted) < 0 ? -errno : 0;
}

int rt_io_open(struct rt_executor *executor, int fd, struct rt_io **io)
{
    int flags = fcntl(fd, F_GETFL);
    struct stat status;
    if (flags < 0 || fstat(fd, &status) < 0)
        return -errno;
    struct rt_io *added = rt__reactor_add(executor->reactor, fd);
    if (!added)
        return -ENOMEM;
    int err = set_blocking(fd, flags, executor->reactor->ops->nonblocking);
    if (err) {
        rt__reactor_remove(added);
        return err;
    }
    added->is_socket = S_ISSOCK(status.st_mode);
    added->is_stream = S_ISFIFO(status.st_mode);
    if (added->is_socket) {
        int family = socket_option(fd, SO_DOMAIN);
        added->is_stream = socket_option(fd, SO_TYPE) == SOCK_STREAM;
        added->is_inet = family == AF_INET || family == AF_INET6;
    }
    *io = added;
    return 0;
}

int rt_io_close(struct rt_io *io)
{
    if (!io)
        return 0;
    const struct rt_reactor_ops *ops = rt__reactor_of(io)->ops;
    if (ops->is_waited_for(io))
        return -EBUSY;
    RT_SEE(rt__see_close(io));
    int fd = io->fd;
    ops->forget(io);
    rt__reactor_remove(io);
    close(fd); /* EINTR closes too on Linux */
    return 0;
}

int rt_io_fd(const struct rt_io *io)
{
    return io->fd;
}

int rt_shutdown(struct rt_io *io, int how)
{
    return shutdown(io->fd, how) < 0 ? -errno : 0;
}

rt_poll rt_read_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                     size_t size)
{
    return cx->executor->reactor->ops->receive(wait, cx, io, buffer, size, NULL, NULL);
}

void rt_read_drop(struct rt_wait *wait, struct rt_io *io, void *buffer, size_t size)
{
    (void)buffer, (void)size;
    rt__reactor_of(io)->ops->drop(wait, io, RT_READABLE);
}

rt_poll rt_write_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, const void *buffer,
                      size_t size)
{
    return cx->executor->reactor->ops->send(wait, cx, io, buffer, size, NULL, 0);
}

void rt_write_drop(struct rt_wait *wait, struct rt_io *io, const void *buffer, size_t size)
{
    (void)buffer, (void)size;
    rt__reactor_of(io)->ops->drop(wait, io, RT_WRITABLE);
}
