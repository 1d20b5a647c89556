/* SPDX-License-Identifier: MIT
 *
 * What an executor can be told: how many tasks may live, how much one poll may do, which clock it
 * goes by; and what misuse of an async function gets.
 */
#include "test_main.h"

#include "counting.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct rt_executor *executor_with(struct rt_config config)
{
    struct rt_executor *executor = rt_executor_new(&config);
    assert_non_null(executor);
    return executor;
}

/* -- tasks_max -- */

static void test_no_more_tasks_than_the_limit(void **state)
{
    (void)state;
    const size_t limits[] = {1, 2, 255, 256, 257, 1000};
    for (size_t i = 0; i < TC_COUNT_OF(limits); i++) {
        struct rt_executor *executor = executor_with((struct rt_config){.tasks_max = limits[i]});
        struct probe probe = {0};
        struct rt_handle first = spawn_probe(executor, &probe), ignored;
        for (size_t n = 1; n < limits[i]; n++)
            SPAWN_DETACHED(executor, counting, {.probe = &probe});
        for (int again = 0; again < 2; again++) {
            assert_int_equal(RT_SPAWN(executor, counting, &ignored, {.probe = &probe}), -EAGAIN);
            rt_run_ready(executor);
        }
        assert_true(rt_abort(first));
        SPAWN_DETACHED(executor, counting, {.probe = &probe}); /* there is room for one again */
        assert_int_equal(RT_SPAWN(executor, counting, &ignored, {.probe = &probe}), -EAGAIN);
        rt_detach(first);
        rt_executor_free(executor);
        assert_int_equal(probe.drops, limits[i] + 1);
    }
}

/* -- the budget -- */

/* Takes part in an operation that is always ready, as a channel with a message for every poll. */
static rt_poll ready_poll(struct rt_wait *wait, struct rt_cx *cx)
{
    (void)wait;
    return rt_budget_spent(cx) ? RT_PENDING : 0;
}

static void ready_drop(struct rt_wait *wait)
{
    (void)wait;
}

struct greedy {
    RT_FRAME;
    int operations, polls;
    const int *others; /* how often the other task was polled */
    int seen[8];       /* at the start of each poll */
};

static rt_poll greedy(void *frame, struct rt_cx *cx)
{
    struct greedy *self = frame;
    if (cx)
        self->seen[self->polls++ & 7] = *self->others;
    RT_BEGIN(self, cx);
    for (; self->operations > 0; self->operations--)
        RT_AWAIT(ready);
    RT_END(self->polls);
}

struct yielder {
    RT_FRAME;
    int *polls;
};

static rt_poll yielder(void *frame, struct rt_cx *cx)
{
    struct yielder *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        ++*self->polls;
        RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

static void test_a_task_always_ready_lets_the_others_run(void **state)
{
    (void)state;
    struct rt_executor *executor = executor_with((struct rt_config){.budget = 10});
    int polls = 0;
    struct rt_handle handle = SPAWNED(executor, greedy, {.operations = 35, .others = &polls});
    struct greedy *self = (void *)handle.task->frame;
    SPAWN_DETACHED(executor, yielder, {.polls = &polls});
    assert_int_equal(rt_block_on(executor, handle), 4); /* 10, 10, 10 and 5 operations */
    for (int poll = 0; poll < 4; poll++)
        assert_int_equal(self->seen[poll], poll);
    rt_executor_free(executor);
}

/* -- the clock -- */

struct test_clock {
    struct rt_clock clock;
    uint64_t now_ns;
    int idles;
};

static uint64_t now(struct rt_clock *clock)
{
    return ((struct test_clock *)clock)->now_ns;
}

static void idle_until(struct rt_clock *clock, uint64_t deadline_ns)
{
    struct test_clock *self = (struct test_clock *)clock;
    assert_true(deadline_ns > self->now_ns);
    self->now_ns = deadline_ns;
    self->idles++;
}

struct sleeper {
    RT_FRAME;
    struct rt_timer timer;
    uint64_t deadline_ns;
};

static rt_poll sleeper(void *frame, struct rt_cx *cx)
{
    struct sleeper *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_sleep_until, &self->timer, self->deadline_ns);
    RT_END(0);
}

static void test_a_year_passes_at_once(void **state)
{
    (void)state;
    const uint64_t year_ns = UINT64_C(365) * 24 * 3600 * TC_NS_PER_S;
    struct test_clock clock = {.clock = {now, idle_until}, .now_ns = 5};
    struct rt_executor *executor = executor_with((struct rt_config){.clock = &clock.clock});
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, sleeper, {.deadline_ns = year_ns})),
                     0);
    assert_in_range(clock.now_ns, year_ns, year_ns + 2 * TC_NS_PER_MS);
    assert_true(clock.idles > 0);
    rt_executor_free(executor);
}

/* -- misuse -- */

static rt_poll once(void *frame, struct rt_cx *cx)
{
    struct yielder *self = frame;
    RT_BEGIN(self, cx);
    RT_END(0);
}

static void test_polling_after_the_end_aborts_with_the_name(void **state)
{
    (void)state;
    for (int dropped = 0; dropped < 2; dropped++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct rt_executor *executor = rt_executor_new(NULL);
            struct rt_cx cx = {.executor = executor};
            struct yielder frame = {0};
            dup2(ends[1], STDERR_FILENO);
            signal(SIGABRT, SIG_DFL);
            once(&frame, &cx);
            once(&frame, dropped ? NULL : &cx);
            _exit(0);
        }
        close(ends[1]);
        char message[256] = "";
        assert_true(read(ends[0], message, sizeof message - 1) > 0);
        assert_non_null(strstr(message, "async function once "));
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        close(ends[0]);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_no_more_tasks_than_the_limit),
    cmocka_unit_test(test_a_task_always_ready_lets_the_others_run),
    cmocka_unit_test(test_a_year_passes_at_once),
    cmocka_unit_test(test_polling_after_the_end_aborts_with_the_name),
};
TEST_MAIN(tests)
