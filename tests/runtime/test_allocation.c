/* SPDX-License-Identifier: MIT
 *
 * What the runtime allocates and when: nothing once it is warm, nothing that a wake could need, and
 * every refusal of memory is an answer that leaves nothing behind. (See allocator.h for when these
 * tests are skipped.)
 */
#include "test_main.h"

#include "allocator.h"
#include "reactors.h"
#include "streams.h"

#include "base/clock.h"

/* -- a bit of everything -- */

struct ponger {
    RT_FRAME;
    struct rt_chan *in, *out;
    int laps;
    int64_t value;
};

static rt_poll ponger(void *frame, struct rt_cx *cx)
{
    struct ponger *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        RT_AWAIT(rt_chan_send, self->out, self->laps);
        RT_AWAIT(rt_chan_recv, self->in, &self->value);
        RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

struct everything {
    RT_FRAME;
    struct rt_io *in, *out;
    int laps;
    struct rt_timer timer;
    struct rt_event_one event;
    struct rt_handle child;
    struct probe probe;
    int64_t count;
    char bytes[4];
};

static rt_poll everything(void *frame, struct rt_cx *cx)
{
    struct everything *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        RT_AWAIT(rt_sleep_until, &self->timer, tc_now_ns() + 2000);
        rt_event_one_set(&self->event);
        RT_AWAIT(rt_event_one_wait, &self->event);
        RT_AWAIT_INTO(self->count, rt_write, self->out, "abc", 3);
        RT_AWAIT_INTO(self->count, rt_read, self->in, self->bytes, 4);
        self->probe = (struct probe){.finish_at = 2, .wake_at = 1, .wakes = 1};
        self->child = spawn_probe(cx->executor, &self->probe);
        RT_AWAIT(rt_join, self->child);
    }
    RT_END(0);
}

/* One task waits for everything in turn, two more send words to and fro. */
static void do_everything(struct rt_executor *executor, struct rt_chan *there, struct rt_chan *back,
                          struct rt_io *io[2])
{
    struct rt_handle handles[] = {
        SPAWNED(executor, ponger, {.in = there, .out = back, .laps = 1000}),
        SPAWNED(executor, ponger, {.in = back, .out = there, .laps = 1000}),
        SPAWNED(executor, everything, {.in = io[0], .out = io[1], .laps = 100}),
    };
    for (size_t i = 0; i < TC_COUNT_OF(handles); i++)
        assert_int_equal(rt_block_on(executor, handles[i]), 0);
}

static void test_nothing_is_allocated_once_warm(void **state)
{
    struct rt_chan *there, *back;
    struct rt_io *io[2];
    int ends[2];
    (void)state;
    need_our_allocator();
    struct rt_executor *executor = new_executor();
    there = rt_chan_new(1);
    back = rt_chan_new(1);
    open_stream(SOCKETPAIR, ends);
    for (int end = 0; end < 2; end++)
        io[end] = open_io(executor, ends[end]);
    do_everything(executor, there, back, io);
    long before = allocations;
    uint64_t polls = executor->polls;
    do_everything(executor, there, back, io);
    assert_int_equal(allocations, before);
    assert_true(executor->polls - polls > 2000); /* the yields alone */
    rt_executor_free(executor);
    rt_chan_free(there);
    rt_chan_free(back);
}

/* A task and its channel are one allocation each, not one a message or a wait. */
static void test_what_a_channel_takes(void **state)
{
    (void)state;
    need_our_allocator();
    for (uint32_t capacity = 1; capacity <= 1u << 20; capacity *= 4) {
        long before = allocations;
        struct rt_chan *chan = rt_chan_new(capacity);
        assert_int_equal(allocations, before + 1);
        rt_chan_free(chan);
    }
}

struct member {
    RT_FRAME;
    int64_t value;
};

static rt_poll member(void *frame, struct rt_cx *cx)
{
    struct member *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield);
    RT_END(self->value);
}

struct members {
    RT_FRAME;
    size_t count;
    int64_t sum;
    struct rt_branches branches;
};

static rt_poll members(void *frame, struct rt_cx *cx)
{
    struct members *self = frame;
    RT_BEGIN(self, cx);
    if (RT_BRANCHES_NEW(&self->branches, self->count, member) < 0)
        RT_RETURN(-ENOMEM);
    for (size_t i = 0; i < self->count; i++)
        RT_ARM_AT(&self->branches, i, member, {.value = (int64_t)i});
    RT_AWAIT(rt_node_join, self->branches.node);
    for (size_t i = 0; i < self->count; i++)
        self->sum += rt_branches_result(&self->branches, i);
    RT_END_FINALLY(self->sum, { rt_branches_free(&self->branches); });
}

/* A collection of branches is one allocation, however many there are; refused, it is an answer. */
static void test_what_a_collection_takes(void **state)
{
    (void)state;
    need_our_allocator();
    struct rt_executor *executor = new_executor();
    int64_t result = rt_block_on(executor, SPAWNED(executor, members, {.count = 1}));
    for (size_t count = 1; count <= 100000; count *= 10) {
        long before = allocations, kept_before = kept;
        result = rt_block_on(executor, SPAWNED(executor, members, {.count = count}));
        assert_int_equal(result, (int64_t)(count * (count - 1) / 2));
        assert_int_equal(allocations, before + 1);
        assert_int_equal(kept, kept_before);
        struct rt_handle handle = SPAWNED(executor, members, {.count = count});
        fails_at = 1;
        result = rt_block_on(executor, handle);
        fails_at = 0;
        assert_int_equal(result, -ENOMEM);
        assert_int_equal(kept, kept_before);
    }
    rt_executor_free(executor);
}

/* -- without memory -- */

static void test_a_wake_needs_no_memory(void **state)
{
    enum { TASKS = 3000 };
    static struct probe probes[TASKS];
    (void)state;
    need_our_allocator();
    struct rt_executor *executor = new_executor();
    for (int i = 0; i < TASKS; i++)
        spawn_probe(executor, &probes[i]);
    rt_run_ready(executor);
    fails_at = 1;
    fails_for_good = true;
    for (int lap = 0; lap < 5; lap++) {
        for (int i = 0; i < TASKS; i++)
            rt_waker_wake(probes[i].waker);
        size_t polls = rt_run_ready(executor);
        if (polls != TASKS)
            fails_at = 0; /* cmocka needs some to say so */
        assert_int_equal(polls, TASKS);
    }
    fails_at = 0;
    rt_executor_free(executor);
}

/* Refused at each place where spawning allocates; those that live are not disturbed, and spawning
 * works again as soon as there is memory. */
static void test_a_refused_spawn_changes_nothing(void **state)
{
    enum { TASKS = 3000 };
    static struct probe probes[TASKS];
    int refusals = 0;
    (void)state;
    need_our_allocator();
    struct rt_executor *executor = new_executor();
    for (int i = 0; i < TASKS; i++) {
        struct rt_handle handle;
        size_t live = executor->live;
        fails_at = 1;
        int err = RT_SPAWN(executor, counting, &handle, {.probe = &probes[i]});
        fails_at = 0;
        if (err) {
            refusals++;
            assert_int_equal(err, -ENOMEM);
            assert_int_equal(executor->live, live);
            spawn_probe(executor, &probes[i]);
        }
    }
    assert_true(refusals >= 3); /* the first chunk, and the queue for 512, 1024, ... */
    assert_int_equal(rt_run_ready(executor), TASKS);
    rt_executor_free(executor);
    for (int i = 0; i < TASKS; i++)
        assert_counts(probes[i], 1, 1);
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Takes a handful of everything that allocates: 0, or the first refusal. */
static int take_everything(void)
{
    static struct probe probes[600];
    struct rt_executor *executor = rt_executor_new(NULL);
    struct rt_chan *chan = rt_chan_new(4);
    struct rt_broadcast *broadcast = rt_broadcast_new(4);
    int err = executor && chan && broadcast ? 0 : -ENOMEM, spawned = 0;
    memset(probes, 0, sizeof probes);
    for (size_t i = 0; executor && i < TC_COUNT_OF(probes); i++) {
        int refused_now = RT_SPAWN(executor, counting, NULL, {.probe = &probes[i]});
        err = err ? err : refused_now;
        spawned += refused_now == 0;
    }
    for (int i = 0; executor && i < 300; i++) {
        struct rt_io *io;
        int fd = dup(STDIN_FILENO), refused_now = rt_io_open(executor, fd, &io);
        err = err ? err : refused_now;
        if (refused_now)
            close(fd); /* left as it was, still ours */
    }
    if (executor && rt_run_ready(executor) != (size_t)spawned)
        err = -EINVAL;
    rt_executor_free(executor);
    rt_chan_free(chan);
    rt_broadcast_free(broadcast);
    return err;
}

/* The n-th allocation fails, once or with all after it, for every n until there are no more. */
static void test_every_refusal_is_an_answer(void **state)
{
    (void)state;
    need_our_allocator();
    int pipes[2], descriptors;
    assert_int_equal(pipe(pipes), 0);
    dup2(pipes[0], STDIN_FILENO);
    descriptors = open_descriptors();
    for (int for_good = 0; for_good <= 1; for_good++) {
        long tried = 0, failed = 0;
        int err;
        do {
            long before = kept;
            fails_for_good = for_good;
            fails_at = ++tried;
            err = take_everything();
            fails_at = 0;
            failed += err == -ENOMEM;
            assert_int_equal(kept, before);
            assert_int_equal(open_descriptors(), descriptors);
        } while (err);
        assert_int_equal(failed, tried - 1);
        assert_true(tried > 8);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing_is_allocated_once_warm),
    cmocka_unit_test(test_what_a_channel_takes),
    cmocka_unit_test(test_what_a_collection_takes),
    cmocka_unit_test(test_a_wake_needs_no_memory),
    cmocka_unit_test(test_a_refused_spawn_changes_nothing),
    cmocka_unit_test(test_every_refusal_is_an_answer),
};
TEST_MAIN_REACTORS(tests)
