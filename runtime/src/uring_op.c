/* SPDX-License-Identifier: MIT
 *
 * Operations: the blocks that they live in, and how they begin, end and are given up.
 *
 *   started     the kernel works on it; `wait` is who waits, counted as parked
 *   left        the same with nobody waiting: a read keeps what will come for the next reader
 *   done        the result is there, the waiter has been woken; it keeps its place until its turn
 *   detached    nothing but the kernel knows of it: freed by its completion
 *
 * Blocks come in classes of doubling size and go back to a list of theirs, last freed first taken:
 * nothing is allocated once it is warm.
 */
#include "uring.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned class_of(size_t bytes)
{
    unsigned class = 0;
    while (class < RT_OP_CLASSES && (size_t)RT_OP_BLOCK_MIN << class < bytes)
        class ++;
    return class;
}

struct rt_op *rt__op_new(struct rt_uring *uring, enum rt_op_kind kind, size_t size)
{
    size_t bytes = sizeof(struct rt_op) + size;
    unsigned class = class_of(bytes);
    struct rt_op *op = class < RT_OP_CLASSES ? uring->free[class] : NULL;
    if (op)
        uring->free[class] = op->next;
    else if (!(op = malloc(class < RT_OP_CLASSES ? (size_t)RT_OP_BLOCK_MIN << class : bytes)))
        return NULL;
    op->wait = NULL;
    op->result = 0;
    op->size = (uint32_t)size;
    op->taken = 0;
    op->turn = uring->turn - 1;
    op->kind = (uint8_t)kind;
    op->size_class = (uint8_t) class;
    op->is_done = op->is_dropped = op->is_detached = op->more = false;
    return op;
}

void rt__op_free(struct rt_uring *uring, struct rt_op *op)
{
    if (op->size_class == RT_OP_CLASSES) {
        free(op);
        return;
    }
    op->next = uring->free[op->size_class];
    uring->free[op->size_class] = op;
}

static void take_place(struct rt_uring *uring, struct rt_op *op, struct rt_wait *wait,
                       struct rt_cx *cx)
{
    wait->task = cx->task;
    op->wait = wait;
    RT_SEE(rt__see_promise(cx));
    uring->base.parked++;
}

void rt__op_start(struct rt_uring *uring, struct rt_op *op, struct io_uring_sqe *sqe,
                  struct rt_wait *wait, struct rt_cx *cx)
{
    io_uring_sqe_set_data(sqe, op);
    uring->under_way++;
    take_place(uring, op, wait, cx);
}

void rt__op_put_off(struct rt_uring *uring, struct rt_op *op, struct rt_wait *wait,
                    struct rt_cx *cx)
{
    op->next = NULL;
    *uring->last_read = op;
    uring->last_read = &op->next;
    uring->under_way++;
    take_place(uring, op, wait, cx);
}

int rt__op_join(struct rt_uring *uring, struct rt_op *op, struct rt_wait *wait, struct rt_cx *cx)
{
    if (op->wait)
        return op->wait == wait ? 0 : -EBUSY;
    if (!op->is_done)
        take_place(uring, op, wait, cx);
    return 0;
}

bool rt__op_leave(struct rt_uring *uring, struct rt_op *op, const struct rt_wait *wait)
{
    if (op->wait != wait)
        return false;
    op->wait = NULL;
    uring->base.parked -= !op->is_done;
    uring->base.given_up = uring->base.given_up || !op->is_done;
    return true;
}

/* What nobody will take: a connection, or what a call on a file brought. */
static void discard(struct rt_uring *uring, struct rt_op *op)
{
    if (op->kind == RT_OP_ACCEPT && op->result >= 0)
        close(op->result);
    else if (op->kind == RT_OP_FILE)
        rt__uring_file_discard(op);
    rt__op_free(uring, op);
}

void rt__op_complete(struct rt_uring *uring, struct rt_op *op, int32_t result, uint32_t flags)
{
    op->result = result;
    op->is_done = true;
    op->more = (flags & IORING_CQE_F_SOCK_NONEMPTY) || op->turn == uring->turn;
    uring->under_way--;
    if (op->is_detached) {
        discard(uring, op);
    } else if (op->wait) {
        uring->base.parked--;
        rt_task_wake(op->wait->task);
    }
}

void rt__op_cancel(struct rt_uring *uring, struct rt_op *op)
{
    rt__uring_read_now(uring);
    struct io_uring_sqe *sqe = op->is_done ? NULL : rt__uring_sqe(uring);
    if (!sqe)
        return;
    io_uring_prep_cancel(sqe, op, 0);
    io_uring_sqe_set_data(sqe, NULL);
}

void rt__op_detach(struct rt_uring *uring, struct rt_op *op)
{
    if (op->is_done) {
        discard(uring, op);
        return;
    }
    op->is_detached = true;
    rt__op_cancel(uring, op);
}
