/* SPDX-License-Identifier: MIT
 *
 * The pool of threads: every job once and in order, the cap, the queue that pushes back, taking a
 * job back, threads that come and go, and the system refusing threads. pthread_create() passes
 * through here, to fail on demand. Jobs do not assert (cmocka's failure is a jump within one
 * thread): they leave what they saw.
 */
#include "test_main.h"

#include "base/clock.h"
#include "base/pool.h"
#include "base/status.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>

static _Atomic int creations_left = -1; /* how many threads may still be made; -1 for any number */

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*body)(void *), void *restrict argument)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real)
        real = dlsym(RTLD_NEXT, "pthread_create");
    if (creations_left == 0)
        return EAGAIN;
    creations_left -= creations_left > 0;
    return real(thread, attributes, body, argument);
}

static struct tc_pool *new_pool(uint32_t threads, uint32_t queue)
{
    struct tc_pool *pool = tc_pool_new(&(struct tc_pool_config){
        .threads_max = threads, .queue_max = queue, .keep_alive_ns = TC_NEVER});
    assert_non_null(pool);
    return pool;
}

static int64_t peek(const int64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void wait_until(const int64_t *word, int64_t value)
{
    while (peek(word) != value)
        sched_yield();
}

static void wait_for_idle(struct tc_pool *pool, uint32_t idle)
{
    while (tc_pool_stats(pool).idle != idle)
        sched_yield();
}

/* A job that says that it runs, waits for the gate where there is one, and says that it is done. */
struct probe {
    struct tc_job job;
    const int64_t *gate;     /* open when not 0; NULL: none */
    int64_t *running, *done; /* counters, shared between jobs */
    int64_t place;           /* how many had finished before it */
    pthread_t thread;
};

static void run_probe(struct tc_job *job)
{
    struct probe *probe = TC_CONTAINER_OF(job, struct probe, job);
    probe->thread = pthread_self();
    if (probe->running)
        __atomic_fetch_add(probe->running, 1, __ATOMIC_ACQ_REL);
    while (probe->gate && !peek(probe->gate))
        sched_yield();
    probe->place = __atomic_fetch_add(probe->done, 1, __ATOMIC_ACQ_REL);
}

#define PROBE(...) ((struct probe){.job.run = run_probe, __VA_ARGS__})

/* -- running -- */

static void test_every_job_runs_once(void **state)
{
    enum { JOBS = 5000 };
    static struct probe probes[JOBS];
    int64_t done = 0;
    (void)state;
    struct tc_pool *pool = new_pool(4, 0);
    for (int i = 0; i < JOBS; i++) {
        probes[i] = PROBE(.done = &done);
        assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
    }
    tc_pool_free(pool); /* drains */
    assert_int_equal(done, JOBS);
}

static void test_one_thread_keeps_the_order(void **state)
{
    enum { JOBS = 1000 };
    static struct probe probes[JOBS];
    int64_t done = 0, gate = 0;
    (void)state;
    struct tc_pool *pool = new_pool(1, 0);
    for (int i = 0; i < JOBS; i++) {
        probes[i] = PROBE(.done = &done, .gate = &gate);
        assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
    }
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    tc_pool_free(pool);
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(probes[i].place, i);
}

struct again {
    struct tc_job job;
    struct tc_pool *pool;
    int64_t left, *done;
};

static void run_again(struct tc_job *job)
{
    struct again *again = TC_CONTAINER_OF(job, struct again, job);
    if (--again->left == 0)
        __atomic_store_n(again->done, 1, __ATOMIC_RELEASE);
    else
        MUST(tc_pool_submit(again->pool, job) == 0);
}

static void test_a_job_may_submit_itself_again(void **state)
{
    int64_t done = 0;
    (void)state;
    struct tc_pool *pool = new_pool(2, 0);
    struct again again = {.job.run = run_again, .pool = pool, .left = 1000, .done = &done};
    assert_int_equal(tc_pool_submit(pool, &again.job), 0);
    wait_until(&done, 1);
    tc_pool_free(pool);
}

/* -- bounds -- */

static void test_cap_and_queue_push_back(void **state)
{
    enum { THREADS = 3, QUEUE = 5, JOBS = THREADS + QUEUE };
    struct probe probes[JOBS + 1];
    int64_t running = 0, done = 0, gate = 0;
    (void)state;
    struct tc_pool *pool = new_pool(THREADS, QUEUE);
    for (int i = 0; i <= JOBS; i++)
        probes[i] = PROBE(.running = &running, .done = &done, .gate = &gate);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
        wait_until(&running, i + 1); /* each on a thread of its own, or this hangs */
    }
    for (int i = THREADS; i < JOBS; i++)
        assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
    assert_int_equal(tc_pool_submit(pool, &probes[JOBS].job), -EAGAIN);
    struct tc_pool_stats stats = tc_pool_stats(pool);
    assert_int_equal(stats.threads, THREADS);
    assert_int_equal(stats.threads_peak, THREADS);
    assert_int_equal(stats.queued, QUEUE);
    assert_int_equal(stats.idle, 0);
    assert_int_equal(stats.refused, 0);
    assert_int_equal(peek(&running), THREADS);
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    wait_until(&done, JOBS);
    assert_int_equal(tc_pool_submit(pool, &probes[JOBS].job), 0);
    tc_pool_free(pool);
    assert_int_equal(done, JOBS + 1);
}

struct submitter {
    struct tc_pool *pool;
    struct probe *probes;
    int64_t count, sent;
};

static void *submit_all(void *argument)
{
    struct submitter *self = argument;
    for (int64_t i = 0; i < self->count; i++) {
        tc_pool_submit_wait(self->pool, &self->probes[i].job);
        __atomic_fetch_add(&self->sent, 1, __ATOMIC_ACQ_REL);
    }
    return NULL;
}

/* It gets as far as there is room and no further, and goes on with the room. */
static void test_submitting_waits_for_room(void **state)
{
    enum { QUEUE = 4, JOBS = 200 };
    static struct probe probes[JOBS];
    int64_t done = 0, gate = 0;
    pthread_t thread;
    (void)state;
    struct submitter submitter = {.pool = new_pool(1, QUEUE), .probes = probes, .count = JOBS};
    for (int i = 0; i < JOBS; i++)
        probes[i] = PROBE(.done = &done, .gate = &gate);
    assert_int_equal(pthread_create(&thread, NULL, submit_all, &submitter), 0);
    wait_until(&submitter.sent, 1 + QUEUE);
    for (int i = 0; i < 50; i++)
        sched_yield(); /* room to go too far */
    assert_int_equal(peek(&submitter.sent), 1 + QUEUE);
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    tc_pool_free(submitter.pool);
    assert_int_equal(done, JOBS);
}

static void test_a_job_can_be_taken_back(void **state)
{
    enum { JOBS = 9 };
    struct probe probes[JOBS], first;
    int64_t running = 0, done = 0, gate = 0;
    (void)state;
    struct tc_pool *pool = new_pool(1, JOBS);
    first = PROBE(.running = &running, .done = &done, .gate = &gate);
    assert_int_equal(tc_pool_submit(pool, &first.job), 0);
    wait_until(&running, 1);
    assert_false(tc_pool_withdraw(pool, &first.job));
    for (int i = 0; i < JOBS; i++) {
        probes[i] = PROBE(.running = &running, .done = &done);
        assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
    }
    assert_int_equal(tc_pool_submit(pool, &(struct probe){.job.run = run_probe}.job), -EAGAIN);
    for (int i = 0; i < JOBS; i += 2)
        assert_true(tc_pool_withdraw(pool, &probes[i].job));
    assert_false(tc_pool_withdraw(pool, &probes[0].job)); /* twice */
    assert_int_equal(tc_pool_stats(pool).queued, JOBS / 2);
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    wait_until(&done, 1 + JOBS / 2);
    assert_false(tc_pool_withdraw(pool, &probes[1].job)); /* it has run */
    tc_pool_free(pool);
    assert_int_equal(done, 1 + JOBS / 2);
}

/* -- threads come and go -- */

static void test_idle_threads_end_but_one(void **state)
{
    enum { THREADS = 4 };
    struct probe probes[THREADS], last;
    int64_t running = 0, done = 0, gate = 0;
    (void)state;
    struct tc_pool *pool = tc_pool_new(
        &(struct tc_pool_config){.threads_max = THREADS, .keep_alive_ns = 2 * TC_NS_PER_MS});
    assert_non_null(pool);
    for (int i = 0; i < THREADS; i++) {
        probes[i] = PROBE(.running = &running, .done = &done, .gate = &gate);
        assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
    }
    wait_until(&running, THREADS);
    assert_int_equal(tc_pool_stats(pool).threads, THREADS);
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    while (tc_pool_stats(pool).threads > 1)
        sched_yield();
    usleep(10000);      /* time for the last one to end too, which it must not */
    creations_left = 0; /* nobody could take its place */
    last = PROBE(.done = &done);
    assert_int_equal(tc_pool_submit(pool, &last.job), 0);
    wait_until(&done, THREADS + 1);
    assert_int_equal(tc_pool_stats(pool).threads_peak, THREADS);
    tc_pool_free(pool);
}

/* Two threads are idle; one job after another goes to the one that had the last. */
static void test_the_last_to_idle_works_first(void **state)
{
    struct probe both[2], next[20];
    int64_t running = 0, done = 0, gates[2] = {0, 0};
    (void)state;
    struct tc_pool *pool = new_pool(2, 0);
    for (int i = 0; i < 2; i++) {
        both[i] = PROBE(.running = &running, .done = &done, .gate = &gates[i]);
        assert_int_equal(tc_pool_submit(pool, &both[i].job), 0);
    }
    wait_until(&running, 2);
    for (int i = 0; i < 2; i++) {
        __atomic_store_n(&gates[i], 1, __ATOMIC_RELEASE);
        wait_for_idle(pool, (uint32_t)i + 1);
    }
    for (int i = 0; i < 20; i++) {
        next[i] = PROBE(.done = &done);
        assert_int_equal(tc_pool_submit(pool, &next[i].job), 0);
        wait_for_idle(pool, 2);
        assert_true(pthread_equal(next[i].thread, both[1].thread));
    }
    assert_false(pthread_equal(both[0].thread, both[1].thread));
    tc_pool_free(pool);
}

/* -- without threads -- */

static void test_no_first_thread_no_pool(void **state)
{
    (void)state;
    creations_left = 0;
    assert_null(tc_pool_new(&(struct tc_pool_config){0}));
    assert_int_equal(errno, EAGAIN);
    creations_left = -1;
    assert_null(tc_pool_new(&(struct tc_pool_config){.stack_bytes = 1}));
    assert_int_equal(errno, EINVAL);
}

/* Refused at the k-th thread of eight: it works on with those it has, says so, and makes the
 * others as soon as it may. */
static void test_refused_threads_are_done_without(void **state)
{
    enum { THREADS = 8, JOBS = 40 };
    (void)state;
    for (int k = 1; k < THREADS; k++) {
        struct probe probes[JOBS];
        int64_t done = 0, running = 0, gate = 0;
        creations_left = k;
        struct tc_pool *pool = new_pool(THREADS, JOBS);
        for (int i = 0; i < JOBS / 2; i++) {
            probes[i] = PROBE(.running = &running, .done = &done, .gate = &gate);
            assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
        }
        wait_until(&running, k);
        assert_int_equal(tc_pool_stats(pool).threads, k);
        assert_true(tc_pool_stats(pool).refused > 0);
        creations_left = -1;
        for (int i = JOBS / 2; i < JOBS; i++) {
            probes[i] = PROBE(.running = &running, .done = &done, .gate = &gate);
            assert_int_equal(tc_pool_submit(pool, &probes[i].job), 0);
        }
        wait_until(&running, THREADS);
        __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
        tc_pool_free(pool);
        assert_int_equal(done, JOBS);
    }
}

/* -- everything at once -- */

/* Several submit, jobs are short, threads idle out between: nothing is lost or run twice. */
static void test_storm(void **state)
{
    enum { SUBMITTERS = 4, EACH = 3000 };
    static struct probe probes[SUBMITTERS][EACH];
    struct submitter submitters[SUBMITTERS];
    pthread_t threads[SUBMITTERS];
    int64_t done = 0;
    (void)state;
    struct tc_pool *pool = tc_pool_new(&(struct tc_pool_config){
        .threads_max = 3, .queue_max = 2, .keep_alive_ns = 20 * TC_NS_PER_US});
    assert_non_null(pool);
    for (int s = 0; s < SUBMITTERS; s++) {
        for (int i = 0; i < EACH; i++)
            probes[s][i] = PROBE(.done = &done);
        submitters[s] = (struct submitter){.pool = pool, .probes = probes[s], .count = EACH};
        assert_int_equal(pthread_create(&threads[s], NULL, submit_all, &submitters[s]), 0);
    }
    for (int s = 0; s < SUBMITTERS; s++)
        pthread_join(threads[s], NULL);
    tc_pool_free(pool);
    assert_int_equal(done, SUBMITTERS * EACH);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_job_runs_once),
    cmocka_unit_test(test_one_thread_keeps_the_order),
    cmocka_unit_test(test_a_job_may_submit_itself_again),
    cmocka_unit_test(test_cap_and_queue_push_back),
    cmocka_unit_test(test_submitting_waits_for_room),
    cmocka_unit_test(test_a_job_can_be_taken_back),
    cmocka_unit_test(test_idle_threads_end_but_one),
    cmocka_unit_test(test_the_last_to_idle_works_first),
    cmocka_unit_test(test_no_first_thread_no_pool),
    cmocka_unit_test(test_refused_threads_are_done_without),
    cmocka_unit_test(test_storm),
};
TEST_MAIN(tests)
