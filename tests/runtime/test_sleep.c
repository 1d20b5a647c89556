/* SPDX-License-Identifier: MIT
 *
 * Sleeping through an executor, under a clock that the test sets: who wakes when, in what order,
 * and what the executor asks of the kernel meanwhile.
 */
#include "test_main.h"

#include "counting.h"
#include "fake_clock.h"

#include "wheel.h"

#include "base/rng.h"

#define TICK_NS (UINT64_C(1) << RT_TICK_SHIFT)

struct diary {
    int polls, count;
    uint64_t last_tick;
};

struct sleeper {
    RT_FRAME;
    struct diary *diary;
    uint64_t deadline_ns;
    struct rt_timer timer;
};

static uint64_t tick_of(uint64_t deadline_ns)
{
    return (deadline_ns + TICK_NS - 1) / TICK_NS;
}

static rt_poll sleeper(void *frame, struct rt_cx *cx)
{
    struct sleeper *self = frame;
    if (cx)
        self->diary->polls++;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_sleep_until, &self->timer, self->deadline_ns);
    assert_true(fake_now_ns >= self->deadline_ns);
    assert_true(tick_of(self->deadline_ns) >= self->diary->last_tick);
    self->diary->last_tick = tick_of(self->deadline_ns);
    self->diary->count++;
    RT_END(0);
}

static void test_nothing_is_armed_before_it_must_be(void **state)
{
    struct rt_executor *executor = new_executor();
    struct diary diary = {0};
    uint64_t start_ns = fake_now_ns, deadline_ns = start_ns + 12345678;
    (void)state;
    struct rt_handle handle =
        SPAWNED(executor, sleeper, {.diary = &diary, .deadline_ns = deadline_ns});
    rt_run_ready(executor);
    assert_int_equal(sleeps_ns + sleeps_ms + looks, 0);
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(diary.polls, 2);
    assert_true(fake_now_ns < deadline_ns + TICK_NS);
    assert_in_range(sleeps_ns, 1, RT_WHEEL_LEVELS);
    rt_executor_free(executor);
}

static void test_a_deadline_in_the_past_is_ready_at_once(void **state)
{
    struct rt_executor *executor = new_executor();
    uint64_t deadlines[] = {0, 1, fake_now_ns - 1, fake_now_ns};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(deadlines); i++) {
        struct diary diary = {0};
        assert_int_equal(
            rt_block_on(executor,
                        SPAWNED(executor, sleeper, {.diary = &diary, .deadline_ns = deadlines[i]})),
            0);
        assert_int_equal(diary.polls, 1);
    }
    assert_int_equal(sleeps_ns + sleeps_ms, 0);
    rt_executor_free(executor);
}

static void test_never_is_a_deadlock_when_alone(void **state)
{
    struct rt_executor *executor = new_executor();
    struct diary diary = {0}, other = {0};
    (void)state;
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, sleeper,
                                                   {.diary = &diary, .deadline_ns = TC_NEVER})),
                     -EDEADLK);
    struct rt_handle handle =
        SPAWNED(executor, sleeper, {.diary = &other, .deadline_ns = fake_now_ns + 1000000000});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(diary.count, 0);
    assert_int_equal(diary.polls, 1);
    rt_executor_free(executor);
}

static void test_thousands_wake_in_order(void **state)
{
    enum { SLEEPERS = 10000 };
    struct rt_executor *executor = new_executor();
    struct diary diary = {0};
    struct tc_rng rng;
    uint64_t last_ns = 0;
    (void)state;
    tc_rng_seed(&rng, 7);
    for (int i = 0; i < SLEEPERS; i++) {
        uint64_t deadline_ns = fake_now_ns + 1 + (tc_rng_next(&rng) >> (14 + i % 50));
        last_ns = deadline_ns > last_ns ? deadline_ns : last_ns;
        SPAWN_DETACHED(executor, sleeper, {.diary = &diary, .deadline_ns = deadline_ns});
    }
    struct diary last = {0};
    struct rt_handle handle =
        SPAWNED(executor, sleeper, {.diary = &last, .deadline_ns = last_ns + TICK_NS});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(diary.count, SLEEPERS);
    assert_int_equal(diary.polls, 2 * SLEEPERS);
    assert_int_equal(executor->live, 0);
    rt_executor_free(executor);
}

static void test_the_machine_wakes_late(void **state)
{
    struct rt_executor *executor = new_executor();
    struct diary diary = {0};
    (void)state;
    oversleep_ns = 3 * TC_NS_PER_S;
    for (uint64_t i = 1; i <= 100; i++)
        SPAWN_DETACHED(executor, sleeper,
                       {.diary = &diary, .deadline_ns = fake_now_ns + i * TC_NS_PER_S});
    struct rt_handle handle = SPAWNED(
        executor, sleeper, {.diary = &diary, .deadline_ns = fake_now_ns + 200 * TC_NS_PER_S});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(diary.count, 101);
    assert_int_equal(diary.polls, 202);
    rt_executor_free(executor);
}

static void test_a_signal_ends_no_sleep(void **state)
{
    struct rt_executor *executor = new_executor();
    struct diary diary = {0};
    (void)state;
    interruptions = 10;
    struct rt_handle handle =
        SPAWNED(executor, sleeper, {.diary = &diary, .deadline_ns = fake_now_ns + TC_NS_PER_S});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(interruptions, 0);
    assert_int_equal(diary.polls, 2);
    rt_executor_free(executor);
}

/* Without epoll_pwait2: milliseconds, rounded up so that no timer is early and none is spun for. */
static void test_an_old_kernel_sleeps_in_milliseconds(void **state)
{
    static const uint64_t distances_ns[] = {1,       999999,    1000000,
                                            1000001, 123456789, UINT64_C(1) << 46};
    struct rt_executor *executor = new_executor();
    (void)state;
    kernel_is_old = true;
    for (size_t i = 0; i < TC_COUNT_OF(distances_ns); i++) {
        struct diary diary = {0};
        uint64_t deadline_ns = fake_now_ns + distances_ns[i];
        sleeps_ms = 0;
        assert_int_equal(
            rt_block_on(executor,
                        SPAWNED(executor, sleeper, {.diary = &diary, .deadline_ns = deadline_ns})),
            0);
        assert_int_equal(diary.polls, 2);
        assert_true(fake_now_ns < deadline_ns + 2 * TC_NS_PER_MS);
        assert_in_range(sleeps_ms, 1, RT_WHEEL_LEVELS + 3);
    }
    assert_int_equal(sleeps_ns, 0);
    rt_executor_free(executor);
}

/* -- among tasks that are always ready -- */

struct worker {
    RT_FRAME;
    int *work;
    uint64_t step_ns;
};

static rt_poll worker(void *frame, struct rt_cx *cx)
{
    struct worker *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        ++*self->work;
        fake_now_ns += self->step_ns;
        RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

/* Looked at every RT_POLLS_PER_TURN polls: a sleeper waits for at most that many after its time. */
static void test_a_busy_executor_still_wakes_sleepers(void **state)
{
    struct rt_executor *executor = new_executor();
    struct diary diary = {0};
    int work = 0;
    (void)state;
    for (int i = 0; i < 5; i++)
        SPAWN_DETACHED(executor, worker, {.work = &work, .step_ns = TICK_NS});
    struct rt_handle handle =
        SPAWNED(executor, sleeper, {.diary = &diary, .deadline_ns = fake_now_ns + 1000 * TICK_NS});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_in_range(work, 1000, 1000 + RT_POLLS_PER_TURN + 5);
    assert_int_equal(sleeps_ns + sleeps_ms, 0);
    rt_executor_free(executor);
}

/* Once polls are known to be long, there are only a few between two looks. */
static void test_turns_get_shorter_as_polls_get_longer(void **state)
{
    struct rt_executor *executor = new_executor();
    struct diary diary = {0};
    int work = 0;
    (void)state;
    SPAWN_DETACHED(executor, worker, {.work = &work, .step_ns = TC_NS_PER_MS});
    uint64_t start_ns = fake_now_ns;
    for (int i = 1; i <= 5; i++) {
        struct rt_handle handle = SPAWNED(
            executor, sleeper,
            {.diary = &diary, .deadline_ns = start_ns + (uint64_t)(100 * i) * TC_NS_PER_MS});
        assert_int_equal(rt_block_on(executor, handle), 0);
        assert_in_range(work, 100 * i, 100 * i + (i == 1 ? RT_POLLS_PER_TURN : 2));
    }
    rt_executor_free(executor);
}

/* Woken by something else: it goes on sleeping and is in the wheel once. */
static void test_a_spurious_wake_does_not_end_the_sleep(void **state)
{
    struct rt_executor *executor = new_executor();
    struct diary diary = {0};
    (void)state;
    struct rt_handle handle =
        SPAWNED(executor, sleeper, {.diary = &diary, .deadline_ns = fake_now_ns + TC_NS_PER_S});
    for (int i = 1; i <= 10; i++) {
        rt_run_ready(executor);
        assert_int_equal(diary.polls, i);
        assert_int_equal(diary.count, 0);
        rt_task_wake(handle.task);
    }
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
    /* Polled for another reason after its time, before the wheel has noticed: over when it has. */
    handle =
        SPAWNED(executor, sleeper, {.diary = &diary, .deadline_ns = fake_now_ns + TC_NS_PER_S});
    rt_run_ready(executor);
    fake_now_ns += 2 * TC_NS_PER_S;
    rt_task_wake(handle.task);
    rt_run_ready(executor);
    assert_int_equal(diary.count, 1);
    int slept = sleeps_ns + sleeps_ms;
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(diary.count, 2);
    assert_int_equal(sleeps_ns + sleeps_ms, slept);
    assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing_is_armed_before_it_must_be),
    cmocka_unit_test(test_a_deadline_in_the_past_is_ready_at_once),
    cmocka_unit_test(test_never_is_a_deadlock_when_alone),
    cmocka_unit_test(test_thousands_wake_in_order),
    cmocka_unit_test(test_the_machine_wakes_late),
    cmocka_unit_test(test_a_signal_ends_no_sleep),
    cmocka_unit_test(test_an_old_kernel_sleeps_in_milliseconds),
    cmocka_unit_test(test_a_busy_executor_still_wakes_sleepers),
    cmocka_unit_test(test_turns_get_shorter_as_polls_get_longer),
    cmocka_unit_test(test_a_spurious_wake_does_not_end_the_sleep),
};
TEST_MAIN(tests)
