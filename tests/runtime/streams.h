/* SPDX-License-Identifier: MIT
 *
 * Streams of every kind, one end in an executor and the other plain, and tasks that read and write
 * them: what the tests of descriptors share.
 */
#ifndef STREAMS_H
#define STREAMS_H

#include "counting.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

enum kind { SOCKETPAIR, PIPE, TCP, KINDS };

static const char *const kind_names[] = {"socketpair", "pipe", "tcp"};

static inline struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* The address that the system has chosen for a bound socket. */
static inline struct sockaddr_in address_of(int fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    return address;
}

static inline void connect_tcp(int ends[2])
{
    struct sockaddr_in address = loopback(0);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    address = address_of(listener);
    ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(ends[1], (struct sockaddr *)&address, sizeof address), 0);
    ends[0] = accept(listener, NULL, NULL);
    assert_true(ends[0] >= 0);
    close(listener);
}

/* What is written to ends[1] is read from ends[0]. */
static inline void open_stream(enum kind kind, int ends[2])
{
    if (kind == SOCKETPAIR)
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    else if (kind == PIPE)
        assert_int_equal(pipe(ends), 0);
    else
        connect_tcp(ends);
}

static inline struct rt_io *open_io(struct rt_executor *executor, int fd)
{
    struct rt_io *io = NULL;
    assert_int_equal(rt_io_open(executor, fd, &io), 0);
    assert_non_null(io);
    return io;
}

/* -- one operation -- */

struct one_read {
    RT_FRAME;
    struct rt_io *io;
    char *buffer;
    size_t size;
    int64_t count;
};

static inline rt_poll one_read(void *frame, struct rt_cx *cx)
{
    struct one_read *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->count, rt_read, self->io, self->buffer, self->size);
    RT_END(self->count);
}

struct one_write {
    RT_FRAME;
    struct rt_io *io;
    const char *bytes;
    size_t size;
    int64_t count;
};

static inline rt_poll one_write(void *frame, struct rt_cx *cx)
{
    struct one_write *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->count, rt_write, self->io, self->bytes, self->size);
    RT_END(self->count);
}

static inline struct rt_handle begin_read(struct rt_executor *executor, struct rt_io *io,
                                          char *buffer, size_t size)
{
    return SPAWNED(executor, one_read, {.io = io, .buffer = buffer, .size = size});
}

/* Waits for as long as it takes; one that never ends meets the time limit of the test. */
static inline int64_t read_now(struct rt_executor *executor, struct rt_io *io, char *buffer,
                               size_t size)
{
    return rt_block_on(executor, begin_read(executor, io, buffer, size));
}

static inline int64_t write_now(struct rt_executor *executor, struct rt_io *io, const char *bytes,
                                size_t size)
{
    return rt_block_on(executor,
                       SPAWNED(executor, one_write, {.io = io, .bytes = bytes, .size = size}));
}

/* -- whole streams -- */

struct read_all {
    RT_FRAME;
    struct rt_io *io;
    char *bytes;
    size_t room, at_a_time;
    int64_t count, total;
};

/* Reads until the end, so many bytes at a time; how many there were, or a negative errno value. */
static inline rt_poll read_all(void *frame, struct rt_cx *cx)
{
    struct read_all *self = frame;
    RT_BEGIN(self, cx);
    do {
        assert_true((size_t)self->total + self->at_a_time <= self->room);
        RT_AWAIT_INTO(self->count, rt_read, self->io, self->bytes + self->total, self->at_a_time);
        if (self->count < 0)
            RT_RETURN(self->count);
        self->total += self->count;
    } while (self->count > 0);
    RT_END(self->total);
}

struct write_all {
    RT_FRAME;
    struct rt_io *io;
    const char *bytes;
    size_t size, at_a_time;
    int64_t count;
};

/* Writes everything, so many bytes at a time, and says that this was all. */
static inline rt_poll write_all(void *frame, struct rt_cx *cx)
{
    struct write_all *self = frame;
    RT_BEGIN(self, cx);
    while (self->size > 0) {
        RT_AWAIT_INTO(self->count, rt_write, self->io, self->bytes,
                      self->size < self->at_a_time ? self->size : self->at_a_time);
        if (self->count <= 0)
            RT_RETURN(self->count);
        self->bytes += self->count;
        self->size -= (size_t)self->count;
    }
    shutdown(rt_io_fd(self->io), SHUT_WR);
    RT_END(0);
}

#endif
