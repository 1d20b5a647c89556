/* SPDX-License-Identifier: MIT
 *
 * Memory that is refused to what looks inside: an executor that can't have its ring of records is
 * not made, a thread that can't be made is an answer, and afterwards all works. (The sweep of the
 * runtime's own test_allocation.c is run in this flavour too.)
 */
#include "test_main.h"

#include "seen.h"

static volatile int calls, fails_at; /* 1 is the next allocation, 0 none */

#if defined(__GLIBC__) && !defined(TC_SANITIZED)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);

static bool refused(void)
{
    calls++;
    if (fails_at == 0 || --fails_at > 0)
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refused() ? NULL : __libc_calloc(count, size);
}

#endif

static void need_our_allocator(void)
{
    calls = 0;
    free(malloc(1));
    if (calls == 0) {
        print_message("skipped: another allocator has taken our place\n");
        skip();
    }
}

static void test_an_executor_that_cannot_be_watched_is_not_made(void **state)
{
    const struct rt_config config = {.trace_events = 1 << 12};
    struct rt_executor *executor = NULL;
    int at = 0;
    (void)state;
    need_our_allocator();
    while (!executor) {
        fails_at = ++at;
        executor = rt_executor_new(&config);
        bool was_refused = fails_at == 0;
        fails_at = 0;
        assert_true(was_refused == !executor);
        assert_int_equal(rt_live_objects(RT_EXECUTORS), executor != NULL);
        assert_true(at < 50);
    }
    assert_true(at > 4);
    rt_executor_free(executor);
}

static void test_a_watch_that_cannot_be_kept_is_refused(void **state)
{
    struct stage stage;
    struct probe probe = {.finish_at = 1};
    (void)state;
    need_our_allocator();
    begin(&stage, NULL);
    fails_at = 1;
    assert_int_equal(rt_watch_stalls(stage.executor), -ENOMEM);
    fails_at = 0;
    assert_int_equal(rt_block_on(stage.executor, spawn_probe(stage.executor, &probe)), 0);
    assert_int_equal(rt_watch_stalls(stage.executor), 0);
    end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_an_executor_that_cannot_be_watched_is_not_made),
    cmocka_unit_test(test_a_watch_that_cannot_be_kept_is_refused),
};
TEST_MAIN(tests)
