/* SPDX-License-Identifier: MIT
 *
 * Sockets: listening, accepting, connecting, datagrams.
 */
#include "tb/io.h"

#include "tb/scope.h"

#include "base/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

int tb_listen(const struct sockaddr *address, socklen_t length, int backlog, struct tb_io *listener)
{
    int fd = tc_socket_listen(address, length, backlog, 0);
    if (fd < 0)
        return fd;
    *listener = (struct tb_io){.fd = fd, .is_socket = true};
    return 0;
}

/* Within a scope, waits first; without, the call itself does. */
static int wait_in_scope(int fd, short events)
{
    return tb_scope_is_open() ? 0 : tb_wait_fd(fd, events);
}

int64_t tb_accept(struct tb_io *listener, struct tb_io *accepted)
{
    struct sockaddr_storage peer;
    int fd;
    do {
        socklen_t length = sizeof peer;
        int err = wait_in_scope(listener->fd, POLLIN);
        if (err)
            return err;
        fd = accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0)
        return -errno;
    tc_socket_set_nodelay(fd, peer.ss_family);
    *accepted = (struct tb_io){.fd = fd, .is_socket = true};
    return 0;
}

/* A connect goes on by itself after a signal, or when the socket does not block: wait for it and
 * ask how it ended. */
static int finish_connect(int fd)
{
    int err = tb_wait_fd(fd, POLLOUT);
    return err ? err : tc_socket_outcome(fd);
}

static int connect_blocking(int fd, const struct sockaddr *address, socklen_t length)
{
    if (connect(fd, address, length) == 0)
        return 0;
    return errno == EINTR ? finish_connect(fd) : -errno;
}

static int connect_in_scope(int fd, const struct sockaddr *address, socklen_t length)
{
    int flags = fcntl(fd, F_GETFL);
    if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return -errno;
    int err = connect(fd, address, length) == 0 ? 0 : -errno;
    if (err == -EINPROGRESS || err == -EINTR)
        err = finish_connect(fd);
    if (!err && fcntl(fd, F_SETFL, flags) < 0)
        err = -errno;
    return err;
}

int64_t tb_connect(const struct sockaddr *address, socklen_t length, struct tb_io *io)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    tc_socket_set_nodelay(fd, address->sa_family);
    /* A Unix socket that does not block refuses where it would wait for a full listener. */
    bool blocks = tb_scope_is_open() || address->sa_family == AF_UNIX;
    int err =
        blocks ? connect_blocking(fd, address, length) : connect_in_scope(fd, address, length);
    if (err) {
        close(fd);
        return err;
    }
    *io = (struct tb_io){.fd = fd, .is_socket = true};
    return 0;
}

/* -- datagrams -- */

int tb_udp_open(const struct sockaddr *address, socklen_t length, struct tb_io *io)
{
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, address, length) < 0) {
        int err = -errno;
        close(fd);
        return err;
    }
    *io = (struct tb_io){.fd = fd, .is_socket = true};
    return 0;
}

int64_t tb_recv_from(struct tb_io *io, void *buffer, size_t size, struct sockaddr *sender,
                     socklen_t *length)
{
    ssize_t count;
    do {
        int err = wait_in_scope(io->fd, POLLIN);
        if (err)
            return err;
        count = recvfrom(io->fd, buffer, size, 0, sender, length);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

int64_t tb_send_to(struct tb_io *io, const void *buffer, size_t size,
                   const struct sockaddr *address, socklen_t length)
{
    ssize_t count;
    do {
        int err = wait_in_scope(io->fd, POLLOUT);
        if (err)
            return err;
        count = sendto(io->fd, buffer, size, MSG_NOSIGNAL, address, length);
    } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}
