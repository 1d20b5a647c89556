/* SPDX-License-Identifier: MIT
 *
 * Reads, writes and accepts that lose: in a select and under deadlines, on both reactors. No byte
 * and no connection is lost, whenever the loser had become ready.
 */
#define TEST_TIME_LIMIT_S 20
#include "test_main.h"

#include "branches.h"
#include "reactors.h"
#include "streams.h"

enum { BYTES = 99, CALLERS = 40 };

/* Reads all there is to read, giving up each read when time is up, which it is at once: what is not
 * there at the first poll is given up at the next look at the clock. */
struct restless {
    RT_FRAME;
    struct rt_io *io;
    uint64_t patience_ns, deadline_ns;
    int64_t count, total, timeouts;
    struct rt_timeout timeout;
    unsigned char bytes[7];
};

static rt_poll restless(void *frame, struct rt_cx *cx)
{
    struct restless *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        self->deadline_ns = rt_now_ns(cx->executor) + self->patience_ns;
        RT_AWAIT_INTO(self->count, rt_timeout, &self->timeout, self->deadline_ns, rt_read, self->io,
                      self->bytes, sizeof self->bytes);
        if (self->count == 0)
            break;
        if (self->count == -ETIMEDOUT) {
            self->timeouts++;
            RT_AWAIT(rt_yield);
            continue;
        }
        assert_true(self->count > 0);
        for (int64_t i = 0; i < self->count; i++)
            assert_int_equal(self->bytes[i], (unsigned char)(self->total + i));
        self->total += self->count;
    }
    RT_END(self->total);
}

/* Writes a few bytes at a time between the reader's attempts, then closes. */
struct dripping {
    RT_FRAME;
    int fd, sent;
    struct rt_timer timer;
};

static rt_poll dripping(void *frame, struct rt_cx *cx)
{
    struct dripping *self = frame;
    RT_BEGIN(self, cx);
    for (self->sent = 0; self->sent < BYTES; self->sent += 3) {
        for (int i = 0; i < 3; i++)
            assert_int_equal(write(self->fd, &(unsigned char){(unsigned char)(self->sent + i)}, 1),
                             1);
        RT_AWAIT(rt_sleep, &self->timer, 50 * TC_NS_PER_US);
    }
    close(self->fd);
    RT_END(0);
}

static void test_no_byte_is_lost_to_a_deadline(void **state)
{
    static const uint64_t patience_ns[] = {0, 10 * TC_NS_PER_US, TC_NS_PER_MS};
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < TC_COUNT_OF(patience_ns); i++) {
            struct rt_executor *executor = new_executor();
            int ends[2];
            open_stream(kind, ends);
            struct rt_io *io = open_io(executor, ends[0]);
            SPAWN_DETACHED(executor, dripping, {.fd = ends[1]});
            struct rt_handle handle =
                SPAWNED(executor, restless, {.io = io, .patience_ns = patience_ns[i]});
            assert_int_equal(rt_block_on(executor, handle), BYTES);
            assert_int_equal(rt_io_close(io), 0);
            rt_executor_free(executor);
        }
    }
}

/* -- a select of two reads -- */

RT_FUTURE(reading, rt_read, (struct rt_io *, io), (void *, buffer), (size_t, size));

struct chooser {
    RT_FRAME;
    struct rt_io *ios[2];
    int *bytes; /* received by each */
    int64_t result;
    int left;
    char buffers[2][2];
    struct rt_node node;
    RT_CHILD(reading) arms[2];
};

static rt_poll chooser(void *frame, struct rt_cx *cx)
{
    struct chooser *self = frame;
    RT_BEGIN(self, cx);
    while (self->left > 0) {
        for (int arm = 0; arm < 2; arm++)
            RT_ARM(&self->node, &self->arms[arm], reading,
                   {.io = self->ios[arm], .buffer = self->buffers[arm], .size = 2});
        RT_AWAIT_INTO(self->result, rt_node_select, &self->node);
        int winner = RT_WON(&self->node, &self->arms[1]);
        assert_in_range(self->result, 1, 2);
        self->bytes[winner] += (int)self->result;
        self->left -= (int)self->result;
    }
    RT_END(0);
}

/* Both become ready at once, again and again: one wins, and the other reads its own later. */
static void test_no_byte_is_lost_to_the_winner(void **state)
{
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct rt_executor *executor = new_executor();
        struct rt_io *ios[2];
        int pairs[2][2], bytes[2] = {0};
        for (int i = 0; i < 2; i++) {
            open_stream(kind, pairs[i]);
            ios[i] = open_io(executor, pairs[i][0]);
        }
        struct rt_handle handle = SPAWNED(
            executor, chooser, {.ios = {ios[0], ios[1]}, .bytes = bytes, .left = 2 * BYTES});
        for (int sent = 0; sent < BYTES; sent++) {
            for (int i = 0; i < 2; i++)
                assert_int_equal(write(pairs[i][1], "x", 1), 1);
            run_one_lap(executor);
        }
        assert_int_equal(rt_block_on(executor, handle), 0);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(bytes[i], BYTES);
            assert_int_equal(rt_io_close(ios[i]), 0);
            close(pairs[i][1]);
        }
        rt_executor_free(executor);
    }
}

/* -- accepts -- */

struct doorkeeper {
    RT_FRAME;
    struct rt_io *listener, *guest;
    uint64_t deadline_ns;
    int64_t outcome;
    int guests;
    struct rt_timeout timeout;
};

static rt_poll doorkeeper(void *frame, struct rt_cx *cx)
{
    struct doorkeeper *self = frame;
    RT_BEGIN(self, cx);
    while (self->guests < CALLERS) {
        self->deadline_ns = rt_now_ns(cx->executor);
        RT_AWAIT_INTO(self->outcome, rt_timeout, &self->timeout, self->deadline_ns, rt_accept,
                      self->listener, &self->guest);
        if (self->outcome == -ETIMEDOUT) {
            RT_AWAIT(rt_yield);
            continue;
        }
        assert_int_equal(self->outcome, 0);
        assert_int_equal(rt_io_close(self->guest), 0);
        self->guests++;
    }
    RT_END(self->guests);
}

/* Every caller is let in, though the doorkeeper keeps giving up. */
static void test_no_connection_is_lost_to_a_deadline(void **state)
{
    struct rt_executor *executor = new_executor();
    struct sockaddr_in address = loopback(0);
    struct rt_io *listener;
    int callers[CALLERS];
    (void)state;
    assert_int_equal(
        rt_listen(executor, (struct sockaddr *)&address, sizeof address, CALLERS, &listener), 0);
    address = address_of(rt_io_fd(listener));
    struct rt_handle handle = SPAWNED(executor, doorkeeper, {.listener = listener});
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(callers[i], (struct sockaddr *)&address, sizeof address), 0);
        run_one_lap(executor);
    }
    assert_int_equal(rt_block_on(executor, handle), CALLERS);
    for (int i = 0; i < CALLERS; i++)
        close(callers[i]);
    rt_io_close(listener);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_no_byte_is_lost_to_a_deadline),
    cmocka_unit_test(test_no_byte_is_lost_to_the_winner),
    cmocka_unit_test(test_no_connection_is_lost_to_a_deadline),
};
TEST_MAIN_REACTORS(tests)
