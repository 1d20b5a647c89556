/* SPDX-License-Identifier: MIT
 *
 * Semaphores as rt/semaphore.h documents them: permits conserved, first come first served whatever
 * is asked for, and nothing lost with those who give up.
 */
#include "test_main.h"

#include "stage.h"

static rt_poll acquire(struct stage *stage, int who, struct rt_semaphore *semaphore, uint32_t count)
{
    return POLL(stage, who, rt_semaphore_acquire, semaphore, count);
}

static void test_permits_are_counted(void **state)
{
    struct stage stage;
    struct rt_semaphore semaphore;
    (void)state;
    begin(&stage);
    rt_semaphore_init(&semaphore, 5);
    assert_int_equal(acquire(&stage, 0, &semaphore, 2), 0);
    assert_int_equal(acquire(&stage, 1, &semaphore, 3), 0);
    assert_int_equal(acquire(&stage, 2, &semaphore, 0), 0); /* nothing is always there */
    assert_false(rt_semaphore_try_acquire(&semaphore, 1));
    assert_int_equal(acquire(&stage, 2, &semaphore, 1), RT_PENDING);
    rt_semaphore_release(&semaphore, 2);
    assert_woken(&stage, 4);
    assert_int_equal(semaphore.permits, 1); /* one is granted already */
    assert_int_equal(acquire(&stage, 2, &semaphore, 1), 0);
    assert_true(rt_semaphore_try_acquire(&semaphore, 1));
    rt_semaphore_release(&semaphore, 7); /* more than ever were there: two are new */
    assert_int_equal(semaphore.permits, 7);
    end(&stage);
}

/* However many small requests come, the large one in front of them is served first. */
static void test_small_requests_do_not_overtake_a_large_one(void **state)
{
    struct stage stage;
    struct rt_semaphore semaphore;
    (void)state;
    begin(&stage);
    rt_semaphore_init(&semaphore, 3);
    assert_int_equal(acquire(&stage, 0, &semaphore, 4), RT_PENDING);
    assert_int_equal(acquire(&stage, 1, &semaphore, 1), RT_PENDING); /* 3 are free, and stay so */
    assert_int_equal(acquire(&stage, 2, &semaphore, 2), RT_PENDING);
    assert_false(rt_semaphore_try_acquire(&semaphore, 1));
    assert_woken(&stage, 0);
    rt_semaphore_release(&semaphore, 1);
    assert_woken(&stage, 1);
    assert_int_equal(acquire(&stage, 0, &semaphore, 4), 0);
    rt_semaphore_release(&semaphore, 4);
    assert_woken(&stage, 6); /* both fit */
    assert_int_equal(semaphore.permits, 1);
    assert_int_equal(acquire(&stage, 2, &semaphore, 2), 0);
    assert_int_equal(acquire(&stage, 1, &semaphore, 1), 0);
    end(&stage);
}

static void test_permits_add_up_for_a_large_request(void **state)
{
    struct stage stage;
    struct rt_semaphore semaphore;
    (void)state;
    begin(&stage);
    rt_semaphore_init(&semaphore, 0);
    assert_int_equal(acquire(&stage, 0, &semaphore, 3), RT_PENDING);
    for (int released = 1; released <= 3; released++) {
        assert_woken(&stage, 0);
        rt_semaphore_release(&semaphore, 1);
    }
    assert_woken(&stage, 1);
    assert_int_equal(acquire(&stage, 0, &semaphore, 3), 0);
    assert_int_equal(semaphore.permits, 0);
    end(&stage);
}

/* A large request that gives up lets those pass that it was in the way of. */
static void test_giving_up_lets_others_pass(void **state)
{
    struct stage stage;
    struct rt_semaphore semaphore;
    (void)state;
    begin(&stage);
    rt_semaphore_init(&semaphore, 2);
    assert_int_equal(acquire(&stage, 0, &semaphore, 5), RT_PENDING);
    assert_int_equal(acquire(&stage, 1, &semaphore, 1), RT_PENDING);
    assert_int_equal(acquire(&stage, 2, &semaphore, 1), RT_PENDING);
    assert_int_equal(acquire(&stage, 3, &semaphore, 1), RT_PENDING);
    DROP(&stage, 0, rt_semaphore_acquire, &semaphore, 5);
    assert_woken(&stage, 6);
    DROP(&stage, 1, rt_semaphore_acquire, &semaphore, 1); /* granted: its permit goes on */
    assert_woken(&stage, 8);
    assert_int_equal(acquire(&stage, 2, &semaphore, 1), 0);
    assert_int_equal(acquire(&stage, 3, &semaphore, 1), 0);
    assert_int_equal(semaphore.permits, 0);
    end(&stage);
}

static void test_a_granted_request_given_up_is_released(void **state)
{
    struct stage stage;
    struct rt_semaphore semaphore;
    (void)state;
    begin(&stage);
    rt_semaphore_init(&semaphore, 0);
    assert_int_equal(acquire(&stage, 0, &semaphore, 3), RT_PENDING);
    rt_semaphore_release(&semaphore, 4);
    DROP(&stage, 0, rt_semaphore_acquire, &semaphore, 3);
    assert_int_equal(semaphore.permits, 4);
    end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_permits_are_counted),
    cmocka_unit_test(test_small_requests_do_not_overtake_a_large_one),
    cmocka_unit_test(test_permits_add_up_for_a_large_request),
    cmocka_unit_test(test_giving_up_lets_others_pass),
    cmocka_unit_test(test_a_granted_request_given_up_is_released),
};
TEST_MAIN(tests)
