/* SPDX-License-Identifier: MIT
 *
 * Blocking reads and writes. EINTR is retried: no caller of ours wants it.
 *
 * Within a scope a socket is asked not to block (MSG_DONTWAIT) and waited for when it would. A pipe
 * can't be asked, so it is waited for first; one that is said to be writable has room for PIPE_BUF
 * bytes, and no more are written at a time.
 */
#include "tb/io.h"

#include "tb/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

int tb_io_open(int fd, struct tb_io *io)
{
    struct stat status;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &status) < 0 ||
        (flags & O_NONBLOCK && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0))
        return -errno;
    *io = (struct tb_io){.fd = fd, .is_socket = S_ISSOCK(status.st_mode)};
    return 0;
}

void tb_io_close(struct tb_io *io)
{
    close(io->fd);
    io->fd = -1;
}

int64_t tb_read(struct tb_io *io, void *buffer, size_t size)
{
    bool scoped = !tb_scope_is_open();
    for (;;) {
        int err = scoped && !io->is_socket ? tb_wait_fd(io->fd, POLLIN) : 0;
        if (err)
            return err;
        ssize_t count = io->is_socket ? recv(io->fd, buffer, size, scoped ? MSG_DONTWAIT : 0)
                                      : read(io->fd, buffer, size);
        if (count >= 0)
            return count;
        if (errno == EAGAIN)
            err = scoped ? tb_wait_fd(io->fd, POLLIN) : -EAGAIN;
        else if (errno != EINTR)
            err = -errno;
        if (err)
            return err;
    }
}

int64_t tb_write(struct tb_io *io, const void *buffer, size_t size)
{
    bool scoped = !tb_scope_is_open();
    size_t most = scoped && !io->is_socket && size > PIPE_BUF ? PIPE_BUF : size;
    int flags = MSG_NOSIGNAL | (scoped ? MSG_DONTWAIT : 0);
    for (;;) {
        int err = scoped && !io->is_socket ? tb_wait_fd(io->fd, POLLOUT) : 0;
        if (err)
            return err;
        ssize_t count =
            io->is_socket ? send(io->fd, buffer, most, flags) : write(io->fd, buffer, most);
        if (count >= 0)
            return count;
        if (errno == EAGAIN)
            err = scoped ? tb_wait_fd(io->fd, POLLOUT) : -EAGAIN;
        else if (errno != EINTR)
            err = -errno;
        if (err)
            return err;
    }
}

int64_t tb_read_exact(struct tb_io *io, void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        int64_t count = tb_read(io, (char *)buffer + done, size - done);
        if (count < 0)
            return count;
        if (count == 0)
            break;
        done += (size_t)count;
    }
    return (int64_t)done;
}

int64_t tb_write_all(struct tb_io *io, const void *buffer, size_t size)
{
    size_t done = 0;
    while (done < size) {
        int64_t count = tb_write(io, (const char *)buffer + done, size - done);
        if (count < 0)
            return count;
        done += (size_t)count;
    }
    return (int64_t)size;
}

int tb_shutdown(struct tb_io *io, int how)
{
    return shutdown(io->fd, how) < 0 ? -errno : 0;
}
