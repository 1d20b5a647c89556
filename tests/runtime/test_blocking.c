/* SPDX-License-Identifier: MIT
 *
 * The blocking pool seen from tasks: results and arguments come back, the executor goes on
 * meanwhile, neither threads nor queue exceed their bounds however many jobs there are, and a job
 * may be given up at any moment.
 */
#include "test_main.h"

#include "counting.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int running, most_running, finished, gate_closed;

struct work {
    int64_t in, out;
    bool through_gate;
};

static int64_t square(void *data)
{
    struct work *work = data;
    int now = atomic_fetch_add(&running, 1) + 1, most = atomic_load(&most_running);
    while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now)) {
    }
    while (work->through_gate && atomic_load(&gate_closed))
        usleep(100);
    work->out = work->in * work->in;
    atomic_fetch_sub(&running, 1);
    atomic_fetch_add(&finished, 1);
    return work->in + 1;
}

struct client {
    RT_FRAME;
    struct work work;
    int64_t result;
};

static rt_poll client(void *frame, struct rt_cx *cx)
{
    struct client *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->result, rt_blocking, square, &self->work, sizeof self->work);
    assert_int_equal(self->result, self->work.in + 1);
    assert_int_equal(self->work.out, self->work.in * self->work.in);
    RT_END(self->result);
}

static struct rt_executor *executor_with(size_t threads, size_t queue)
{
    atomic_store(&running, 0);
    atomic_store(&most_running, 0);
    atomic_store(&finished, 0);
    atomic_store(&gate_closed, 0);
    struct rt_config config = {.blocking_threads = threads, .blocking_queue = queue};
    struct rt_executor *executor = rt_executor_new(&config);
    assert_non_null(executor);
    return executor;
}

static void test_the_result_and_the_arguments_come_back(void **state)
{
    (void)state;
    struct rt_executor *executor = executor_with(0, 0);
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, client, {.work.in = 6})), 7);
    rt_executor_free(executor);
}

static void test_a_flood_stays_within_the_bounds(void **state)
{
    (void)state;
    enum { JOBS = 500, THREADS = 3, QUEUE = 5 };
    struct rt_executor *executor = executor_with(THREADS, QUEUE);
    struct rt_handle handles[JOBS];
    for (int i = 0; i < JOBS; i++)
        handles[i] = SPAWNED(executor, client, {.work.in = i});
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(rt_block_on(executor, handles[i]), i + 1);
    assert_int_equal(atomic_load(&finished), JOBS);
    assert_in_range(atomic_load(&most_running), 1, THREADS);
    rt_executor_free(executor);
}

static void test_the_executor_goes_on_meanwhile(void **state)
{
    (void)state;
    struct rt_executor *executor = executor_with(1, 1);
    atomic_store(&gate_closed, 1);
    struct rt_handle blocked = SPAWNED(executor, client, {.work = {.in = 2, .through_gate = true}});
    run_one_lap(executor);
    run_one_lap(executor);
    assert_int_equal(atomic_load(&finished), 0);
    atomic_store(&gate_closed, 0);
    assert_int_equal(rt_block_on(executor, blocked), 3);
    rt_executor_free(executor);
}

/* One job runs, one is queued, two tasks wait for room: each is aborted in turn. */
static void test_given_up_in_every_state(void **state)
{
    (void)state;
    enum { TASKS = 4 };
    for (int victim = 0; victim < TASKS; victim++) {
        struct rt_executor *executor = executor_with(1, 1);
        struct rt_handle handles[TASKS];
        atomic_store(&gate_closed, 1);
        for (int i = 0; i < TASKS; i++)
            handles[i] = SPAWNED(executor, client, {.work = {.in = i, .through_gate = true}});
        rt_run_ready(executor);
        while (atomic_load(&running) == 0)
            usleep(100);
        assert_true(rt_abort(handles[victim]));
        atomic_store(&gate_closed, 0);
        for (int i = 0; i < TASKS; i++)
            assert_int_equal(rt_block_on(executor, handles[i]), i == victim ? -ECANCELED : i + 1);
        rt_executor_free(executor);
        assert_int_equal(atomic_load(&finished), victim == 0 ? TASKS : TASKS - 1);
    }
}

/* A job that is back but not yet read, and one that was told of room but has not tried again. */
static void test_given_up_when_woken(void **state)
{
    (void)state;
    enum { TASKS = 3 };
    for (int victim = 0; victim < TASKS; victim++) {
        struct rt_executor *executor = executor_with(1, 1);
        struct rt_handle handles[TASKS];
        for (int i = 0; i < TASKS; i++)
            handles[i] = SPAWNED(executor, client, {.work.in = i});
        rt_run_ready(executor);
        while (atomic_load(&finished) == 0)
            usleep(100);
        usleep(1000);
        /* The posts are run by a turn that begins with another task, which then aborts. */
        struct rt_handle handle = handles[victim];
        run_one_lap(executor);
        rt_abort(handle);
        for (int i = 0; i < TASKS; i++) {
            int64_t result = rt_block_on(executor, handles[i]);
            assert_true(result == i + 1 || (i == victim && result == -ECANCELED));
        }
        rt_executor_free(executor);
    }
}

static void test_freed_while_jobs_are_out(void **state)
{
    (void)state;
    struct rt_executor *executor = executor_with(2, 4);
    for (int i = 0; i < 20; i++)
        SPAWN_DETACHED(executor, client, {.work.in = i});
    rt_run_ready(executor);
    rt_executor_free(executor);
    assert_int_equal(atomic_load(&running), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_result_and_the_arguments_come_back),
    cmocka_unit_test(test_a_flood_stays_within_the_bounds),
    cmocka_unit_test(test_the_executor_goes_on_meanwhile),
    cmocka_unit_test(test_given_up_in_every_state),
    cmocka_unit_test(test_given_up_when_woken),
    cmocka_unit_test(test_freed_while_jobs_are_out),
};
TEST_MAIN(tests)
