/* SPDX-License-Identifier: MIT
 *
 * Every operation that the io_uring reactor asks the kernel for failing in turn, once: the n-th
 * submission is turned into one that does nothing, and its completion into an error. Whatever
 * fails, the program gets an answer and nothing stays open; what was only interrupted is done all
 * the same. (The calls of liburing themselves fail in test_uring.c, epoll's in test_faults.c.)
 */
#include "test_main.h"

#include "reactors.h"
#include "streams.h"

#include "rt/file.h"
#include "uring.h"

#include <dlfcn.h>

#define REAL(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

static long asked, fails_at; /* operations; the one that fails, 0 none */
static int failure;
static uint64_t failed; /* its user_data */

static bool is_operation(uint64_t user_data)
{
    return user_data != 0 && user_data != UINT64_MAX;
}

/* What is about to be submitted. */
static void spoil(struct io_uring *ring)
{
    static unsigned seen;
    if (asked == 0)
        seen = ring->sq.sqe_head;
    if ((int)(ring->sq.sqe_head - seen) > 0)
        seen = ring->sq.sqe_head;
    for (; seen != ring->sq.sqe_tail; seen++) {
        struct io_uring_sqe *sqe = &ring->sq.sqes[seen & *ring->sq.kring_mask];
        if (!is_operation(sqe->user_data) || ++asked != fails_at)
            continue;
        failed = sqe->user_data;
        io_uring_prep_nop(sqe);
        sqe->user_data = failed;
    }
}

/* What has come back. */
static void answer(struct io_uring *ring)
{
    struct io_uring_cqe *cqe;
    unsigned head;
    io_uring_for_each_cqe(ring, head, cqe)
    {
        if (!failed || cqe->user_data != failed)
            continue;
        cqe->res = failure;
        failed = 0;
    }
}

int io_uring_submit_and_wait(struct io_uring *ring, unsigned count)
{
    spoil(ring);
    int result = REAL(io_uring_submit_and_wait)(ring, count);
    answer(ring);
    return result;
}

int io_uring_submit_and_get_events(struct io_uring *ring)
{
    spoil(ring);
    int result = REAL(io_uring_submit_and_get_events)(ring);
    answer(ring);
    return result;
}

/* -- a bit of everything -- */

enum { BYTES = 100000 };

struct client {
    RT_FRAME;
    struct sockaddr_in address;
    struct rt_io *io;
    const char *out;
    struct rt_progress progress;
};

static rt_poll client(void *frame, struct rt_cx *cx)
{
    struct client *self = frame;
    RT_BEGIN(self, cx);
    RT_TRY(rt_connect, (struct sockaddr *)&self->address, sizeof self->address, &self->io);
    RT_TRY(rt_write_all, self->io, self->out, BYTES, &self->progress);
    RT_END_FINALLY(0, { rt_io_close(self->io); });
}

struct server {
    RT_FRAME;
    struct rt_io *listener, *io;
    struct rt_file *file;
    char *in;
    struct rt_progress progress;
    int64_t count;
};

static rt_poll server(void *frame, struct rt_cx *cx)
{
    struct server *self = frame;
    RT_BEGIN(self, cx);
    RT_TRY(rt_accept, self->listener, &self->io);
    RT_TRY_INTO(self->count, rt_read_exact, self->io, self->in, BYTES, &self->progress);
    if (self->count < BYTES)
        RT_RETURN(-EPIPE);
    RT_TRY(rt_file_open, "/tmp", O_RDWR | O_TMPFILE, 0600, &self->file);
    RT_TRY(rt_file_write, self->file, self->in, BYTES, 0);
    RT_TRY(rt_file_sync, self->file);
    memset(self->in, 0, BYTES);
    RT_TRY_INTO(self->count, rt_file_read, self->file, self->in, BYTES, 0);
    RT_END_FINALLY(self->count, {
        rt_io_close(self->io);
        rt_file_close(self->file);
    });
}

/* 0 when all went well, or the first error. */
static int64_t do_everything(void)
{
    static char out[BYTES], in[BYTES];
    struct sockaddr_in address = loopback(0);
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = NULL;
    for (int i = 0; i < BYTES; i++)
        out[i] = (char)(i ^ (i >> 7));
    memset(in, 0, BYTES);
    assert_int_equal(rt_listen(executor, (struct sockaddr *)&address, sizeof address, 5, &listener),
                     0);
    address = address_of(rt_io_fd(listener));
    asked = 0;
    struct rt_handle serving = SPAWNED(executor, server, {.listener = listener, .in = in});
    struct rt_handle calling = SPAWNED(executor, client, {.address = address, .out = out});
    int64_t called = rt_block_on(executor, calling);
    if (called < 0)
        rt_abort(serving); /* it may wait for a caller who does not come */
    int64_t served = rt_block_on(executor, serving);
    if (served == BYTES)
        assert_memory_equal(in, out, BYTES);
    rt_executor_free(executor);
    return called < 0 ? called : served < 0 ? served : 0;
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void sweep(int error, bool harmless)
{
    long failures = 0;
    the_reactor = RT_REACTOR_URING;
    failure = error;
    assert_int_equal(do_everything(), 0);
    long last = asked;
    int before = open_descriptors();
    assert_true(last >= 10);
    for (fails_at = 1; fails_at <= last; fails_at++) {
        int64_t result = do_everything();
        assert_true(result == 0 || !harmless);
        failures += result != 0;
        assert_int_equal(open_descriptors(), before);
    }
    fails_at = 0;
    assert_true(harmless || failures >= 8); /* each kind at least once */
    assert_int_equal(do_everything(), 0);
}

static void test_interrupted(void **state)
{
    (void)state;
    sweep(-EINTR, true);
}

static void test_without_memory(void **state)
{
    (void)state;
    sweep(-ENOMEM, false);
}

static void test_reset(void **state)
{
    (void)state;
    sweep(-ECONNRESET, false);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_interrupted),
    cmocka_unit_test(test_without_memory),
    cmocka_unit_test(test_reset),
};
TEST_MAIN(tests)
