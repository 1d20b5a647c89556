/* SPDX-License-Identifier: MIT
 *
 * Blocking descriptors: the counterparts of rt/io.h, one system call each. The same calls as there
 * (recv and send on sockets), so that only the waiting differs.
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

/* A listening stream socket; accepting one connection; connecting. 0 or a negative errno value.
 * TCP_NODELAY is set on connections. */
int tb_listen(const struct sockaddr *address, socklen_t length, int backlog,
              struct tb_io *listener);
int64_t tb_accept(struct tb_io *listener, struct tb_io *accepted);
int64_t tb_connect(const struct sockaddr *address, socklen_t length, struct tb_io *io);

#endif
