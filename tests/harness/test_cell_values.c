/* SPDX-License-Identifier: MIT
 *
 * The order of a parameter's values, which tables and the lines of charts follow.
 */
#include "test_main.h"

#include "harness/results.h"

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

/* Each list ascends; what stands later is greater than all before it. */
static void test_values_are_ordered_by_what_they_mean(void **state)
{
    static const char *const lists[][5] = {{"default", "16KiB", "64KiB", "1MiB", "8MiB"},
                                           {"0ns", "100ns", "3us", "300us", "1ms"},
                                           {"default", "batch", "other", "some", "zebra"}};
    (void)state;
    for (size_t list = 0; list < TC_COUNT_OF(lists); list++)
        for (size_t i = 0; i < 5; i++)
            for (size_t k = 0; k < 5; k++)
                assert_int_equal(sign(tc_value_compare(lists[list][i], lists[list][k])),
                                 (i > k) - (i < k));
}

static void test_only_equal_ones_are_equal(void **state)
{
    (void)state;
    assert_int_not_equal(tc_value_compare("1024", "1KiB"), 0);
    assert_int_not_equal(tc_value_compare("1000ns", "1us"), 0);
    assert_int_equal(tc_value_compare("default", "default"), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_values_are_ordered_by_what_they_mean),
    cmocka_unit_test(test_only_equal_ones_are_equal),
};
TEST_MAIN(tests)
