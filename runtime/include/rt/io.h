/* SPDX-License-Identifier: MIT
 *
 * Descriptors that tasks wait for: pipes, TCP, UDP and Unix sockets. (Regular files: rt/file.h.)
 *
 * With the epoll reactor a read or write is tried first. The reactor learns of a descriptor when a
 * task first has to wait for it, edge-triggered and only in the direction waited for: a descriptor
 * that is always ready costs no registration, and one that is only read is not notified of
 * writability. A read that came back short has drained a stream, so the next one waits without
 * asking again; a peer that has closed is remembered, because no further edge would come.
 *
 * With the io_uring reactor the kernel is asked once a turn of the loop for all that tasks want, so
 * that every operation is pending at its first poll. It works on memory of the runtime, which
 * copies: one operation on a stream moves at most some 64 KiB.
 *
 * Giving up: a read, a receive or an accept that is dropped loses nothing; what was on its way is
 * there for the next. (A message keeps the size that was asked for when it came.) A write that is
 * dropped has not been made with epoll; with io_uring it is cancelled, but may have been made
 * before, so that a stream is best closed after it.
 *
 * (A stream that carries urgent data or passed descriptors can read short at their mark with more
 * behind it; neither is supported.)
 *
 * One task may read and one may write a descriptor at a time. Belongs to one executor's thread.
 */
#ifndef RT_IO_H
#define RT_IO_H

#include "rt/executor.h"
#include "rt/timer.h"

#include <sys/socket.h>
#include <sys/types.h>

struct rt_io;

/* Takes over an open descriptor and makes it non-blocking (epoll) or blocking (io_uring). 0 with
 * *io, or a negative errno value with the descriptor left as it was. Close with rt_io_close(). */
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

/* How far a whole read or write has come, in the caller's frame; zero at first, and again after a
 * result. After a drop it says how much was done, and another call goes on from there. */
struct rt_progress {
    size_t done;
};

/* Awaitable: reads until `size` bytes are there. The count, which is less only where the stream
 * ended before, or a negative errno value after some of it. */
rt_poll rt_read_exact_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                           size_t size, struct rt_progress *progress);
void rt_read_exact_drop(struct rt_wait *wait, struct rt_io *io, void *buffer, size_t size,
                        struct rt_progress *progress);

/* Awaitable: writes all: `size`, or a negative errno value after some of it. */
rt_poll rt_write_all_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                          const void *buffer, size_t size, struct rt_progress *progress);
void rt_write_all_drop(struct rt_wait *wait, struct rt_io *io, const void *buffer, size_t size,
                       struct rt_progress *progress);

/* Ends the stream in one direction or both: shutdown(2). 0 or a negative errno value. Does not
 * wait. */
int rt_shutdown(struct rt_io *io, int how);

/* -- connections -- */

/* A listening stream socket (TCP or Unix) on `address`; 0 or a negative errno value. */
int rt_listen(struct rt_executor *executor, const struct sockaddr *address, socklen_t length,
              int backlog, struct rt_io **listener);

/* Awaitable: accepts a connection into *accepted. 0 or a negative errno value. */
rt_poll rt_accept_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener,
                       struct rt_io **accepted);
void rt_accept_drop(struct rt_wait *wait, struct rt_io *listener, struct rt_io **accepted);

/* What a patient accept keeps in the caller's frame; zero at first. */
struct rt_patience {
    struct rt_timer timer;
    uint64_t pause_ns; /* the present one; 0: not pausing */
    bool is_pausing;
};

/* Awaitable: accepts, but where descriptors or memory have run out (EMFILE, ENFILE, ENOBUFS,
 * ENOMEM), which accept answers at once and again, it tries again after 1 ms, 2 ms, ... 1 s. */
rt_poll rt_accept_patiently_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener,
                                 struct rt_io **accepted, struct rt_patience *patience);
void rt_accept_patiently_drop(struct rt_wait *wait, struct rt_io *listener, struct rt_io **accepted,
                              struct rt_patience *patience);

/* Two stream sockets (Unix) that are each other's peer. 0 or a negative errno value. */
int rt_pair(struct rt_executor *executor, struct rt_io *ends[2]);

/* Awaitable: connects a new stream socket to `address` into *io, which must be NULL at first. 0, or
 * a negative errno value (-ECONNREFUSED, ...) with *io NULL. Dropping it closes the socket; with a
 * deadline it is rt_timeout's (timeout.h). */
rt_poll rt_connect_poll(struct rt_wait *wait, struct rt_cx *cx, const struct sockaddr *address,
                        socklen_t length, struct rt_io **io);
void rt_connect_drop(struct rt_wait *wait, const struct sockaddr *address, socklen_t length,
                     struct rt_io **io);

/* -- messages -- */

/* A socket for messages (UDP or Unix) bound to `address`. 0 or a negative errno value. */
int rt_udp_open(struct rt_executor *executor, const struct sockaddr *address, socklen_t length,
                struct rt_io **io);

/* Awaitable: receives one message, of which what does not fit is cut off, and its sender (NULL: not
 * wanted) into the *length bytes there; *length becomes the sender's. The count or a negative errno
 * value. */
rt_poll rt_recv_from_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                          size_t size, struct sockaddr *sender, socklen_t *length);
void rt_recv_from_drop(struct rt_wait *wait, struct rt_io *io, void *buffer, size_t size,
                       struct sockaddr *sender, socklen_t *length);

/* Awaitable: sends one message, whole. The count or a negative errno value. */
rt_poll rt_send_to_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                        const void *buffer, size_t size, const struct sockaddr *address,
                        socklen_t length);
void rt_send_to_drop(struct rt_wait *wait, struct rt_io *io, const void *buffer, size_t size,
                     const struct sockaddr *address, socklen_t length);

#endif
