/* SPDX-License-Identifier: MIT
 *
 * The reactor on io_uring: a submission ring and a completion ring that are shared with the kernel
 * (Jens Axboe, "Efficient IO with io_uring", 2019), through liburing.
 *
 * One call of the kernel a turn of the loop submits all that tasks have asked for meanwhile and
 * waits for the first completion. Where the kernel knows them: one thread only submits, and
 * completions are delivered when it asks for them and not by interrupting it (SINGLE_ISSUER and
 * DEFER_TASKRUN, Linux 6.1); the flag in the ring then says whether asking is worth a call.
 *
 * More completions than the ring holds are kept by the kernel until there is room (IORING_FEAT_
 * NODROP), so that more operations may be under way than the ring has entries.
 */
#include "uring.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the completion of the watch on the eventfd carries; that of a cancellation carries NULL. */
#define NOTIFIED UINT64_MAX

/* The best way to run that the kernel has. */
static int open_ring(struct io_uring *ring, bool *poll_first)
{
    static const unsigned ways[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        0,
    };
    int err = -EINVAL;
    for (size_t i = 0; i < TC_COUNT_OF(ways) && err == -EINVAL; i++) {
        struct io_uring_params params = {.flags = ways[i] | IORING_SETUP_CQSIZE,
                                         .cq_entries = RT_URING_COMPLETIONS};
        err = io_uring_queue_init_params(RT_URING_SUBMISSIONS, ring, &params);
        *poll_first = i == 0;
    }
    return err;
}

static int refuse(struct tc_error *error, int code)
{
    static const char instead[] = "; use the reactor on epoll";
    switch (code) {
    case -ENOSYS:
        return tc_fail(error, code, "this kernel has no io_uring, or a seccomp filter hides it%s",
                       instead);
    case -EPERM:
    case -EACCES:
        return tc_fail(error, code,
                       "io_uring is forbidden here, by the sysctl kernel.io_uring_disabled or by a "
                       "seccomp filter: set the one to 0, take the other away%s",
                       instead);
    case -ENOMEM:
        return tc_fail(error, code,
                       "io_uring gets no memory: raise the limit on locked memory (ulimit -l)%s",
                       instead);
    default:
        return tc_fail(error, code, "io_uring refuses a new ring with %s%s", tc_errno_name(code),
                       instead);
    }
}

/* What is needed of the kernel beyond a ring: Linux 5.11 has it all. */
static int check_ring(struct io_uring *ring, struct tc_error *error)
{
    static const int needed[] = {IORING_OP_READ,   IORING_OP_WRITE,    IORING_OP_RECV,
                                 IORING_OP_SEND,   IORING_OP_RECVMSG,  IORING_OP_SENDMSG,
                                 IORING_OP_ACCEPT, IORING_OP_CONNECT,  IORING_OP_ASYNC_CANCEL,
                                 IORING_OP_OPENAT, IORING_OP_POLL_ADD, IORING_OP_FSYNC};
    unsigned features = IORING_FEAT_NODROP | IORING_FEAT_RW_CUR_POS | IORING_FEAT_FAST_POLL |
                        IORING_FEAT_SUBMIT_STABLE | IORING_FEAT_EXT_ARG;
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);
    if (!probe)
        return refuse(error, -ENOMEM);
    bool complete = (ring->features & features) == features;
    for (size_t i = 0; i < TC_COUNT_OF(needed); i++)
        complete &= io_uring_opcode_supported(probe, needed[i]) != 0;
    io_uring_free_probe(probe);
    if (complete)
        return 0;
    return tc_fail(error, -ENOSYS,
                   "this kernel's io_uring lacks operations that the runtime needs: Linux 5.11 has "
                   "them; use the reactor on epoll");
}

/* Asks for every edge of the eventfd; the kernel may stop telling and has to be asked again. */
static void listen_to_others(struct rt_uring *uring)
{
    struct io_uring_sqe *sqe = rt__uring_sqe(uring);
    if (!sqe)
        return;
    io_uring_prep_poll_multishot(sqe, uring->base.notify_fd, POLLIN);
    sqe->user_data = NOTIFIED;
    uring->listens = true;
    uring->under_way++;
}

static int begin(struct rt_uring *uring, struct tc_error *error)
{
    if (!rt__reactor_begin(&uring->base, &rt__uring_ops))
        return tc_fail(error, -errno, "no eventfd for the reactor: raise the limit on open files");
    int err = open_ring(&uring->ring, &uring->poll_first);
    if (err)
        return refuse(error, err);
    err = check_ring(&uring->ring, error);
    if (err) {
        io_uring_queue_exit(&uring->ring);
        return err;
    }
    uring->last_read = &uring->reads;
    io_uring_register_ring_fd(&uring->ring); /* saves a lookup a call; not all kernels have it */
    listen_to_others(uring);
    return 0;
}

struct rt_reactor *rt__uring_new(struct tc_error *error)
{
    struct rt_uring *uring = calloc(1, sizeof *uring);
    int err = uring ? begin(uring, error) : refuse(error, -ENOMEM);
    if (!err)
        return &uring->base;
    if (uring)
        rt__reactor_end(&uring->base);
    free(uring);
    errno = -err;
    return NULL;
}

/* -- completions -- */

static void deliver(struct rt_uring *uring, const struct io_uring_cqe *cqe)
{
    if (cqe->user_data == NOTIFIED) {
        if (!(cqe->flags & IORING_CQE_F_MORE)) {
            uring->listens = false;
            uring->under_way--;
        }
    } else if (cqe->user_data) {
        rt__op_complete(uring, io_uring_cqe_get_data(cqe), cqe->res, cqe->flags);
    }
}

/* Takes what the ring holds. */
static void reap(struct rt_uring *uring)
{
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    io_uring_for_each_cqe(&uring->ring, head, cqe)
    {
        deliver(uring, cqe);
        count++;
    }
    io_uring_cq_advance(&uring->ring, count);
}

/* Without completions that the kernel holds back, or work that it has put off, there is nothing to
 * call it for. */
static bool kernel_has_more(const struct rt_uring *uring)
{
    unsigned flags = IO_URING_READ_ONCE(*uring->ring.sq.kflags);
    return flags & (IORING_SQ_CQ_OVERFLOW | IORING_SQ_TASKRUN);
}

void rt__uring_submit(struct rt_uring *uring)
{
    io_uring_submit_and_get_events(&uring->ring);
}

/* The kernel refuses submissions while it lacks memory or holds too many completions back: taking
 * those is what helps. */
struct io_uring_sqe *rt__uring_sqe(struct rt_uring *uring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
    for (int attempt = 0; !sqe && attempt < 2; attempt++) {
        rt__uring_submit(uring);
        sqe = io_uring_get_sqe(&uring->ring);
        if (!sqe)
            reap(uring);
    }
    return sqe;
}

static int sleep_until(struct rt_uring *uring, uint64_t deadline_ns)
{
    struct io_uring_cqe *cqe;
    if (deadline_ns == TC_NEVER)
        return io_uring_submit_and_wait(&uring->ring, 1);
    struct timespec left = tc_timespec(rt__timeout_ns(deadline_ns));
    struct __kernel_timespec timeout = {left.tv_sec, left.tv_nsec};
    return io_uring_submit_and_wait_timeout(&uring->ring, &cqe, 1, &timeout, NULL);
}

void rt__uring_wait(struct rt_reactor *reactor, uint64_t deadline_ns)
{
    struct rt_uring *uring = rt__uring_of(reactor);
    int err = 0;
    if (!uring->listens)
        listen_to_others(uring);
    uring->turn++;
    rt__uring_read_now(uring);
    if (deadline_ns)
        err = sleep_until(uring, deadline_ns);
    else if (io_uring_sq_ready(&uring->ring) || kernel_has_more(uring))
        err = io_uring_submit_and_get_events(&uring->ring);
    /* EINTR and ETIME are early returns; EAGAIN and EBUSY pass when completions are taken. */
    MUST(err >= 0 || err == -EINTR || err == -ETIME || err == -EAGAIN || err == -EBUSY);
    reap(uring);
}

/* -- the end -- */

static void stop_listening(struct rt_uring *uring)
{
    struct io_uring_sqe *sqe = uring->listens ? rt__uring_sqe(uring) : NULL;
    if (!sqe)
        return;
    io_uring_prep_cancel64(sqe, NOTIFIED, 0);
    io_uring_sqe_set_data(sqe, NULL);
}

/* The kernel may write to a block until its completion is in, so all of them are waited for. They
 * have been cancelled: it is soon. */
void rt__uring_free(struct rt_reactor *reactor)
{
    struct rt_uring *uring = rt__uring_of(reactor);
    rt__reactor_close_all(reactor);
    stop_listening(uring);
    while (uring->under_way) {
        int err = io_uring_submit_and_wait(&uring->ring, 1);
        MUST(err >= 0 || err == -EINTR || err == -EAGAIN || err == -EBUSY);
        reap(uring);
    }
    io_uring_queue_exit(&uring->ring);
    for (size_t class = 0; class < RT_OP_CLASSES; class ++) {
        for (struct rt_op *op = uring->free[class], *next; op; op = next) {
            next = op->next;
            free(op);
        }
    }
    rt__reactor_end(reactor);
    free(uring);
}
