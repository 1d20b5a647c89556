/* SPDX-License-Identifier: MIT
 *
 * What the files of the io_uring reactor share: the ring (reactor_uring.c), the operations that the
 * kernel works on (uring_op.c), and those on descriptors (uring_io.c). The only place where
 * liburing is included.
 *
 * An operation is a block of the runtime's own memory. All that the kernel may touch lies in it, so
 * it does not matter what becomes of the task that asked for it: the block stays until the kernel
 * has said that it is done. Whoever awaits an operation leaves no more than its waiter there.
 */
#ifndef RT_URING_H
#define RT_URING_H

#include "reactor.h"

#include <liburing.h>

enum {
    RT_OP_BLOCK_MIN = 128, /* the smallest block; the next class is twice as large, and so on */
    RT_OP_CLASSES = 10,    /* up to 64 KiB; what is larger is not kept for the next */
};

enum rt_op_kind { RT_OP_RECEIVE, RT_OP_SEND, RT_OP_ACCEPT, RT_OP_CONNECT, RT_OP_FILE };

struct rt_op {
    struct rt_op *next;   /* in a free list, or among the reads that are put off */
    struct rt_io *io;     /* of a read */
    struct rt_wait *wait; /* who waits for it or was woken by it; NULL: nobody */
    int32_t result;
    uint32_t size;        /* bytes of the buffer that were asked for */
    uint32_t taken;       /* of those received, how many a reader has had */
    uint32_t turn;        /* in which a read was submitted */
    uint8_t kind;         /* enum rt_op_kind */
    uint8_t size_class;   /* RT_OP_CLASSES: none */
    bool is_done : 1;     /* the result is there */
    bool is_dropped : 1;  /* who asked has gone: the result is of no use to the next */
    bool is_detached : 1; /* nothing points at it: it goes when it is done */
    bool more : 1;        /* received, and likely to find more without waiting */
    _Alignas(16) char bytes[];
};

struct rt_uring {
    struct rt_reactor base;
    struct io_uring ring;
    size_t under_way;                 /* operations whose completion has not been seen */
    bool listens;                     /* the kernel has been asked to watch the eventfd */
    uint32_t turn;                    /* calls of the loop so far */
    bool poll_first;                  /* the kernel knows IORING_RECVSEND_POLL_FIRST */
    struct rt_op *reads, **last_read; /* asked for in this turn, not filled in yet */
    struct rt_op *free[RT_OP_CLASSES];
};

extern const struct rt_reactor_ops rt__uring_ops;

static inline struct rt_uring *rt__uring_of(struct rt_reactor *reactor)
{
    return TC_CONTAINER_OF(reactor, struct rt_uring, base);
}

static inline struct rt_uring *rt__uring_of_io(const struct rt_io *io)
{
    return rt__uring_of(rt__reactor_of(io));
}

/* -- the ring -- */

/* A submission to fill in, its user_data to be set last; makes room by submitting. NULL when the
 * kernel takes no more, which has been tried then. */
struct io_uring_sqe *rt__uring_sqe(struct rt_uring *uring);

/* Hands over what was filled in and lets what is under way go on, without waiting. */
void rt__uring_submit(struct rt_uring *uring);

void rt__uring_wait(struct rt_reactor *reactor, uint64_t deadline_ns);
void rt__uring_free(struct rt_reactor *reactor);

/* -- operations -- */

/* The largest buffer of an operation on a stream: what fits the largest class. */
#define RT_OP_STREAM_MAX \
    ((uint32_t)((RT_OP_BLOCK_MIN << (RT_OP_CLASSES - 1)) - sizeof(struct rt_op)))

/* A block with `size` bytes, or NULL when memory is short. */
struct rt_op *rt__op_new(struct rt_uring *uring, enum rt_op_kind kind, size_t size);
void rt__op_free(struct rt_uring *uring, struct rt_op *op);

/* Counts an operation whose submission is filled in, and lets the waiter wait for it. */
void rt__op_start(struct rt_uring *uring, struct rt_op *op, struct io_uring_sqe *sqe,
                  struct rt_wait *wait, struct rt_cx *cx);

/* The same for a read, whose submission is filled in at the end of the turn: behind the writes, of
 * which one may be what it waits for, and then the kernel need not arm a poll for it. */
void rt__op_put_off(struct rt_uring *uring, struct rt_op *op, struct rt_wait *wait,
                    struct rt_cx *cx);
/* Fills in the submissions of the reads that were put off, as far as there is room. */
void rt__uring_read_now(struct rt_uring *uring);

/* Its result has come. */
void rt__op_complete(struct rt_uring *uring, struct rt_op *op, int32_t result, uint32_t flags);

/* Takes the waiter's place; -EBUSY when another has it. */
int rt__op_join(struct rt_uring *uring, struct rt_op *op, struct rt_wait *wait, struct rt_cx *cx);
/* Gives it up if it is this one's. */
bool rt__op_leave(struct rt_uring *uring, struct rt_op *op, const struct rt_wait *wait);

/* Asks the kernel to end it soon; it may be done all the same. */
void rt__op_cancel(struct rt_uring *uring, struct rt_op *op);

/* What a call on a file brought and nobody took (uring_file.c). */
void rt__uring_file_discard(struct rt_op *op);

/* Lets go of it: it is freed now or when it is done, and what it brought is closed. */
void rt__op_detach(struct rt_uring *uring, struct rt_op *op);

#endif
