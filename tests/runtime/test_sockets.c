/* SPDX-License-Identifier: MIT
 *
 * What stands on reads and writes, on both reactors: messages, whole reads and writes, the end of a
 * stream in one direction, connecting with a deadline, accepting when descriptors have run out, and
 * that a descriptor that is always ready leaves the others their turn.
 */
#include "test_main.h"

#include "reactors.h"
#include "socket_pair.h"

#include "wheel.h"

#include <sys/resource.h>

/* -- messages -- */

struct messenger {
    RT_FRAME;
    struct rt_io *io;
    char *in;
    const char *out;
    size_t size;
    const void *to;
    socklen_t to_length;
    struct sockaddr_storage *from;
    socklen_t *from_length;
    int64_t result;
};

static rt_poll messenger(void *frame, struct rt_cx *cx)
{
    struct messenger *self = frame;
    RT_BEGIN(self, cx);
    if (self->out)
        RT_AWAIT_INTO(self->result, rt_send_to, self->io, self->out, self->size, self->to,
                      self->to_length);
    else
        RT_AWAIT_INTO(self->result, rt_recv_from, self->io, self->in, self->size,
                      (struct sockaddr *)self->from, self->from_length);
    RT_END(self->result);
}

static struct rt_io *open_udp(struct rt_executor *executor, struct sockaddr_in *address)
{
    struct rt_io *io = NULL;
    *address = loopback(0);
    assert_int_equal(rt_udp_open(executor, (struct sockaddr *)address, sizeof *address, &io), 0);
    *address = address_of(rt_io_fd(io));
    return io;
}

static int64_t send_now(struct rt_executor *executor, struct rt_io *io, const char *out,
                        size_t size, const struct sockaddr_in *to)
{
    return rt_block_on(
        executor, SPAWNED(executor, messenger,
                          {.io = io, .out = out, .size = size, .to = to, .to_length = sizeof *to}));
}

/* Waiting before it comes, or not; whole, empty, the largest, and cut off by a small buffer. */
static void test_messages(void **state)
{
    static const size_t sizes[] = {0, 1, 60, 1000, 9000, 65507};
    static char out[65508], in[65507];
    struct rt_executor *executor = new_executor();
    struct sockaddr_in here, there;
    struct rt_io *one = open_udp(executor, &here), *other = open_udp(executor, &there);
    (void)state;
    for (size_t i = 0; i < sizeof out; i++)
        out[i] = (char)(i * 5);
    for (size_t k = 0; k < 4 * TC_COUNT_OF(sizes); k++) {
        size_t size = sizes[k / 4], room = k & 2 ? size / 2 : size;
        struct sockaddr_storage from = {0};
        socklen_t length = sizeof from;
        struct rt_handle receiving =
            SPAWNED(executor, messenger,
                    {.io = other, .in = in, .size = room, .from = &from, .from_length = &length});
        if (k & 1)
            settle(executor);
        assert_int_equal(send_now(executor, one, out, size, &there), size);
        assert_int_equal(rt_block_on(executor, receiving), room);
        assert_memory_equal(in, out, room);
        assert_int_equal(length, sizeof here);
        assert_memory_equal(&from, &here, sizeof here);
    }
    assert_int_equal(send_now(executor, one, out, 65508, &there), -EMSGSIZE);
    rt_executor_free(executor);
}

/* Given up before it came: it is the next one's, with its sender. */
static void test_a_message_outlives_its_receiver(void **state)
{
    struct rt_executor *executor = new_executor();
    struct sockaddr_in here, there;
    struct rt_io *one = open_udp(executor, &here), *other = open_udp(executor, &there);
    struct sockaddr_storage from = {0};
    socklen_t length = sizeof from;
    char in[16];
    (void)state;
    struct rt_handle first = SPAWNED(executor, messenger, {.io = other, .in = in, .size = 16});
    settle(executor);
    assert_true(rt_abort(first));
    rt_detach(first);
    assert_int_equal(send_now(executor, one, "hello", 5, &there), 5);
    assert_int_equal(
        rt_block_on(
            executor,
            SPAWNED(executor, messenger,
                    {.io = other, .in = in, .size = 16, .from = &from, .from_length = &length})),
        5);
    assert_memory_equal(&from, &here, sizeof here);
    rt_executor_free(executor);
}

/* -- whole -- */

struct whole {
    RT_FRAME;
    struct rt_io *io;
    char *in;
    const char *out;
    size_t size;
    struct rt_progress progress;
    int64_t result;
};

static rt_poll whole(void *frame, struct rt_cx *cx)
{
    struct whole *self = frame;
    RT_BEGIN(self, cx);
    if (self->out)
        RT_AWAIT_INTO(self->result, rt_write_all, self->io, self->out, self->size, &self->progress);
    else
        RT_AWAIT_INTO(self->result, rt_read_exact, self->io, self->in, self->size, &self->progress);
    assert_int_equal(self->progress.done, 0);
    RT_END(self->result);
}

/* More than the buffers hold, and an end before all is there. */
static void test_whole_reads_and_writes(void **state)
{
    enum { SIZE = 1 << 20 };
    char *out = malloc(SIZE), *in = calloc(1, SIZE + 1);
    struct rt_executor *executor = new_executor();
    struct rt_io *ends[2];
    (void)state;
    for (int i = 0; i < SIZE; i++)
        out[i] = (char)(i ^ (i >> 8));
    assert_int_equal(rt_pair(executor, ends), 0);
    struct rt_handle writing = SPAWNED(executor, whole, {.io = ends[0], .out = out, .size = SIZE});
    assert_int_equal(
        rt_block_on(executor, SPAWNED(executor, whole, {.io = ends[1], .in = in, .size = SIZE})),
        SIZE);
    assert_int_equal(rt_block_on(executor, writing), SIZE);
    assert_memory_equal(in, out, SIZE);
    assert_int_equal(write_now(executor, ends[0], "abc", 3), 3);
    assert_int_equal(rt_shutdown(ends[0], SHUT_WR), 0);
    assert_int_equal(
        rt_block_on(executor, SPAWNED(executor, whole, {.io = ends[1], .in = in, .size = 5})), 3);
    assert_int_equal(write_now(executor, ends[0], "x", 1), -EPIPE);
    assert_int_equal(write_now(executor, ends[1], "still", 5), 5); /* the other direction */
    assert_int_equal(read_now(executor, ends[0], in, 16), 5);
    assert_int_equal(rt_io_close(ends[0]), 0);
    assert_int_equal(
        rt_block_on(executor, SPAWNED(executor, whole, {.io = ends[1], .out = out, .size = SIZE})),
        -EPIPE);
    rt_executor_free(executor);
    free(in);
    free(out);
}

/* The frame tells how far it came, and another call goes on from there. */
static void test_a_whole_read_goes_on_after_a_drop(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *ends[2];
    struct rt_progress progress;
    char in[11] = {0};
    (void)state;
    assert_int_equal(rt_pair(executor, ends), 0);
    struct rt_handle first = SPAWNED(executor, whole, {.io = ends[1], .in = in, .size = 10});
    assert_int_equal(write_now(executor, ends[0], "012345", 6), 6);
    while (((struct whole *)(void *)first.task->frame)->progress.done < 6)
        run_one_lap(executor), settle(executor);
    progress = ((struct whole *)(void *)first.task->frame)->progress;
    assert_true(rt_abort(first));
    rt_detach(first);
    assert_int_equal(write_now(executor, ends[0], "6789", 4), 4);
    struct rt_handle second =
        SPAWNED(executor, whole, {.io = ends[1], .in = in, .size = 10, .progress = progress});
    assert_int_equal(rt_block_on(executor, second), 10);
    assert_string_equal(in, "0123456789");
    rt_executor_free(executor);
}

/* -- connecting and accepting -- */

struct dialler {
    RT_FRAME;
    struct sockaddr_in address;
    struct rt_timeout timeout;
    uint64_t deadline_ns;
    struct rt_io *io;
    int64_t result;
};

static rt_poll dialler(void *frame, struct rt_cx *cx)
{
    struct dialler *self = frame;
    RT_BEGIN(self, cx);
    self->deadline_ns = tc_now_ns() + 20 * TC_NS_PER_MS;
    RT_AWAIT_INTO(self->result, rt_timeout, &self->timeout, self->deadline_ns, rt_connect,
                  (struct sockaddr *)&self->address, sizeof self->address, &self->io);
    assert_null(self->io);
    RT_END(self->result);
}

/* A listener whose queue is full answers nobody. */
static void test_connect_with_a_deadline(void **state)
{
    struct rt_executor *executor = new_executor();
    struct sockaddr_in address = loopback(0);
    int listener = socket(AF_INET, SOCK_STREAM, 0), callers[8];
    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 0), 0);
    address = address_of(listener);
    for (size_t i = 0; i < TC_COUNT_OF(callers); i++) {
        callers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(callers[i], (struct sockaddr *)&address, sizeof address);
    }
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, dialler, {.address = address})),
                     -ETIMEDOUT);
    rt_executor_free(executor);
}

struct patient {
    RT_FRAME;
    struct rt_io *listener, **accepted;
    struct rt_patience patience;
    int64_t result;
};

static rt_poll patient(void *frame, struct rt_cx *cx)
{
    struct patient *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->result, rt_accept_patiently, self->listener, self->accepted,
                  &self->patience);
    RT_END(self->result);
}

/* Without descriptors it neither fails nor spins; with some again it goes on. Given up meanwhile,
 * it leaves no timer. */
static void test_accept_patiently(void **state)
{
    struct rt_executor *executor = new_executor();
    struct sockaddr_in address = loopback(0);
    struct rt_io *listener = NULL, *another = NULL, *accepted = NULL;
    struct rlimit limit = {.rlim_cur = 64, .rlim_max = 64};
    int filler[64], count = 0;
    (void)state;
    assert_int_equal(rt_listen(executor, (struct sockaddr *)&address, sizeof address, 5, &listener),
                     0);
    assert_int_equal(rt_listen(executor, (struct sockaddr *)&address, sizeof address, 5, &another),
                     0);
    address = address_of(rt_io_fd(listener));
    int caller = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(caller, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while ((filler[count] = dup(STDERR_FILENO)) >= 0)
        count++;
    struct rt_handle handle =
        SPAWNED(executor, patient, {.listener = listener, .accepted = &accepted});
    struct patient *frame = (struct patient *)(void *)handle.task->frame;
    while (frame->patience.pause_ns < 4 * TC_NS_PER_MS) { /* 1, 2, 4 */
        settle(executor);
        rt__reactor_wait(executor->reactor, tc_now_ns() + TC_NS_PER_MS);
        rt__wheel_advance(executor->wheel, tc_now_ns());
    }
    assert_true(executor->polls < 100);
    struct rt_handle given_up =
        SPAWNED(executor, patient, {.listener = another, .accepted = &accepted});
    settle(executor);
    assert_true(rt_abort(given_up));
    rt_detach(given_up);
    while (count > 0)
        close(filler[--count]);
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_non_null(accepted);
    rt_executor_free(executor);
    close(caller);
}

/* -- fairness -- */

struct greedy {
    RT_FRAME;
    struct rt_io *io;
    int writes;
};

static rt_poll greedy(void *frame, struct rt_cx *cx)
{
    struct greedy *self = frame;
    RT_BEGIN(self, cx);
    for (; self->writes > 0; self->writes--)
        RT_AWAIT(rt_write, self->io, "x", 1);
    RT_END(0);
}

/* It could write for ever; the other task has its turn nevertheless. */
static void test_always_ready_is_not_alone(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *io = open_io(executor, open("/dev/null", O_WRONLY));
    struct probe other = {.finish_at = 1};
    (void)state;
    SPAWN_DETACHED(executor, greedy, {.io = io, .writes = 1000000});
    assert_int_equal(rt_block_on(executor, spawn_probe(executor, &other)), 0);
    assert_in_range(executor->polls, 2, 3);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_messages),
    cmocka_unit_test(test_a_message_outlives_its_receiver),
    cmocka_unit_test(test_whole_reads_and_writes),
    cmocka_unit_test(test_a_whole_read_goes_on_after_a_drop),
    cmocka_unit_test(test_connect_with_a_deadline),
    cmocka_unit_test(test_accept_patiently),
    cmocka_unit_test(test_always_ready_is_not_alone),
};
TEST_MAIN_REACTORS(tests)
