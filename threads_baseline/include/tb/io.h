/* SPDX-License-Identifier: MIT
 *
 * Blocking descriptors: the counterparts of rt/io.h, one system call each. The same calls as there
 * (recv and send on sockets), so that only the waiting differs.
 *
 * Within a scope (tb/scope.h) a call that would have to wait ends with -ETIMEDOUT or -ECANCELED; it
 * then asks poll(2) before it blocks, or after it was told that it would. One thread may read and
 * one may write a descriptor at a time: another could take away what the poll had found.
 */
#ifndef TB_IO_H
#define TB_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* A plain value; copying is moving. */
struct tb_io {
    int fd;
    bool is_socket;
};

/* Takes over an open descriptor and makes it blocking. 0 or a negative errno value. */
int tb_io_open(int fd, struct tb_io *io);
void tb_io_close(struct tb_io *io);

/* The count, 0 at the end, or a negative errno value. */
int64_t tb_read(struct tb_io *io, void *buffer, size_t size);
/* The count or a negative errno value (-EPIPE for a closed peer, never SIGPIPE on sockets). */
int64_t tb_write(struct tb_io *io, const void *buffer, size_t size);

/* Reads until `size` bytes are there: the count, less only where the stream ended before, or a
 * negative errno value, with what had come by then in the buffer. */
int64_t tb_read_exact(struct tb_io *io, void *buffer, size_t size);
/* Writes all: `size`, or a negative errno value after some of it. */
int64_t tb_write_all(struct tb_io *io, const void *buffer, size_t size);

/* Ends the stream in one direction or both: shutdown(2). 0 or a negative errno value. */
int tb_shutdown(struct tb_io *io, int how);

/* A listening stream socket; accepting one connection; connecting. 0 or a negative errno value.
 * TCP_NODELAY is set on connections. */
int tb_listen(const struct sockaddr *address, socklen_t length, int backlog,
              struct tb_io *listener);
int64_t tb_accept(struct tb_io *listener, struct tb_io *accepted);
int64_t tb_connect(const struct sockaddr *address, socklen_t length, struct tb_io *io);

/* A socket for datagrams (UDP or Unix) at `address`. 0 or a negative errno value. */
int tb_udp_open(const struct sockaddr *address, socklen_t length, struct tb_io *io);

/* Receives one datagram, of which what does not fit is cut off, and its sender (NULL: not wanted)
 * of at most *length bytes. The count or a negative errno value. */
int64_t tb_recv_from(struct tb_io *io, void *buffer, size_t size, struct sockaddr *sender,
                     socklen_t *length);
/* Sends one datagram, whole. The count or a negative errno value. */
int64_t tb_send_to(struct tb_io *io, const void *buffer, size_t size,
                   const struct sockaddr *address, socklen_t length);

#endif
