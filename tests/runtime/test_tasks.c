/* SPDX-License-Identifier: MIT
 *
 * The life of a task: spawned, joined or detached in every order, its block given back exactly when
 * nobody can ask for it any more, and wakers that outlive it.
 */
#include "test_main.h"

#include "counting.h"

struct joiner {
    RT_FRAME;
    struct rt_handle target;
    int64_t *result;
};

static rt_poll joiner(void *frame, struct rt_cx *cx)
{
    struct joiner *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(*self->result, rt_join, self->target);
    RT_END(0);
}

static void spawn_joiner(struct rt_executor *executor, struct rt_handle target, int64_t *result)
{
    SPAWN_DETACHED(executor, joiner, {.target = target, .result = result});
}

/* The block is in the free list, and once: of the next tasks of its size exactly one gets it. */
static void assert_block_comes_back(struct rt_executor *executor, struct rt_task *block)
{
    struct probe probes[4];
    int found = 0;
    assert_true(is_free(block));
    for (size_t i = 0; i < TC_COUNT_OF(probes); i++) {
        probes[i] = (struct probe){.finish_at = 1};
        struct rt_handle handle = spawn_probe(executor, &probes[i]);
        found += handle.task == block;
        rt_detach(handle);
    }
    assert_int_equal(found, 1);
    assert_int_equal(rt_run_ready(executor), TC_COUNT_OF(probes));
    assert_int_equal(executor->live, 0);
}

/* -- join and detach, before and after the end, with and without a wake at the end -- */

static void test_join_after_the_end(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 1, .result = -42};
    int64_t result = 0;
    (void)state;
    struct rt_handle handle = spawn_probe(executor, &probe);
    rt_run_ready(executor);
    assert_false(is_free(handle.task)); /* the handle keeps the result */
    spawn_joiner(executor, handle, &result);
    rt_run_ready(executor);
    assert_int_equal(result, -42);
    assert_true(is_free(handle.task));
    assert_counts(probe, 1, 0);
    assert_int_equal(executor->live, 0);
    rt_executor_free(executor);
}

static void test_join_before_the_end(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 2, .result = 42};
    int64_t result = 0;
    (void)state;
    struct rt_handle handle = spawn_probe(executor, &probe);
    spawn_joiner(executor, handle, &result);
    assert_int_equal(rt_run_ready(executor), 2);
    assert_int_equal(rt_run_ready(executor), 0);
    assert_int_equal(result, 0);
    rt_waker_wake(probe.waker);
    assert_int_equal(rt_run_ready(executor), 2); /* the task and, woken by its end, the joiner */
    assert_int_equal(result, 42);
    assert_true(is_free(handle.task));
    assert_int_equal(executor->live, 0);
    rt_executor_free(executor);
    assert_counts(probe, 2, 0);
}

/* The joiner is first in the queue: it waits before its target has even begun. */
static void test_join_before_the_first_poll(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe blocker = {.finish_at = 1}, probe = {.finish_at = 1, .result = 42};
    int64_t result = 0;
    (void)state;
    struct joiner first = {.result = &result};
    struct rt_task *task = rt_task_new(executor, joiner, sizeof first);
    assert_non_null(task);
    rt_task_start_detached(task);
    first.target = spawn_probe(executor, &probe);
    *(struct joiner *)task->frame = first;
    assert_int_equal(rt_run_ready(executor), 3);
    assert_int_equal(result, 42);
    assert_int_equal(executor->live, 0);
    assert_int_equal(rt_block_on(executor, spawn_probe(executor, &blocker)), 0);
    rt_executor_free(executor);
}

enum when { EARLY, BEFORE_LAST_POLL, AFTER_THE_END };

/* Detached at each moment, ending with or without being queued again: no block is lost, none is
 * given back while the run queue still names it. */
static void test_detach_in_every_order(void **state)
{
    (void)state;
    for (enum when when = EARLY; when <= AFTER_THE_END; when++) {
        for (int wakes = 0; wakes <= 2; wakes++) {
            struct rt_executor *executor = new_executor();
            struct probe probe = {.finish_at = 2, .wake_at = 2, .wakes = wakes};
            struct rt_handle handle = spawn_probe(executor, &probe);
            if (when == EARLY)
                rt_detach(handle);
            rt_run_ready(executor);
            if (when == BEFORE_LAST_POLL)
                rt_detach(handle);
            rt_waker_wake(probe.waker);
            run_one_lap(executor);
            if (when == AFTER_THE_END) {
                assert_false(is_free(handle.task));
                rt_detach(handle);
            }
            assert_int_equal(is_free(handle.task), wakes == 0);
            rt_run_ready(executor);
            assert_int_equal(executor->live, 0);
            assert_block_comes_back(executor, handle.task);
            rt_executor_free(executor);
            assert_counts(probe, 2, 0);
        }
    }
}

/* Woken by its own last poll: not polled again, its block kept until the queue has met it. */
static void test_finishing_while_queued_again(void **state)
{
    (void)state;
    for (int by_block_on = 0; by_block_on <= 1; by_block_on++) {
        struct rt_executor *executor = new_executor();
        struct probe probe = {.finish_at = 1, .wake_at = 1, .wakes = 1000, .result = 5};
        struct rt_handle handle = spawn_probe(executor, &probe);
        int64_t result = 0;
        if (by_block_on) {
            result = rt_block_on(executor, handle);
        } else {
            spawn_joiner(executor, handle, &result);
            run_one_lap(executor);
        }
        assert_int_equal(result, 5);
        assert_false(is_free(handle.task));
        rt_run_ready(executor);
        assert_counts(probe, 1, 0);
        assert_int_equal(executor->live, 0);
        assert_true(is_free(handle.task));
        rt_executor_free(executor);
        assert_counts(probe, 1, 0);
    }
}

/* A joiner that gives up detaches its target, which goes on alone. */
static void test_join_dropped(void **state)
{
    (void)state;
    for (int finished = 0; finished <= 1; finished++) {
        struct rt_executor *executor = new_executor();
        struct probe probe = {.finish_at = 2, .result = 42}, bystander = {.finish_at = 1};
        struct rt_handle handle = spawn_probe(executor, &probe);
        struct rt_handle other = spawn_probe(executor, &bystander);
        struct rt_cx cx = {.task = other.task, .executor = executor};
        struct rt_wait wait;
        rt_wait_init(&wait);
        assert_int_equal(rt_join_poll(&wait, &cx, handle), RT_PENDING);
        rt_run_ready(executor);
        rt_waker_wake(probe.waker);
        if (finished)
            rt_run_ready(executor); /* the target wakes the joiner, which is not polled any more */
        rt_join_drop(&wait, handle);
        rt_run_ready(executor);
        assert_counts(probe, 2, 0);
        assert_true(is_free(handle.task));
        rt_detach(other);
        assert_int_equal(executor->live, 0);
        rt_executor_free(executor);
    }
}

struct join_then_wait {
    RT_FRAME;
    struct rt_handle target;
    struct rt_event *never;
    int *polls;
};

static rt_poll join_then_wait(void *frame, struct rt_cx *cx)
{
    struct join_then_wait *self = frame;
    ++*self->polls;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_join, self->target);
    RT_AWAIT(rt_event_wait, self->never);
    RT_END(0);
}

/* The next task in the block that was joined ends without waking the old one's joiner. */
static void test_a_block_used_again_has_no_joiner(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe first = {.finish_at = 2}, second = {.finish_at = 1};
    struct rt_event never = {0};
    int polls = 0;
    (void)state;
    struct rt_handle handle = spawn_probe(executor, &first);
    SPAWN_DETACHED(executor, join_then_wait, {.target = handle, .never = &never, .polls = &polls});
    rt_run_ready(executor);
    rt_waker_wake(first.waker);
    rt_run_ready(executor);
    assert_int_equal(polls, 2);
    struct rt_handle again = spawn_probe(executor, &second);
    assert_ptr_equal(again.task, handle.task);
    rt_run_ready(executor);
    assert_counts(second, 1, 0);
    assert_int_equal(polls, 2);
    rt_executor_free(executor);
}

struct chain_link {
    RT_FRAME;
    int depth;
    struct rt_handle child;
    int64_t sum;
};

/* Each link spawns and joins the next: results travel back through every joiner. */
static rt_poll chain_link(void *frame, struct rt_cx *cx)
{
    struct chain_link *self = frame;
    RT_BEGIN(self, cx);
    if (self->depth == 0)
        RT_RETURN(0);
    self->child = SPAWNED(cx->executor, chain_link, {.depth = self->depth - 1});
    RT_AWAIT_INTO(self->sum, rt_join, self->child);
    RT_END(self->sum + self->depth);
}

static void test_results_through_a_chain_of_joins(void **state)
{
    struct rt_executor *executor = new_executor();
    (void)state;
    struct rt_handle handle = SPAWNED(executor, chain_link, {.depth = 1000});
    assert_int_equal(rt_block_on(executor, handle), 1000 * 1001 / 2);
    assert_int_equal(executor->live, 0);
    rt_executor_free(executor);
}

/* -- wakers that outlive their task -- */

static void test_waker_of_a_finished_task(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 1, .result = 9};
    (void)state;
    struct rt_handle handle = spawn_probe(executor, &probe);
    rt_run_ready(executor);
    rt_waker_wake(probe.waker); /* finished, its handle alive */
    assert_int_equal(rt_run_ready(executor), 0);
    rt_detach(handle);
    rt_waker_wake(probe.waker); /* its block free */
    assert_int_equal(rt_run_ready(executor), 0);
    assert_block_comes_back(executor, handle.task); /* waking did not touch the free list */
    rt_executor_free(executor);
    assert_counts(probe, 1, 0);
}

static void test_waker_of_a_block_used_again(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe first = {.finish_at = 1}, second = {.finish_at = 2};
    (void)state;
    struct rt_handle handle = spawn_probe(executor, &first);
    assert_int_equal(rt_block_on(executor, handle), 0);
    struct rt_handle again = spawn_probe(executor, &second);
    assert_ptr_equal(again.task, handle.task);
    rt_run_ready(executor);
    assert_counts(second, 1, 0);
    assert_false(rt_waker_same(first.waker, second.waker));
    rt_waker_wake(first.waker); /* a stranger lives there now: nothing happens to it */
    assert_int_equal(rt_run_ready(executor), 0);
    rt_waker_wake(second.waker);
    assert_int_equal(rt_run_ready(executor), 1);
    rt_executor_free(executor);
    assert_counts(second, 2, 0);
}

static void test_a_zeroed_waker_wakes_nobody(void **state)
{
    struct probe probe = {.finish_at = 0};
    struct rt_waker none = {0};
    struct rt_executor *executor = new_executor();
    (void)state;
    rt_waker_wake(none);
    spawn_probe(executor, &probe);
    rt_run_ready(executor);
    assert_false(rt_waker_same(none, probe.waker));
    assert_true(rt_waker_same(probe.waker, probe.waker));
    rt_executor_free(executor);
}

/* -- frames of every size -- */

static rt_poll at_once(void *frame, struct rt_cx *cx)
{
    (void)frame;
    (void)cx;
    return INT64_C(0x0123456789abcdef);
}

/* The result needs room even where the frame has none: neighbours in memory stay whole. */
static void test_the_result_fits_any_frame(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 40; size++) {
        struct rt_executor *executor = new_executor();
        struct rt_handle handles[3];
        for (int i = 0; i < 3; i++) {
            struct rt_task *task = rt_task_new(executor, at_once, size);
            assert_non_null(task);
            memset(task->frame, 0x55, size);
            handles[i] = rt_task_start(task);
        }
        for (int i = 0; i < 3; i++)
            assert_int_equal(rt_block_on(executor, handles[i]), INT64_C(0x0123456789abcdef));
        rt_executor_free(executor);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_join_after_the_end),
    cmocka_unit_test(test_join_before_the_end),
    cmocka_unit_test(test_join_before_the_first_poll),
    cmocka_unit_test(test_detach_in_every_order),
    cmocka_unit_test(test_finishing_while_queued_again),
    cmocka_unit_test(test_join_dropped),
    cmocka_unit_test(test_a_block_used_again_has_no_joiner),
    cmocka_unit_test(test_results_through_a_chain_of_joins),
    cmocka_unit_test(test_waker_of_a_finished_task),
    cmocka_unit_test(test_waker_of_a_block_used_again),
    cmocka_unit_test(test_a_zeroed_waker_wakes_nobody),
    cmocka_unit_test(test_the_result_fits_any_frame),
};
TEST_MAIN(tests)
