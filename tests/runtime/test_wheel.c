/* SPDX-License-Identifier: MIT
 *
 * The timer wheel against the simplest model there is: an array of deadlines. Random inserts,
 * cancels and jumps of time, from below a tick to beyond the wheel's horizon. After every step
 * exactly those timers have fired that the model says, in the order of their ticks, none early, and
 * the wheel names a time to look again that misses none.
 */
#include "test_main.h"

#include "counting.h"
#include "fake_clock.h"

#include "wheel.h"

#include "base/rng.h"

enum { STEPS = 100000, SLEEPERS = 64 };

#define TICK_NS (UINT64_C(1) << RT_TICK_SHIFT)

struct sleeper {
    struct rt_timer timer;
    struct rt_wait wait;
    struct rt_cx cx;
    uint64_t deadline_ns;
    bool asleep;
};

struct crowd {
    struct rt_executor *executor;
    struct sleeper sleepers[SLEEPERS];
    struct rt_handle handles[SLEEPERS];
    struct tc_rng rng;
    uint64_t fired_ns; /* deadline of the last that fired in this advance */
    int fired;
    uint64_t inserted, cancelled, total_fired;
};

/* A task that is woken only by its timer. */
struct alarm {
    RT_FRAME;
    struct crowd *crowd;
    int id;
    bool started;
};

static uint64_t tick_of(uint64_t deadline_ns)
{
    return (deadline_ns + TICK_NS - 1) / TICK_NS;
}

static rt_poll alarm_clock(void *frame, struct rt_cx *cx)
{
    struct alarm *self = frame;
    struct sleeper *sleeper = &self->crowd->sleepers[self->id];
    if (!cx)
        return 0;
    sleeper->cx = *cx;
    if (!self->started) {
        self->started = true;
        return RT_PENDING;
    }
    assert_true(sleeper->asleep);
    assert_int_equal(rt_sleep_until_poll(&sleeper->wait, cx, &sleeper->timer, sleeper->deadline_ns),
                     0);
    assert_true(fake_now_ns >= sleeper->deadline_ns); /* never early */
    assert_true(tick_of(sleeper->deadline_ns) >= tick_of(self->crowd->fired_ns));
    self->crowd->fired_ns = sleeper->deadline_ns;
    self->crowd->fired++;
    sleeper->asleep = false;
    return RT_PENDING;
}

static void begin(struct crowd *crowd, uint64_t seed)
{
    fake_now_ns = 1000 * TC_NS_PER_S + seed; /* not a whole tick */
    *crowd = (struct crowd){.executor = new_executor()};
    tc_rng_seed(&crowd->rng, seed);
    for (int id = 0; id < SLEEPERS; id++) {
        struct rt_task *task = rt_task_new(crowd->executor, alarm_clock, sizeof(struct alarm));
        assert_non_null(task);
        *(struct alarm *)task->frame = (struct alarm){.crowd = crowd, .id = id};
        rt_task_start_detached(task);
    }
    rt_run_ready(crowd->executor);
}

/* 0 to 2^51 ns away, each order of magnitude alike; the wheel's horizon is at 2^46. */
static uint64_t distance_ns(struct crowd *crowd)
{
    return tc_rng_next(&crowd->rng) >> (13 + tc_rng_below(&crowd->rng, 51));
}

static void fall_asleep(struct crowd *crowd, struct sleeper *sleeper)
{
    uint64_t chance = tc_rng_below(&crowd->rng, 20);
    sleeper->deadline_ns = fake_now_ns + distance_ns(crowd);
    if (chance == 0)
        sleeper->deadline_ns = TC_NEVER;
    else if (chance == 1)
        sleeper->deadline_ns = fake_now_ns - tc_rng_below(&crowd->rng, 10 * TICK_NS);
    else if (chance == 2) /* a whole tick */
        sleeper->deadline_ns = (fake_now_ns / TICK_NS + tc_rng_below(&crowd->rng, 200)) * TICK_NS;
    rt_wait_init(&sleeper->wait);
    rt_poll result =
        rt_sleep_until_poll(&sleeper->wait, &sleeper->cx, &sleeper->timer, sleeper->deadline_ns);
    assert_int_equal(result, sleeper->deadline_ns <= fake_now_ns ? 0 : RT_PENDING);
    sleeper->asleep = result == RT_PENDING;
    crowd->inserted += sleeper->asleep;
}

static void cancel(struct crowd *crowd, struct sleeper *sleeper)
{
    rt_sleep_until_drop(&sleeper->wait, &sleeper->timer, sleeper->deadline_ns);
    sleeper->asleep = false;
    crowd->cancelled++;
}

/* When the model would have to wake the next sleeper. */
static uint64_t model_next_ns(struct crowd *crowd)
{
    uint64_t next_ns = TC_NEVER;
    for (int id = 0; id < SLEEPERS; id++)
        if (crowd->sleepers[id].asleep && crowd->sleepers[id].deadline_ns < next_ns)
            next_ns = crowd->sleepers[id].deadline_ns;
    return next_ns == TC_NEVER ? TC_NEVER : tick_of(next_ns) * TICK_NS;
}

static void check_next(struct crowd *crowd)
{
    uint64_t next_ns = rt__wheel_next_ns(crowd->executor->wheel), model_ns = model_next_ns(crowd);
    if (model_ns == TC_NEVER)
        assert_int_equal(next_ns, TC_NEVER);
    else
        assert_true(next_ns <= model_ns && next_ns + TICK_NS > fake_now_ns);
}

/* How many the model says fire when time comes to `now_ns`. */
static int due_at(struct crowd *crowd, uint64_t now_ns)
{
    int due = 0;
    for (int id = 0; id < SLEEPERS; id++) {
        struct sleeper *sleeper = &crowd->sleepers[id];
        due += sleeper->asleep && sleeper->deadline_ns != TC_NEVER &&
               tick_of(sleeper->deadline_ns) <= now_ns / TICK_NS;
    }
    return due;
}

static void advance_to(struct crowd *crowd, uint64_t now_ns)
{
    int due = due_at(crowd, now_ns);
    fake_now_ns = now_ns;
    crowd->fired = 0;
    crowd->fired_ns = 0;
    rt__wheel_advance(crowd->executor->wheel, now_ns);
    rt_run_ready(crowd->executor);
    assert_int_equal(crowd->fired, due);
    crowd->total_fired += (uint64_t)due;
}

static void step(struct crowd *crowd)
{
    struct sleeper *sleeper = &crowd->sleepers[tc_rng_below(&crowd->rng, SLEEPERS)];
    uint64_t chance = tc_rng_below(&crowd->rng, 100), next_ns;
    if (chance < 60) {
        if (sleeper->asleep)
            cancel(crowd, sleeper);
        fall_asleep(crowd, sleeper);
    } else if (chance < 70 && sleeper->asleep) {
        cancel(crowd, sleeper);
    } else if (chance < 85) { /* a short jump; a long one now and then */
        advance_to(crowd, fake_now_ns + (distance_ns(crowd) >> (chance == 84 ? 0 : 20)));
    } else if ((next_ns = rt__wheel_next_ns(crowd->executor->wheel)) != TC_NEVER) {
        advance_to(crowd, next_ns > fake_now_ns ? next_ns : fake_now_ns);
    }
    check_next(crowd);
}

static void test_against_the_model(void **state)
{
    static struct crowd crowd;
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        print_message("seed %llu\n", (unsigned long long)seed);
        begin(&crowd, seed);
        for (int i = 0; i < STEPS; i++)
            step(&crowd);
        assert_true(crowd.total_fired > STEPS / 10 && crowd.cancelled > STEPS / 10);
        rt_executor_free(crowd.executor);
    }
}

static void start(struct crowd *crowd, int id, uint64_t deadline_ns)
{
    struct sleeper *sleeper = &crowd->sleepers[id];
    sleeper->deadline_ns = deadline_ns;
    rt_wait_init(&sleeper->wait);
    assert_int_equal(
        rt_sleep_until_poll(&sleeper->wait, &sleeper->cx, &sleeper->timer, sleeper->deadline_ns),
        RT_PENDING);
    sleeper->asleep = true;
}

/* Whoever sleeps until the wheel says arrives at a lonely timer in one go, within the horizon. */
static void test_looking_when_told_arrives(void **state)
{
    static struct crowd crowd;
    (void)state;
    begin(&crowd, 1);
    for (int bit = 0; bit <= 50; bit++) {
        for (int edge = -1; edge <= 1; edge++) {
            uint64_t deadline_ns = fake_now_ns + (UINT64_C(1) << bit) + (uint64_t)edge;
            if (deadline_ns <= fake_now_ns)
                continue;
            int looks_taken = 0;
            start(&crowd, 0, deadline_ns);
            for (; crowd.sleepers[0].asleep; looks_taken++)
                advance_to(&crowd, rt__wheel_next_ns(crowd.executor->wheel));
            assert_in_range(looks_taken, 1, 1 + (bit > 45 ? 1 << (bit - 45) : 0));
            assert_int_equal(fake_now_ns, tick_of(deadline_ns) * TICK_NS);
        }
    }
    rt_executor_free(crowd.executor);
}

/* A crowd that is far away is met when its slots begin: it moves down at most five times, and
 * beyond the horizon once more for each turn of the top level. */
static void test_a_crowd_is_met_a_few_times_before(void **state)
{
    static struct crowd crowd;
    (void)state;
    for (int bit = 12; bit <= 50; bit++) {
        uint64_t distance = UINT64_C(1) << bit;
        int looks_taken = 0;
        begin(&crowd, (uint64_t)bit);
        uint64_t deadline_ns = fake_now_ns + distance;
        for (int id = 0; id < SLEEPERS; id++)
            start(&crowd, id, deadline_ns);
        for (; crowd.sleepers[0].asleep; looks_taken++)
            advance_to(&crowd, rt__wheel_next_ns(crowd.executor->wheel));
        assert_in_range(looks_taken, 1, RT_WHEEL_LEVELS + (int)(distance >> 45));
        assert_int_equal(fake_now_ns, tick_of(deadline_ns) * TICK_NS);
        rt_executor_free(crowd.executor);
    }
}

/* While timers run the time is that of the last look: what has passed since is met at the next. */
static void test_the_time_is_that_of_the_last_look(void **state)
{
    static struct crowd crowd;
    (void)state;
    begin(&crowd, 1);
    uint64_t then_ns = fake_now_ns;
    assert_int_equal(rt_timer_now_ns(crowd.executor), then_ns);
    start(&crowd, 0, then_ns + 1000 * TICK_NS);
    fake_now_ns += 50 * TICK_NS;
    assert_int_equal(rt_timer_now_ns(crowd.executor), then_ns);
    start(&crowd, 1, then_ns + 10 * TICK_NS); /* in the past by now */
    advance_to(&crowd, fake_now_ns);
    assert_false(crowd.sleepers[1].asleep);
    assert_int_equal(rt_timer_now_ns(crowd.executor), fake_now_ns);
    rt_executor_free(crowd.executor);
}

/* Timers without an operation around them: fired once, stopped before and after, never. */
static void test_started_and_stopped(void **state)
{
    static struct crowd crowd;
    (void)state;
    begin(&crowd, 1);
    struct rt_cx *cx = &crowd.sleepers[0].cx;
    struct rt_timer soon, stopped, past, never;
    rt_timer_start(&soon, cx, fake_now_ns + 5 * TICK_NS);
    rt_timer_start(&stopped, cx, fake_now_ns + 5 * TICK_NS);
    rt_timer_start(&past, cx, fake_now_ns - 1);
    rt_timer_start(&never, cx, TC_NEVER);
    assert_true(rt_wait_is_idle(&never.wait));
    rt_timer_stop(&stopped);
    assert_true(rt_wait_is_idle(&stopped.wait));
    rt__wheel_advance(crowd.executor->wheel, fake_now_ns += TICK_NS);
    assert_true(rt_wait_is_granted(&past.wait) && rt_wait_is_waiting(&soon.wait));
    rt__wheel_advance(crowd.executor->wheel, fake_now_ns += 5 * TICK_NS);
    assert_true(rt_wait_is_granted(&soon.wait));
    rt_timer_stop(&soon);
    rt_timer_stop(&past);
    assert_int_equal(rt__wheel_next_ns(crowd.executor->wheel), TC_NEVER);
    assert_int_equal(crowd.executor->tail - crowd.executor->head, 1); /* woken once by both */
    crowd.sleepers[0].asleep = false;
    rt_executor_free(crowd.executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_against_the_model),
    cmocka_unit_test(test_looking_when_told_arrives),
    cmocka_unit_test(test_a_crowd_is_met_a_few_times_before),
    cmocka_unit_test(test_the_time_is_that_of_the_last_look),
    cmocka_unit_test(test_started_and_stopped),
};
TEST_MAIN(tests)
