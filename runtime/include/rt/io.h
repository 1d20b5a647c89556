/* SPDX-License-Identifier: MIT
 *
 * Descriptors that tasks wait for: pipes, Unix and TCP sockets.
 *
 * The reactor learns of a descriptor when a task first has to wait for it, edge-triggered and only
 * in the direction waited for: a descriptor that is always ready costs no registration, and one
 * that is only read is not notified of writability. A read or write is tried first. A read that
 * came back short has drained a stream, so the next one waits without asking again; a peer that has
 * closed is remembered, because no further edge would come.
 *
 * (A stream that carries urgent data or passed descriptors can read short at their mark with more
 * behind it; neither is supported.)
 *
 * One task may read and one may write a descriptor at a time. Belongs to one executor's thread.
 */
#ifndef RT_IO_H
#define RT_IO_H

#include "rt/executor.h"

#include <sys/socket.h>
#include <sys/types.h>

struct rt_io;

/* Takes over an open descriptor and makes it non-blocking. 0 with *io, or a negative errno value
 * with the descriptor left as it was. Close with rt_io_close(). */
int rt_io_open(struct rt_executor *executor, int fd, struct rt_io **io);

/* Closes the descriptor. -EBUSY, and nothing done, while a task waits for it or was woken for it
 * and has not had its turn. NULL is ignored. */
int rt_io_close(struct rt_io *io);

/* The descriptor, still owned by `io`. */
int rt_io_fd(const struct rt_io *io);

/* Awaitable: reads what there is, at most `size` bytes. The count, 0 at the end, or a negative
 * errno value; -EBUSY when another task reads. */
rt_poll rt_read_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                     size_t size);
void rt_read_drop(struct rt_wait *wait, struct rt_io *io, void *buffer, size_t size);

/* Awaitable: writes what fits, at least one byte of `size`. The count or a negative errno value
 * (-EPIPE for a closed peer, never SIGPIPE on sockets); -EBUSY when another task writes. */
rt_poll rt_write_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, const void *buffer,
                      size_t size);
void rt_write_drop(struct rt_wait *wait, struct rt_io *io, const void *buffer, size_t size);

/* A listening stream socket (TCP or Unix) on `address`; 0 or a negative errno value. */
int rt_listen(struct rt_executor *executor, const struct sockaddr *address, socklen_t length,
              int backlog, struct rt_io **listener);

/* Awaitable: accepts a connection into *accepted. 0 or a negative errno value. */
rt_poll rt_accept_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener,
                       struct rt_io **accepted);
void rt_accept_drop(struct rt_wait *wait, struct rt_io *listener, struct rt_io **accepted);

/* Awaitable: connects a new stream socket to `address` into *io, which must be NULL at first. 0, or
 * a negative errno value (-ECONNREFUSED, ...) with *io NULL. Dropping it closes the socket. */
rt_poll rt_connect_poll(struct rt_wait *wait, struct rt_cx *cx, const struct sockaddr *address,
                        socklen_t length, struct rt_io **io);
void rt_connect_drop(struct rt_wait *wait, const struct sockaddr *address, socklen_t length,
                     struct rt_io **io);

#endif
