/* SPDX-License-Identifier: MIT
 *
 * Calls on files through io_uring. Nothing but the waiter knows of the operation: while it is out,
 * the waiter's state is RT_REFUSED and its word the operation.
 */
#include "file.h"
#include "uring.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* What the block of such an operation begins with; the body follows. */
struct head {
    struct rt_file *file;
    enum rt_file_what what;
};

static struct head *head_of(struct rt_op *op)
{
    return (struct head *)(void *)op->bytes;
}

static struct rt_op *op_of(const struct rt_wait *wait)
{
    return (struct rt_op *)(uintptr_t)wait->granted;
}

static void prepare(struct io_uring_sqe *sqe, const struct rt_file_call *call, char *body)
{
    int fd = call->file ? call->file->fd : AT_FDCWD;
    switch (call->what) {
    case RT_FILE_OPEN:
        io_uring_prep_openat(sqe, fd, body, call->flags, call->mode);
        break;
    case RT_FILE_READ:
        io_uring_prep_read(sqe, fd, body, (unsigned)call->size, call->offset);
        break;
    case RT_FILE_WRITE:
        io_uring_prep_write(sqe, fd, body, (unsigned)call->size, call->offset);
        break;
    case RT_FILE_SYNC:
        io_uring_prep_fsync(sqe, fd, 0);
        break;
    }
}

static rt_poll begin(struct rt_wait *wait, struct rt_cx *cx, const struct rt_file_call *call)
{
    struct rt_uring *uring = rt__uring_of(cx->executor->reactor);
    struct rt_op *op = rt__op_new(uring, RT_OP_FILE, sizeof(struct head) + call->size);
    struct io_uring_sqe *sqe = op ? rt__uring_sqe(uring) : NULL;
    if (!sqe) {
        if (op)
            rt__op_free(uring, op);
        return -ENOMEM;
    }
    *head_of(op) = (struct head){call->file, call->what};
    char *body = op->bytes + sizeof(struct head);
    if (call->in)
        memcpy(body, call->in, call->size);
    prepare(sqe, call, body);
    rt__file_use(call->file);
    rt__op_start(uring, op, sqe, wait, cx);
    wait->link.next = RT_REFUSED;
    wait->granted = (int64_t)(uintptr_t)op;
    return RT_PENDING;
}

rt_poll rt__uring_file_poll(struct rt_wait *wait, struct rt_cx *cx, const struct rt_file_call *call)
{
    if (rt_wait_is_idle(wait))
        return begin(wait, cx, call);
    struct rt_op *op = op_of(wait);
    if (!op->is_done)
        return RT_PENDING;
    int64_t result = op->result;
    if (call->out && result > 0)
        memcpy(call->out, op->bytes + sizeof(struct head), (size_t)result);
    rt__op_free(rt__uring_of(cx->executor->reactor), op);
    if (call->file)
        call->file->users--; /* who awaits it has not closed it */
    rt_wait_init(wait);
    return result == -EINTR ? begin(wait, cx, call) : result;
}

void rt__uring_file_drop(struct rt_wait *wait, struct rt_reactor *reactor)
{
    struct rt_uring *uring = rt__uring_of(reactor);
    struct rt_op *op = op_of(wait);
    rt__op_leave(uring, op, wait);
    rt__op_detach(uring, op);
    rt_wait_init(wait);
}

void rt__uring_file_discard(struct rt_op *op)
{
    rt__file_discard(head_of(op)->what, head_of(op)->file, op->result);
}
