/* SPDX-License-Identifier: MIT
 *
 * Durations and periods, under a clock that the test sets: no drift, what happens to missed ticks,
 * and that a tick given up is not lost.
 */
#include "test_main.h"

#include "counting.h"
#include "fake_clock.h"

#include "wheel.h"

#define TICK_NS   (UINT64_C(1) << RT_TICK_SHIFT)
#define PERIOD_NS (1000 * TICK_NS)

struct ticker {
    RT_FRAME;
    struct rt_interval *interval;
    int ticks;
    int64_t *missed;  /* the sum */
    uint64_t work_ns; /* that passes after each tick */
    uint64_t *times_ns;
    int i;
};

static rt_poll ticker(void *frame, struct rt_cx *cx)
{
    struct ticker *self = frame;
    int64_t missed;
    RT_BEGIN(self, cx);
    for (self->i = 0; self->i < self->ticks; self->i++) {
        RT_AWAIT_INTO(missed, rt_interval_tick, self->interval);
        *self->missed += missed;
        self->times_ns[self->i] = fake_now_ns;
        fake_now_ns += self->work_ns;
    }
    RT_END(0);
}

/* The times of that many ticks, and how many were left out. */
static int64_t tick(enum rt_missed policy, int ticks, uint64_t work_ns, uint64_t *times_ns)
{
    struct rt_executor *executor = new_executor();
    struct rt_interval interval;
    int64_t missed = 0;
    assert_int_equal(rt_interval_init(&interval, fake_now_ns + PERIOD_NS, PERIOD_NS, policy), 0);
    struct rt_handle handle = SPAWNED(executor, ticker,
                                      {.interval = &interval,
                                       .ticks = ticks,
                                       .missed = &missed,
                                       .work_ns = work_ns,
                                       .times_ns = times_ns});
    assert_int_equal(rt_block_on(executor, handle), 0);
    rt_executor_free(executor);
    return missed;
}

/* Work and late wakes do not add up: each tick is on the grid, at most as late as the machine. */
static void test_no_drift(void **state)
{
    static uint64_t times_ns[1000];
    (void)state;
    for (enum rt_missed policy = RT_MISSED_BURST; policy <= RT_MISSED_SKIP; policy++) {
        uint64_t start_ns = fake_now_ns;
        oversleep_ns = PERIOD_NS / 10;
        assert_int_equal(tick(policy, 1000, PERIOD_NS / 3, times_ns), 0);
        for (uint64_t i = 0; i < 1000; i++) {
            uint64_t due_ns = start_ns + (i + 1) * PERIOD_NS;
            /* The wheel may look a few times on its way, late each time. */
            assert_in_range(times_ns[i], due_ns, due_ns + RT_WHEEL_LEVELS * oversleep_ns);
        }
    }
}

/* The policies, told a second time: when each tick comes, and how many are left out. */
static void expect(enum rt_missed policy, uint64_t work_ns, const uint64_t *times_ns, int ticks,
                   uint64_t now_ns, int64_t missed)
{
    uint64_t next_ns = now_ns + PERIOD_NS;
    for (int i = 0; i < ticks; i++) {
        now_ns = now_ns > next_ns ? now_ns : next_ns;
        assert_int_equal(times_ns[i], now_ns);
        int64_t passed = (int64_t)((now_ns - next_ns) / PERIOD_NS);
        missed -= policy == RT_MISSED_BURST ? 0 : passed;
        if (policy == RT_MISSED_BURST)
            next_ns += PERIOD_NS;
        else if (policy == RT_MISSED_DELAY)
            next_ns = now_ns + PERIOD_NS;
        else
            while (next_ns <= now_ns)
                next_ns += PERIOD_NS;
        now_ns += work_ns;
    }
    assert_int_equal(missed, 0);
}

static void test_missed_ticks(void **state)
{
    static const uint64_t works_ns[] = {0, PERIOD_NS / 2, PERIOD_NS, PERIOD_NS * 5 / 2,
                                        PERIOD_NS * 7};
    uint64_t times_ns[12];
    (void)state;
    for (enum rt_missed policy = RT_MISSED_BURST; policy <= RT_MISSED_DELAY; policy++) {
        for (size_t i = 0; i < TC_COUNT_OF(works_ns); i++) {
            uint64_t start_ns = fake_now_ns;
            int64_t missed = tick(policy, 12, works_ns[i], times_ns);
            expect(policy, works_ns[i], times_ns, 12, start_ns, missed);
            assert_true(missed > 0 || policy == RT_MISSED_BURST || works_ns[i] <= PERIOD_NS);
        }
    }
}

static void test_a_tick_given_up_is_not_lost(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_interval interval;
    int64_t missed = 0;
    uint64_t times_ns[2];
    (void)state;
    assert_int_equal(
        rt_interval_init(&interval, fake_now_ns + PERIOD_NS, PERIOD_NS, RT_MISSED_BURST), 0);
    for (int due = 0; due <= 1; due++) {
        struct rt_handle handle =
            SPAWNED(executor, ticker,
                    {.interval = &interval, .ticks = 1, .missed = &missed, .times_ns = times_ns});
        rt_run_ready(executor);
        if (due) {
            fake_now_ns += 2 * PERIOD_NS;
            rt__wheel_advance(executor->wheel, fake_now_ns);
        }
        assert_true(rt_abort(handle));
        rt_detach(handle);
        assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
    }
    uint64_t now_ns = fake_now_ns; /* both ticks are due */
    struct rt_handle handle =
        SPAWNED(executor, ticker,
                {.interval = &interval, .ticks = 2, .missed = &missed, .times_ns = times_ns});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_int_equal(times_ns[1], now_ns);
    rt_executor_free(executor);
}

static void test_a_period_of_nothing_is_refused(void **state)
{
    struct rt_interval interval;
    (void)state;
    assert_int_equal(rt_interval_init(&interval, 0, 0, RT_MISSED_BURST), -EINVAL);
}

/* Periods at the end of time: the next tick never comes, and nothing overflows into the past. */
static void test_a_huge_period(void **state)
{
    uint64_t times_ns[1];
    (void)state;
    for (enum rt_missed policy = RT_MISSED_BURST; policy <= RT_MISSED_DELAY; policy++) {
        struct rt_executor *executor = new_executor();
        struct rt_interval interval;
        int64_t missed = 0;
        assert_int_equal(rt_interval_init(&interval, 5, TC_NEVER - 1, policy), 0);
        struct rt_handle handle =
            SPAWNED(executor, ticker,
                    {.interval = &interval, .ticks = 1, .missed = &missed, .times_ns = times_ns});
        assert_int_equal(rt_block_on(executor, handle), 0);
        assert_int_equal(interval.next_ns, TC_NEVER);
        rt_executor_free(executor);
    }
}

/* -- durations -- */

struct napper {
    RT_FRAME;
    struct rt_timer timer;
    uint64_t duration_ns;
};

static rt_poll napper(void *frame, struct rt_cx *cx)
{
    struct napper *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_sleep, &self->timer, self->duration_ns);
    RT_END(0);
}

static void test_durations(void **state)
{
    static const uint64_t durations_ns[] = {0, 1, TICK_NS, 12345678, 3600 * TC_NS_PER_S};
    struct rt_executor *executor = new_executor();
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(durations_ns); i++) {
        uint64_t start_ns = fake_now_ns;
        struct rt_handle handle = SPAWNED(executor, napper, {.duration_ns = durations_ns[i]});
        assert_int_equal(rt_block_on(executor, handle), 0);
        assert_in_range(fake_now_ns - start_ns, durations_ns[i], durations_ns[i] + TICK_NS);
    }
    static const uint64_t too_long_ns[] = {TC_NEVER, TC_NEVER - 1};
    for (size_t i = 0; i < TC_COUNT_OF(too_long_ns); i++) { /* saturates: never */
        struct rt_handle handle = SPAWNED(executor, napper, {.duration_ns = too_long_ns[i]});
        rt_run_ready(executor);
        rt_task_wake(handle.task);
        assert_int_equal(rt_block_on(executor, handle), -EDEADLK);
    }
    rt_executor_free(executor);
}

/* Spurious polls do not begin the duration anew; given up, it leaves no timer. */
static void test_a_duration_counts_from_the_first_poll(void **state)
{
    struct rt_executor *executor = new_executor();
    uint64_t start_ns = fake_now_ns;
    (void)state;
    struct rt_handle handle = SPAWNED(executor, napper, {.duration_ns = PERIOD_NS});
    for (int i = 0; i < 9; i++) {
        rt_run_ready(executor);
        fake_now_ns += PERIOD_NS / 10;
        rt_task_wake(handle.task);
    }
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_in_range(fake_now_ns - start_ns, PERIOD_NS, PERIOD_NS + TICK_NS);
    handle = SPAWNED(executor, napper, {.duration_ns = PERIOD_NS});
    rt_run_ready(executor);
    assert_true(rt_abort(handle));
    assert_int_equal(rt__wheel_next_ns(executor->wheel), TC_NEVER);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_no_drift),
    cmocka_unit_test(test_missed_ticks),
    cmocka_unit_test(test_a_tick_given_up_is_not_lost),
    cmocka_unit_test(test_a_period_of_nothing_is_refused),
    cmocka_unit_test(test_a_huge_period),
    cmocka_unit_test(test_durations),
    cmocka_unit_test(test_a_duration_counts_from_the_first_poll),
};
TEST_MAIN(tests)
