/* SPDX-License-Identifier: MIT
 *
 * What the inspect flavour finds in programs with planted faults, each by the name of its task and
 * place; and that it is silent about sound ones.
 */
#include "test_main.h"

#include "seen.h"

#include <time.h>

/* -- sound programs are not blamed -- */

struct sound {
    RT_FRAME;
    struct rt_chan *in, *out;
    struct rt_timer timer;
    int64_t value;
    int laps;
};

static rt_poll sound(void *frame, struct rt_cx *cx)
{
    struct sound *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        RT_AWAIT(rt_chan_recv, self->in, &self->value);
        RT_AWAIT(rt_chan_send, self->out, self->value + 1);
        RT_AWAIT(rt_yield);
    }
    RT_AWAIT(rt_sleep_until, &self->timer, tc_now_ns() + TC_NS_PER_MS);
    RT_END(self->value);
}

static void test_a_sound_program_is_not_blamed(void **state)
{
    enum { LAPS = 1000 };
    struct stage stage;
    struct rt_chan *ring[2] = {rt_chan_new(1), rt_chan_new(1)};
    struct rt_wait wait;
    (void)state;
    begin(&stage, NULL);
    struct rt_handle first =
        SPAWNED(stage.executor, sound, {.in = ring[0], .out = ring[1], .laps = LAPS});
    struct rt_handle second =
        SPAWNED(stage.executor, sound, {.in = ring[1], .out = ring[0], .laps = LAPS});
    struct rt_cx cx = cx_of(first);
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &cx, ring[0], 0), 0);
    assert_int_equal(rt_block_on(stage.executor, first), 2 * (LAPS - 1));
    assert_int_equal(rt_block_on(stage.executor, second), 2 * LAPS - 1);
    assert_int_equal(stage.counters->spurious_polls, 0);
    assert_int_equal(stage.counters->self_wakes, 0);
    assert_int_equal(stage.counters->yields, 2 * LAPS);
    assert_int_equal(stage.counters->polls, stage.counters->wakes + stage.counters->spawned);
    expect_silence(&stage);
    end(&stage);
    rt_chan_free(ring[0]);
    rt_chan_free(ring[1]);
}

/* -- pending, and nobody will wake it -- */

static rt_poll forgetful_poll(struct rt_wait *wait, struct rt_cx *cx)
{
    (void)wait, (void)cx;
    return RT_PENDING;
}

static void forgetful_drop(struct rt_wait *wait)
{
    (void)wait;
}

struct lost {
    RT_FRAME;
};

static rt_poll lost(void *frame, struct rt_cx *cx)
{
    struct lost *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield); /* an earlier promise does not count */
    RT_AWAIT(forgetful);
    RT_END(0);
}

static void test_a_lost_task_is_named(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    struct rt_handle handle = SPAWNED(stage.executor, lost, {0});
    rt_run_ready(stage.executor);
    assert_int_equal(stage.counters->lost, 1);
    expect(&stage, "lost task: #1 lost (spawned in test_a_lost_task_is_named at test_checks.c:");
    expect(&stage, "is pending in forgetful in lost at test_checks.c:");
    assert_int_equal(rt_block_on(stage.executor, handle), -EDEADLK);
    end(&stage);
}

/* A future written by hand that promises nothing at its first poll. */
static rt_poll hand_written(void *frame, struct rt_cx *cx)
{
    (void)frame, (void)cx;
    return RT_PENDING;
}

static void test_a_lost_hand_written_future_is_named(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    rt_task_start_detached(rt_task_new(stage.executor, hand_written, 8));
    rt_run_ready(stage.executor);
    assert_int_equal(stage.counters->lost, 1);
    expect(&stage, "lost task: #1 is pending in a future written by hand");
    end(&stage);
}

/* -- waiting by computing -- */

static rt_poll busy_poll(struct rt_wait *wait, struct rt_cx *cx, int *left)
{
    (void)wait;
    if (--*left == 0)
        return 0;
    rt_waker_wake(rt_waker_of(cx));
    return RT_PENDING;
}

static void busy_drop(struct rt_wait *wait, int *left)
{
    (void)wait, (void)left;
}

struct busy {
    RT_FRAME;
    int left;
};

static rt_poll busy(void *frame, struct rt_cx *cx)
{
    struct busy *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(busy, &self->left);
    RT_END(0);
}

static void test_busy_waking_is_told_once(void **state)
{
    enum { POLLS = 5000 };
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    assert_int_equal(rt_block_on(stage.executor, SPAWNED(stage.executor, busy, {.left = POLLS})),
                     0);
    assert_int_equal(stage.counters->busy_wakes, 1);
    assert_int_equal(stage.counters->self_wakes, POLLS - 1);
    assert_int_equal(stage.counters->spurious_polls, POLLS - 2);
    expect(&stage, "busy wake: task #1 busy (spawned in");
    expect(&stage, "woke itself in 100 of 100 wakes, at busy in busy at test_checks.c:");
    end(&stage);
}

/* -- holding the loop, holding a lock -- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct holder {
    RT_FRAME;
    long sleep_ns;
    bool locks;
};

static rt_poll holder(void *frame, struct rt_cx *cx)
{
    struct holder *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield);
    if (self->locks)
        pthread_mutex_lock(&mutex);
    if (self->sleep_ns > 0)
        nanosleep(&(struct timespec){.tv_nsec = self->sleep_ns}, NULL);
    RT_AWAIT(rt_yield);
    if (self->locks)
        pthread_mutex_unlock(&mutex);
    RT_END(0);
}

static void test_who_holds_the_loop_is_named(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, &(struct rt_config){.stall_ns = 30 * TC_NS_PER_MS});
    struct rt_handle handle = SPAWNED(stage.executor, holder, {.sleep_ns = 50 * TC_NS_PER_MS});
    assert_int_equal(rt_block_on(stage.executor, handle), 0);
    assert_in_range(stage.counters->stalls, 1, 3);
    expect(&stage, "stall: task #1 holder (spawned in test_who_holds_the_loop_is_named at");
    expect(&stage, " ms, from rt_yield in holder at test_checks.c:");
    expect(&stage, " to rt_yield in holder at test_checks.c:");
    end(&stage);
}

static void test_a_short_poll_is_no_stall(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, &(struct rt_config){.stall_ns = TC_NEVER});
    struct rt_handle handle = SPAWNED(stage.executor, holder, {.sleep_ns = TC_NS_PER_MS});
    assert_int_equal(rt_block_on(stage.executor, handle), 0);
    assert_int_equal(stage.counters->stalls, 0);
    expect_silence(&stage);
    end(&stage);
}

static void test_a_lock_held_over_an_await_is_told(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    struct rt_handle handle = SPAWNED(stage.executor, holder, {.locks = true});
    assert_int_equal(rt_block_on(stage.executor, handle), 0);
    assert_int_equal(stage.counters->held_locks, 1);
    expect(&stage, "held lock: task #1 holder (spawned in");
    expect(&stage, "waits for rt_yield in holder at test_checks.c:");
    end(&stage);
}

static void test_a_lock_held_by_the_caller_is_its_own_affair(void **state)
{
    static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    struct rt_handle handle = SPAWNED(stage.executor, holder, {.sleep_ns = 0});
    pthread_mutex_lock(&other);
    assert_int_equal(rt_block_on(stage.executor, handle), 0);
    pthread_mutex_unlock(&other);
    expect_silence(&stage);
    end(&stage);
}

/* -- ends that nobody sees -- */

struct failing {
    RT_FRAME;
    int64_t result;
};

static rt_poll failing(void *frame, struct rt_cx *cx)
{
    struct failing *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield);
    RT_END(self->result);
}

static void test_a_failure_that_nobody_sees_is_told(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    SPAWN_DETACHED(stage.executor, failing, {.result = -EIO});
    struct rt_handle later = SPAWNED(stage.executor, failing, {.result = -EPIPE});
    struct rt_handle kept = SPAWNED(stage.executor, failing, {.result = -ENOSPC});
    rt_run_ready(stage.executor);
    assert_int_equal(stage.counters->unseen_failures, 1);
    expect(&stage, "unseen failure: task #1 failing (spawned in");
    expect(&stage, "ended with -EIO, and nobody joins it");
    rt_detach(later);
    assert_int_equal(stage.counters->unseen_failures, 2);
    (void)kept;
    FILE *out = stage.out;
    rt_executor_free(stage.executor);
    fflush(out);
    expect(&stage, "task #2 failing");
    expect(&stage, "ended with -ENOSPC");
    fclose(out);
    free(stage.text);
}

static void test_a_failure_that_is_joined_is_not(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    assert_int_equal(
        rt_block_on(stage.executor, SPAWNED(stage.executor, failing, {.result = -EIO})), -EIO);
    SPAWN_DETACHED(stage.executor, failing, {.result = 1});
    struct rt_handle aborted = SPAWNED(stage.executor, failing, {.result = -EIO});
    assert_true(rt_abort(aborted));
    rt_detach(aborted);
    rt_run_ready(stage.executor);
    assert_int_equal(stage.counters->failed, 1);
    assert_int_equal(stage.counters->aborted, 1);
    assert_int_equal(stage.counters->dropped_unpolled, 1);
    assert_int_equal(stage.counters->unseen_failures, 0);
    expect_silence(&stage);
    end(&stage);
}

static void test_unfinished_tasks_are_told(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, NULL);
    for (int i = 0; i < 20; i++)
        SPAWN_DETACHED(stage.executor, failing, {.result = 0});
    SPAWN_DETACHED(stage.executor, lost, {0});
    rt_executor_free(stage.executor);
    expect(&stage, "unfinished: task #1 failing (spawned in");
    expect(&stage, "is dropped with its executor, never polled");
    expect(&stage, "unfinished: 13 more tasks");
    fclose(stage.out);
    free(stage.text);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_sound_program_is_not_blamed),
    cmocka_unit_test(test_a_lost_task_is_named),
    cmocka_unit_test(test_a_lost_hand_written_future_is_named),
    cmocka_unit_test(test_busy_waking_is_told_once),
    cmocka_unit_test(test_who_holds_the_loop_is_named),
    cmocka_unit_test(test_a_short_poll_is_no_stall),
    cmocka_unit_test(test_a_lock_held_over_an_await_is_told),
    cmocka_unit_test(test_a_lock_held_by_the_caller_is_its_own_affair),
    cmocka_unit_test(test_a_failure_that_nobody_sees_is_told),
    cmocka_unit_test(test_a_failure_that_is_joined_is_not),
    cmocka_unit_test(test_unfinished_tasks_are_told),
};
TEST_MAIN(tests)
