/* SPDX-License-Identifier: MIT
 *
 * Tasks on a pool: results, the thread that they run on, a full queue, and tasks that spawn and
 * join tasks of the same pool, deeper than it has threads.
 */
#include "test_main.h"

#include "threads.h"

static struct tc_pool *new_pool(uint32_t threads, uint32_t queue)
{
    struct tc_pool *pool = tc_pool_new(&(struct tc_pool_config){
        .threads_max = threads, .queue_max = queue, .keep_alive_ns = TC_NEVER});
    assert_non_null(pool);
    return pool;
}

struct square {
    int64_t value;
    int64_t *done;
};

static int64_t square(void *frame)
{
    struct square *self = frame;
    if (self->done)
        bump(self->done);
    return self->value * self->value;
}

static void test_results_come_back(void **state)
{
    enum { TASKS = 1000 };
    struct tb_pool_handle handles[TASKS];
    (void)state;
    struct tc_pool *pool = new_pool(3, 10);
    for (int64_t i = 0; i < TASKS; i++)
        assert_int_equal(tb_pool_spawn(pool, square, &(struct square){i, NULL},
                                       sizeof(struct square), &handles[i]),
                         0);
    for (int64_t i = 0; i < TASKS; i++)
        assert_int_equal(tb_pool_join(handles[i]), i * i);
    tc_pool_free(pool);
}

static void test_without_a_handle_they_run_too(void **state)
{
    int64_t done = 0;
    (void)state;
    struct tc_pool *pool = new_pool(2, 4);
    for (int64_t i = 0; i < 500; i++)
        assert_int_equal(
            tb_pool_spawn(pool, square, &(struct square){i, &done}, sizeof(struct square), NULL),
            0);
    tc_pool_free(pool);
    assert_int_equal(done, 500);
}

struct fib {
    struct tc_pool *pool;
    int64_t n;
};

static int64_t fib(void *frame)
{
    struct fib *self = frame;
    struct fib less = {self->pool, self->n - 1}, least = {self->pool, self->n - 2};
    struct tb_pool_handle handle;
    if (self->n < 2)
        return self->n;
    MUST(tb_pool_spawn(self->pool, fib, &less, sizeof less, &handle) == 0);
    int64_t rest = fib(&least);
    return rest + tb_pool_join(handle);
}

/* Every joiner's task may still be queued behind it: without running it itself it would wait for
 * ever, on few threads at once. */
static void test_fork_and_join_on_few_threads(void **state)
{
    static const struct {
        uint32_t threads, queue;
    } cases[] = {{1, 1}, {1, 1000}, {2, 1}, {2, 1000}, {4, 100}};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(cases); i++) {
        struct tc_pool *pool = new_pool(cases[i].threads, cases[i].queue);
        struct fib root = {pool, 16};
        struct tb_pool_handle handle;
        assert_int_equal(tb_pool_spawn(pool, fib, &root, sizeof root, &handle), 0);
        assert_int_equal(tb_pool_join(handle), 987);
        tc_pool_free(pool);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_results_come_back),
    cmocka_unit_test(test_without_a_handle_they_run_too),
    cmocka_unit_test(test_fork_and_join_on_few_threads),
};
TEST_MAIN(tests)
