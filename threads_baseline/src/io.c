/* SPDX-License-Identifier: MIT
 *
 * Blocking reads, writes and stream sockets. EINTR is retried: no caller of ours wants it.
 */
#include "tb/io.h"

#include "base/socket.h"

#include <errno.h>
#include <fcntl.h>
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
    ssize_t count;
    do
        count = io->is_socket ? recv(io->fd, buffer, size, 0) : read(io->fd, buffer, size);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int64_t tb_write(struct tb_io *io, const void *buffer, size_t size)
{
    ssize_t count;
    do
        count =
            io->is_socket ? send(io->fd, buffer, size, MSG_NOSIGNAL) : write(io->fd, buffer, size);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int tb_listen(const struct sockaddr *address, socklen_t length, int backlog, struct tb_io *listener)
{
    int fd = tc_socket_listen(address, length, backlog, 0);
    if (fd < 0)
        return fd;
    *listener = (struct tb_io){.fd = fd, .is_socket = true};
    return 0;
}

int64_t tb_accept(struct tb_io *listener, struct tb_io *accepted)
{
    struct sockaddr_storage peer;
    int fd;
    do {
        socklen_t length = sizeof peer;
        fd = accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0)
        return -errno;
    tc_socket_set_nodelay(fd, peer.ss_family);
    *accepted = (struct tb_io){.fd = fd, .is_socket = true};
    return 0;
}

/* A connect interrupted by a signal goes on by itself: wait for it and ask how it ended. */
static int finish_connect(int fd)
{
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    while (poll(&wait, 1, -1) < 0)
        if (errno != EINTR)
            return -errno;
    return tc_socket_outcome(fd);
}

int64_t tb_connect(const struct sockaddr *address, socklen_t length, struct tb_io *io)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    tc_socket_set_nodelay(fd, address->sa_family);
    int err = 0;
    if (connect(fd, address, length) < 0)
        err = errno == EINTR ? finish_connect(fd) : -errno;
    if (err) {
        close(fd);
        return err;
    }
    *io = (struct tb_io){.fd = fd, .is_socket = true};
    return 0;
}
