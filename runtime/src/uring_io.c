/* SPDX-License-Identifier: MIT
 *
 * The operations of the io_uring reactor on descriptors. At most one in each direction of a
 * descriptor is under way.
 *
 * A read that is given up is left with the kernel, as is an accept: what it brings is kept for who
 * asks next, so that nothing is lost. A write that is given up is cancelled, and a next one waits
 * until the kernel has let go of it, so that bytes never overtake each other.
 */
#include "file.h"
#include "uring.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct rt_uring *uring_of_cx(const struct rt_cx *cx)
{
    return rt__uring_of(cx->executor->reactor);
}

/* Frees an operation that is done and returns its result. */
static rt_poll finish(struct rt_io *io, unsigned place)
{
    struct rt_op *op = io->ops[place];
    rt_poll result = op->result;
    io->ops[place] = NULL;
    rt__op_free(rt__uring_of_io(io), op);
    return result;
}

/* -- receiving -- */

/* What lies before the bytes of a message: the peer's address, and what tells the kernel so. */
struct envelope {
    struct iovec vector;
    struct msghdr header;
    struct sockaddr_storage address;
};

static struct envelope *envelope_of(struct rt_op *op)
{
    return (struct envelope *)(void *)op->bytes;
}

static struct msghdr *seal(struct rt_op *op, socklen_t address_length)
{
    struct envelope *envelope = envelope_of(op);
    envelope->vector = (struct iovec){op->bytes + sizeof *envelope, op->size - sizeof *envelope};
    envelope->header = (struct msghdr){.msg_name = &envelope->address,
                                       .msg_namelen = address_length,
                                       .msg_iov = &envelope->vector,
                                       .msg_iovlen = 1};
    return &envelope->header;
}

static bool is_message(const struct rt_io *io)
{
    return io->is_socket && !io->is_stream;
}

static char *payload(const struct rt_io *io, struct rt_op *op)
{
    return op->bytes + (is_message(io) ? sizeof(struct envelope) : 0);
}

static void prepare_receive(struct rt_uring *uring, struct rt_io *io, struct rt_op *op,
                            struct io_uring_sqe *sqe)
{
    if (!io->is_socket) {
        io_uring_prep_read(sqe, io->fd, op->bytes, op->size, UINT64_MAX);
        return;
    }
    if (io->is_stream) {
        io_uring_prep_recv(sqe, io->fd, op->bytes, op->size, 0);
    } else {
        io_uring_prep_recvmsg(sqe, io->fd, seal(op, sizeof(struct sockaddr_storage)), 0);
    }
    /* What did not come at once the last time, and was drained then, is not tried first. */
    if (uring->poll_first && !(io->ready & RT_READABLE))
        sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
}

void rt__uring_read_now(struct rt_uring *uring)
{
    struct io_uring_sqe *sqe;
    struct rt_op *op;
    while ((op = uring->reads) && (sqe = rt__uring_sqe(uring))) {
        uring->reads = op->next;
        prepare_receive(uring, op->io, op, sqe);
        op->turn = uring->turn;
        io_uring_sqe_set_data(sqe, op);
    }
    if (!uring->reads)
        uring->last_read = &uring->reads;
}

static rt_poll begin_receive(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, size_t size)
{
    struct rt_uring *uring = uring_of_cx(cx);
    if (is_message(io))
        size += sizeof(struct envelope);
    else if (size > RT_OP_STREAM_MAX)
        size = RT_OP_STREAM_MAX;
    struct rt_op *op = rt__op_new(uring, RT_OP_RECEIVE, size);
    if (!op)
        return -ENOMEM;
    op->io = io;
    io->ops[0] = op;
    rt__op_put_off(uring, op, wait, cx);
    return RT_PENDING;
}

static void copy_sender(struct rt_op *op, struct sockaddr *from, socklen_t *length)
{
    const struct envelope *envelope = envelope_of(op);
    socklen_t size = envelope->header.msg_namelen;
    if (!from)
        return;
    memcpy(from, &envelope->address, size < *length ? size : *length);
    *length = size;
}

/* Hands over what the operation brought. What a stream brought beyond `size`, asked for by a reader
 * who has gone, is kept for the next; of a message the rest is lost, as always. */
static rt_poll take(struct rt_io *io, struct rt_op *op, void *buffer, size_t size,
                    struct sockaddr *from, socklen_t *length)
{
    int64_t result = op->result;
    op->wait = NULL;
    if (result > 0) {
        size_t left = (size_t)result - op->taken, count = size < left ? size : left;
        memcpy(buffer, payload(io, op) + op->taken, count);
        op->taken += (uint32_t)count;
        if (!is_message(io) && count < left)
            return (rt_poll)count;
        result = (int64_t)count;
    }
    if (result >= 0 && is_message(io))
        copy_sender(op, from, length);
    bool more = !io->is_socket || op->more || result <= 0;
    io->ready = (uint8_t)((io->ready & ~RT_READABLE) | (more ? RT_READABLE : 0));
    io->ops[0] = NULL;
    rt__op_free(rt__uring_of_io(io), op);
    return result;
}

static rt_poll receive(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io, void *buffer,
                       size_t size, struct sockaddr *from, socklen_t *length)
{
    struct rt_op *op = io->ops[0];
    if (size == 0 && io->is_stream)
        return 0;
    if (!op)
        return begin_receive(wait, cx, io, size);
    int err = op->kind == RT_OP_RECEIVE ? rt__op_join(uring_of_cx(cx), op, wait, cx) : -EINVAL;
    if (err)
        return err;
    if (!op->is_done)
        return RT_PENDING;
    if (op->result != -EINTR)
        return take(io, op, buffer, size, from, length);
    finish(io, 0);
    return begin_receive(wait, cx, io, size);
}

/* -- sending and connecting: what lies in the way of both is a send that was given up -- */

/* Whether the operation in the descriptor's outgoing place is in the way of this waiter's own: 0
 * there is none now (it was given up, or interrupted), RT_PENDING it has to be waited for, 1 the
 * one there is the waiter's, -EBUSY it is another's. */
static rt_poll find_outgoing(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io)
{
    struct rt_op *op = io->ops[1];
    if (!op)
        return 0;
    int err = rt__op_join(uring_of_cx(cx), op, wait, cx);
    if (err)
        return err;
    if (!op->is_done)
        return RT_PENDING;
    if (!op->is_dropped && op->result != -EINTR)
        return 1;
    finish(io, 1);
    return 0;
}

static void prepare_send(struct rt_io *io, struct rt_op *op, struct io_uring_sqe *sqe,
                         socklen_t to_length)
{
    if (!io->is_socket) {
        io_uring_prep_write(sqe, io->fd, op->bytes, op->size, UINT64_MAX);
    } else if (!to_length) {
        io_uring_prep_send(sqe, io->fd, op->bytes, op->size, MSG_NOSIGNAL);
    } else {
        io_uring_prep_sendmsg(sqe, io->fd, seal(op, to_length), MSG_NOSIGNAL);
    }
}

/* Copies what is to be sent, or connected to, and starts it. */
static rt_poll begin_outgoing(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                              enum rt_op_kind kind, const void *bytes, size_t size,
                              const struct sockaddr *to, socklen_t to_length)
{
    struct rt_uring *uring = uring_of_cx(cx);
    size_t before = to ? sizeof(struct envelope) : 0;
    if (to_length > sizeof(struct sockaddr_storage))
        return -EINVAL;
    if (kind == RT_OP_SEND && !is_message(io) && size > RT_OP_STREAM_MAX - before)
        size = RT_OP_STREAM_MAX - before;
    struct rt_op *op = rt__op_new(uring, kind, before + size);
    struct io_uring_sqe *sqe = op ? rt__uring_sqe(uring) : NULL;
    if (!sqe) {
        if (op)
            rt__op_free(uring, op);
        return -ENOMEM;
    }
    if (to)
        memcpy(&envelope_of(op)->address, to, to_length);
    if (size)
        memcpy(op->bytes + before, bytes, size);
    if (kind == RT_OP_SEND)
        prepare_send(io, op, sqe, to_length);
    else
        io_uring_prep_connect(sqe, io->fd, (struct sockaddr *)&envelope_of(op)->address, to_length);
    io->ops[1] = op;
    rt__op_start(uring, op, sqe, wait, cx);
    return RT_PENDING;
}

static rt_poll send_out(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                        const void *buffer, size_t size, const struct sockaddr *to,
                        socklen_t length)
{
    rt_poll found = find_outgoing(wait, cx, io);
    if (found == 1)
        return finish(io, 1);
    return found ? found : begin_outgoing(wait, cx, io, RT_OP_SEND, buffer, size, to, length);
}

static rt_poll connect_to(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *io,
                          const struct sockaddr *address, socklen_t length)
{
    rt_poll found = find_outgoing(wait, cx, io);
    if (found == 1)
        return finish(io, 1);
    return found ? found : begin_outgoing(wait, cx, io, RT_OP_CONNECT, NULL, 0, address, length);
}

/* -- accepting -- */

static rt_poll begin_accept(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener)
{
    struct rt_uring *uring = uring_of_cx(cx);
    struct rt_op *op = rt__op_new(uring, RT_OP_ACCEPT, 0);
    struct io_uring_sqe *sqe = op ? rt__uring_sqe(uring) : NULL;
    if (!sqe) {
        if (op)
            rt__op_free(uring, op);
        return -ENOMEM;
    }
    io_uring_prep_accept(sqe, listener->fd, NULL, NULL, SOCK_CLOEXEC);
    listener->ops[0] = op;
    rt__op_start(uring, op, sqe, wait, cx);
    return RT_PENDING;
}

static rt_poll accept_one(struct rt_wait *wait, struct rt_cx *cx, struct rt_io *listener)
{
    struct rt_op *op = listener->ops[0];
    if (!op)
        return begin_accept(wait, cx, listener);
    int err = op->kind == RT_OP_ACCEPT ? rt__op_join(uring_of_cx(cx), op, wait, cx) : -EINVAL;
    if (err)
        return err;
    if (!op->is_done)
        return RT_PENDING;
    int64_t fd = finish(listener, 0);
    return fd == -EINTR ? begin_accept(wait, cx, listener) : fd;
}

/* -- giving up -- */

static void drop(struct rt_wait *wait, struct rt_io *io, unsigned direction)
{
    struct rt_uring *uring = rt__uring_of_io(io);
    struct rt_op *op = io->ops[direction == RT_WRITABLE];
    if (!op || !rt__op_leave(uring, op, wait) || direction == RT_READABLE)
        return;
    op->is_dropped = true;
    if (op->is_done)
        finish(io, 1);
    else
        rt__op_cancel(uring, op);
}

static bool is_waited_for(const struct rt_io *io)
{
    return (io->ops[0] && io->ops[0]->wait) || (io->ops[1] && io->ops[1]->wait);
}

/* What the kernel has not seen yet names the descriptor by its number, which may soon be another's:
 * so it has to see it now. */
static void forget(struct rt_io *io)
{
    struct rt_uring *uring = rt__uring_of_io(io);
    bool under_way = false;
    for (int place = 0; place < 2; place++) {
        struct rt_op *op = io->ops[place];
        if (!op)
            continue;
        under_way |= !op->is_done;
        io->ops[place] = NULL;
        rt__op_detach(uring, op);
    }
    if (under_way)
        rt__uring_submit(uring);
}

const struct rt_reactor_ops rt__uring_ops = {
    .name = "io_uring",
    .nonblocking = false,
    .free = rt__uring_free,
    .receive = receive,
    .send = send_out,
    .accept = accept_one,
    .connect = connect_to,
    .drop = drop,
    .file = rt__uring_file_poll,
    .file_drop = rt__uring_file_drop,
    .is_waited_for = is_waited_for,
    .forget = forget,
    .wait = rt__uring_wait,
};
