/* SPDX-License-Identifier: MIT
 *
 * The clock: it does not go back, splits into seconds and nanoseconds without loss, is the one that
 * it says to be, and its calibration tells of this machine.
 */
#include "test_main.h"

#include "base/clock.h"
#include "base/status.h"

static void test_it_does_not_go_back(void **state)
{
    uint64_t last = tc_now_ns();
    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t now = tc_now_ns();
        assert_true(now >= last);
        last = now;
    }
}

/* Between two readings of the system's own. */
static void test_it_is_the_monotonic_clock(void **state)
{
    struct timespec before, after;
    (void)state;
    clock_gettime(CLOCK_MONOTONIC, &before);
    uint64_t now = tc_now_ns();
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(now >= (uint64_t)before.tv_sec * TC_NS_PER_S + (uint64_t)before.tv_nsec);
    assert_true(now <= (uint64_t)after.tv_sec * TC_NS_PER_S + (uint64_t)after.tv_nsec);
}

static void test_splitting_loses_nothing(void **state)
{
    static const uint64_t values[] = {
        0, 1, TC_NS_PER_S - 1, TC_NS_PER_S, TC_NS_PER_S + 1, 123456789012345678, TC_NEVER};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(values); i++) {
        struct timespec split = tc_timespec(values[i]);
        assert_in_range(split.tv_nsec, 0, 999999999);
        assert_true((uint64_t)split.tv_sec * TC_NS_PER_S + (uint64_t)split.tv_nsec == values[i]);
    }
}

static void test_units(void **state)
{
    (void)state;
    assert_true(TC_NS_PER_S == 1000 * TC_NS_PER_MS && TC_NS_PER_MS == 1000 * TC_NS_PER_US);
    assert_true(TC_NS_PER_US == 1000);
}

/* A step is a difference of two readings, so that it is at least one, and no reading can cost less
 * than nothing; how much either is, only the machine knows. */
static void test_calibration_tells_of_this_machine(void **state)
{
    double cost_ns = -1;
    uint64_t step_ns = 0, start_ns = tc_now_ns();
    (void)state;
    tc_clock_calibrate(&cost_ns, &step_ns);
    uint64_t whole_ns = tc_now_ns() - start_ns;
    assert_true(cost_ns > 0);
    assert_true(step_ns >= 1 && step_ns <= whole_ns);
    /* Its 31,000 readings were made within that time: the median can't be more than a half of them
     * would allow. */
    assert_true(cost_ns * 16 * 1000 <= (double)whole_ns);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_it_does_not_go_back),
    cmocka_unit_test(test_it_is_the_monotonic_clock),
    cmocka_unit_test(test_splitting_loses_nothing),
    cmocka_unit_test(test_units),
    cmocka_unit_test(test_calibration_tells_of_this_machine),
};
TEST_MAIN(tests)
