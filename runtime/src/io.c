/* SPDX-License-Identifier: MIT
 *
 * Reading and writing descriptors: try, and park only when the kernel says "not yet" (see rt/io.h
 * for when a read is not even tried).
 */
#include "reactor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int rt_io_open(struct rt_executor *executor, int fd, struct rt_io **io)
{
    int flags = fcntl(fd, F_GETFL);
    struct stat status;
    if (flags < 0 || fstat(fd, &status) < 0)
        return -errno;
    struct rt_io *added = rt__reactor_add(executor->reactor, fd);
    if (!added)
        return -ENOMEM;
    if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        int err = -errno;
        rt__reactor_remove(added);
        return err;
    }
    added->is_socket = S_ISSOCK(status.st_mode);
    int type = 0;
    socklen_t size = sizeof type;
    if (added->is_socket)
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    added->is_stream = S_ISFIFO(status.st_mode) || type == SOCK_STREAM;
    *io = added;
    return 0;
}

int rt_io_close(struct rt_io *io)
{
    if (!io)
        return 0;
    if (io->waiters[0] || io->waiters[1])
        return -EBUSY;
    int fd = io->fd;
    rt__reactor_remove(io);
    close(fd); /* EINTR closes too on Linux */
    return 0;
}

int rt_io_fd(const struct rt_io *io)
{
    return io->fd;
}

rt_poll rt_read_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                     size_t size)
{
    rt__reactor_resume(io, RT_READABLE, wait);
    while (io->ready & RT_READABLE) {
        ssize_t count = io->is_socket ? recv(io->fd, buffer, size, 0) : read(io->fd, buffer, size);
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
    return rt__reactor_park(io, RT_READABLE, wait, cx);
}

void rt_read_drop(struct rt_wait *wait, struct rt_io *io, void *buffer, size_t size)
{
    (void)buffer, (void)size;
    rt__reactor_unpark(io, RT_READABLE, wait);
}

rt_poll rt_write_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, const void *buffer,
                      size_t size)
{
    rt__reactor_resume(io, RT_WRITABLE, wait);
    while (io->ready & RT_WRITABLE) {
        ssize_t count =
            io->is_socket ? send(io->fd, buffer, size, MSG_NOSIGNAL) : write(io->fd, buffer, size);
        if (count >= 0)
            return count;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        io->ready &= (uint8_t)~RT_WRITABLE;
    }
    return rt__reactor_park(io, RT_WRITABLE, wait, cx);
}

void rt_write_drop(struct rt_wait *wait, struct rt_io *io, const void *buffer, size_t size)
{
    (void)buffer, (void)size;
    rt__reactor_unpark(io, RT_WRITABLE, wait);
}
