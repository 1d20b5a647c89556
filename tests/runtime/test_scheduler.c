/* SPDX-License-Identifier: MIT
 *
 * When tasks are polled, and in what order: only after a wake, once for however many wakes, yields
 * to the tail of the queue; and how blocking on a task ends.
 */
#include "test_main.h"

#include "counting.h"

static void test_polled_only_after_a_wake(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 3, .result = 7};
    (void)state;
    struct rt_handle handle = spawn_probe(executor, &probe);
    assert_counts(probe, 0, 0); /* spawning does not poll */
    assert_int_equal(rt_run_ready(executor), 1);
    assert_counts(probe, 1, 0);
    assert_int_equal(rt_run_ready(executor), 0);
    assert_counts(probe, 1, 0);
    rt_waker_wake(probe.waker);
    assert_counts(probe, 1, 0); /* nor does waking */
    assert_int_equal(rt_run_ready(executor), 1);
    assert_int_equal(rt_run_ready(executor), 0);
    assert_counts(probe, 2, 0);
    rt_waker_wake(probe.waker);
    assert_int_equal(rt_run_ready(executor), 1);
    assert_counts(probe, 3, 0);
    assert_int_equal(rt_block_on(executor, handle), 7);
    assert_int_equal(executor->polls, 3);
    rt_executor_free(executor);
    assert_counts(probe, 3, 0); /* finished: not dropped */
}

static void test_a_thousand_wakes_are_one_poll(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 0};
    (void)state;
    struct rt_handle handle = spawn_probe(executor, &probe);
    for (int i = 0; i < 1000; i++)
        rt_task_wake(handle.task); /* on top of the spawn */
    assert_int_equal(rt_run_ready(executor), 1);
    assert_counts(probe, 1, 0);
    for (int i = 0; i < 1000; i++)
        rt_waker_wake(probe.waker);
    assert_int_equal(rt_run_ready(executor), 1);
    assert_counts(probe, 2, 0);
    rt_executor_free(executor);
    assert_counts(probe, 2, 1);
}

static void test_a_wake_during_the_poll_is_one_more_poll(void **state)
{
    (void)state;
    for (int wakes = 1; wakes <= 1000; wakes *= 1000) {
        struct rt_executor *executor = new_executor();
        struct probe probe = {.wake_at = 1, .wakes = wakes};
        spawn_probe(executor, &probe);
        assert_int_equal(rt_run_ready(executor), 2);
        assert_counts(probe, 2, 0);
        assert_int_equal(rt_run_ready(executor), 0);
        rt_executor_free(executor);
        assert_counts(probe, 2, 1);
    }
}

/* -- order -- */

enum { YIELDERS = 7, LAPS = 50 };

struct lap_log {
    int laps[YIELDERS];
    int order[YIELDERS * LAPS];
    int count;
};

struct yielder {
    RT_FRAME;
    struct lap_log *log;
    int id, lap;
};

static rt_poll yielder(void *frame, struct rt_cx *cx)
{
    struct yielder *self = frame;
    RT_BEGIN(self, cx);
    for (; self->lap < LAPS; self->lap++) {
        self->log->laps[self->id]++;
        self->log->order[self->log->count++] = self->id;
        for (int other = 0; other < YIELDERS; other++)
            assert_in_range(self->log->laps[other] + 1, self->log->laps[self->id],
                            self->log->laps[self->id] + 1);
        RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

static void test_yield_goes_to_the_tail(void **state)
{
    struct rt_executor *executor = new_executor();
    struct lap_log log = {0};
    (void)state;
    for (int id = 0; id < YIELDERS; id++)
        SPAWN_DETACHED(executor, yielder, {.log = &log, .id = id});
    assert_int_equal(rt_run_ready(executor), YIELDERS * (LAPS + 1));
    assert_int_equal(log.count, YIELDERS * LAPS);
    for (int i = 0; i < log.count; i++)
        assert_int_equal(log.order[i], i % YIELDERS);
    rt_executor_free(executor);
}

struct numbered {
    RT_FRAME;
    int id;
    int *log, *count;
};

static rt_poll numbered(void *frame, struct rt_cx *cx)
{
    struct numbered *self = frame;
    if (cx)
        self->log[(*self->count)++] = self->id;
    return RT_PENDING;
}

/* First in, first out, with so many tasks and the queue's head so far from its start: before and
 * after it has grown (it begins with 256 places), and round its end many times. */
static void check_queue(int size, int offset)
{
    struct rt_executor *executor = new_executor();
    int count = 0, *log = calloc((size_t)size, sizeof *log);
    struct rt_handle *handles = calloc((size_t)size, sizeof *handles);
    for (int i = 0; i < offset; i++)
        run_one_lap(executor);
    for (int i = 0; i < size; i++) {
        if (i == size / 2) /* so that it grows with places behind the head */
            rt_run_ready(executor);
        handles[i] = SPAWNED(executor, numbered, {.id = i, .log = log, .count = &count});
    }
    for (int lap = 0; lap < 7; lap++) {
        size_t polls = rt_run_ready(executor);
        assert_int_equal(polls, lap ? size : size - size / 2);
        assert_int_equal(count, size);
        for (int i = 0; i < size; i++)
            assert_int_equal(log[i], lap ? (i * 7 + lap - 1) % size : i);
        count = 0;
        for (int i = 0; i < size; i++) /* 7 divides no size: each is woken once */
            rt_task_wake(handles[(i * 7 + lap) % size].task);
    }
    rt_executor_free(executor);
    free(handles);
    free(log);
}

static void test_the_queue_grows_and_wraps(void **state)
{
    static const int sizes[] = {1, 255, 256, 257, 1000, 5000}, offsets[] = {0, 1, 200, 300, 1000};
    (void)state;
    for (size_t s = 0; s < TC_COUNT_OF(sizes); s++)
        for (size_t o = 0; o < TC_COUNT_OF(offsets); o++)
            check_queue(sizes[s], offsets[o]);
}

/* Spawned by a task while the queue is run: it grows under the loop that reads it. */
struct breeder {
    RT_FRAME;
    struct probe *children;
    int count, bred;
};

static rt_poll breeder(void *frame, struct rt_cx *cx)
{
    struct breeder *self = frame;
    RT_BEGIN(self, cx);
    while (self->bred < self->count) {
        for (int i = 0; i < 50 && self->bred < self->count; i++)
            spawn_probe(cx->executor, &self->children[self->bred++]);
        RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

static void test_the_queue_grows_while_it_is_run(void **state)
{
    enum { CHILDREN = 3000 };
    static struct probe children[CHILDREN];
    struct rt_executor *executor = new_executor();
    (void)state;
    for (int i = 0; i < 150; i++) /* the head is not where it began */
        run_one_lap(executor);
    struct rt_handle handle = SPAWNED(executor, breeder, {.children = children, .count = CHILDREN});
    assert_int_equal(rt_block_on(executor, handle), 0);
    rt_run_ready(executor);
    for (int i = 0; i < CHILDREN; i++) {
        assert_counts(children[i], 1, 0);
        rt_waker_wake(children[i].waker);
    }
    assert_int_equal(rt_run_ready(executor), CHILDREN);
    rt_executor_free(executor);
    for (int i = 0; i < CHILDREN; i++)
        assert_counts(children[i], 2, 1);
}

/* A task that is spawned or woken runs after those that already wait for their turn. */
static void test_run_one_lap_leaves_the_woken(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.wake_at = 1, .wakes = 1};
    (void)state;
    spawn_probe(executor, &probe);
    run_one_lap(executor);
    assert_counts(probe, 1, 0);
    run_one_lap(executor);
    assert_counts(probe, 2, 0);
    rt_executor_free(executor);
}

/* -- block_on -- */

static void test_block_on_returns_the_result(void **state)
{
    static const int64_t results[] = {0, 1, -EPIPE, INT64_MAX, INT64_MIN + 1};
    struct rt_executor *executor = new_executor();
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(results); i++) {
        struct probe probe = {.wake_at = 1, .wakes = 1, .finish_at = 2, .result = results[i]};
        assert_int_equal(rt_block_on(executor, spawn_probe(executor, &probe)), results[i]);
        assert_counts(probe, 2, 0);
    }
    rt_executor_free(executor);
}

static void test_block_on_names_a_deadlock(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 2}, other = {.finish_at = 0};
    (void)state;
    spawn_probe(executor, &other);
    struct rt_handle handle = spawn_probe(executor, &probe);
    assert_int_equal(rt_block_on(executor, handle), -EDEADLK);
    assert_counts(probe, 1, 0);
    assert_counts(other, 1, 0);
    /* Left alive, its handle used up: the next wake ends it and frees it. */
    rt_waker_wake(probe.waker);
    assert_int_equal(rt_run_ready(executor), 1);
    assert_counts(probe, 2, 0);
    assert_true(is_free(handle.task));
    rt_executor_free(executor);
    assert_counts(other, 1, 1);
}

/* A deadlock among the others is none as long as the root goes on. */
static void test_block_on_lets_the_others_run(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe other = {.wake_at = 1, .wakes = 1};
    struct lap_log log = {0};
    (void)state;
    spawn_probe(executor, &other);
    struct rt_handle handle = SPAWNED(executor, yielder, {.log = &log, .lap = LAPS - 1});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_counts(other, 2, 0);
    rt_executor_free(executor);
}

struct nester {
    RT_FRAME;
    struct probe *inner;
    int64_t answer;
};

static rt_poll nester(void *frame, struct rt_cx *cx)
{
    struct nester *self = frame;
    if (!cx)
        return 0;
    return rt_block_on(cx->executor, spawn_probe(cx->executor, self->inner));
}

static void test_block_on_inside_a_task_is_busy(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe inner = {.finish_at = 1};
    (void)state;
    struct rt_handle handle = SPAWNED(executor, nester, {.inner = &inner});
    assert_int_equal(rt_block_on(executor, handle), -EBUSY);
    assert_counts(inner, 0, 0); /* nothing was run on behalf of the refused call */
    rt_run_ready(executor);
    assert_counts(inner, 1, 0);
    rt_executor_free(executor);
}

/* The same when the loop that runs the task is not rt_block_on. */
static void test_block_on_inside_run_ready_is_busy(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe inner = {.finish_at = 1};
    (void)state;
    struct rt_handle handle = SPAWNED(executor, nester, {.inner = &inner});
    rt_run_ready(executor);
    assert_int_equal(rt_block_on(executor, handle), -EBUSY);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_polled_only_after_a_wake),
    cmocka_unit_test(test_a_thousand_wakes_are_one_poll),
    cmocka_unit_test(test_a_wake_during_the_poll_is_one_more_poll),
    cmocka_unit_test(test_yield_goes_to_the_tail),
    cmocka_unit_test(test_the_queue_grows_and_wraps),
    cmocka_unit_test(test_the_queue_grows_while_it_is_run),
    cmocka_unit_test(test_run_one_lap_leaves_the_woken),
    cmocka_unit_test(test_block_on_returns_the_result),
    cmocka_unit_test(test_block_on_names_a_deadlock),
    cmocka_unit_test(test_block_on_lets_the_others_run),
    cmocka_unit_test(test_block_on_inside_a_task_is_busy),
    cmocka_unit_test(test_block_on_inside_run_ready_is_busy),
};
TEST_MAIN(tests)
