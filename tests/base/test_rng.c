/* SPDX-License-Identifier: MIT
 *
 * The generator against the published sequences of its two parts, and its uses: bounds, uniformity
 * by a chi-square that is the same on every machine (the seed is fixed), shuffles.
 *
 * The words for state {1, 2, 3, 4} are those of the rand_xoshiro crate's test, which were made with
 * the authors' C code; those of splitmix64 for 1234567 are Rosetta Code's, and those for 0 were
 * computed apart, in Python's whole numbers.
 */
#include "test_main.h"

#include "base/rng.h"
#include "base/status.h"

#include <stdbool.h>
#include <sys/wait.h>

static void test_the_reference_sequence(void **state)
{
    static const uint64_t expected[] = {
        11520,
        0,
        1509978240,
        1215971899390074240,
        1216172134540287360,
        607988272756665600,
        UINT64_C(16172922978634559625),
        8476171486693032832,
        UINT64_C(10595114339597558777),
        2904607092377533576,
    };
    struct tc_rng rng = {{1, 2, 3, 4}};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(expected); i++)
        assert_true(tc_rng_next(&rng) == expected[i]);
}

static void test_the_seed_goes_through_splitmix64(void **state)
{
    static const struct tc_rng zero = {{UINT64_C(0xe220a8397b1dcdaf), UINT64_C(0x6e789e6aa1b965f4),
                                        UINT64_C(0x06c45d188009454f),
                                        UINT64_C(0xf88bb8a8724c81ec)}};
    static const struct tc_rng other = {
        {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
         UINT64_C(9817491932198370423), UINT64_C(4593380528125082431)}};
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 0);
    assert_memory_equal(&rng, &zero, sizeof rng);
    tc_rng_seed(&rng, 1234567);
    assert_memory_equal(&rng, &other, sizeof rng);
}

static void test_the_same_seed_gives_the_same(void **state)
{
    struct tc_rng a, b, c;
    bool differs = false;
    (void)state;
    tc_rng_seed(&a, 42);
    tc_rng_seed(&b, 42);
    tc_rng_seed(&c, 43);
    for (int i = 0; i < 100; i++) {
        uint64_t value = tc_rng_next(&a);
        assert_true(value == tc_rng_next(&b));
        differs |= value != tc_rng_next(&c);
    }
    assert_true(differs);
}

static void test_values_stay_below_their_bound(void **state)
{
    static const uint64_t bounds[] = {
        1, 2, 3, 1000, UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1, UINT64_MAX};
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 5);
    for (size_t i = 0; i < TC_COUNT_OF(bounds); i++)
        for (int draw = 0; draw < 1000; draw++)
            assert_true(tc_rng_below(&rng, bounds[i]) < bounds[i]);
}

/* 99.9 % of chi-square with 9 degrees of freedom is 27.88. */
static void assert_uniform(const unsigned *counts, unsigned draws)
{
    double expected = draws / 10.0, chi_square = 0;
    for (int i = 0; i < 10; i++)
        chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
    assert_true(chi_square < 27.88);
    assert_true(chi_square > 0);
}

static void test_values_are_uniform(void **state)
{
    enum { DRAWS = 100000 };
    unsigned counts[10] = {0};
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 6);
    for (int i = 0; i < DRAWS; i++)
        counts[tc_rng_below(&rng, 10)]++;
    assert_uniform(counts, DRAWS);
}

/* Three quarters of 2^64: a plain remainder would give the lowest third twice as often. */
static void test_there_is_no_modulo_bias(void **state)
{
    enum { DRAWS = 30000 };
    const uint64_t third = UINT64_C(1) << 62, bound = 3 * third;
    int counts[3] = {0};
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 7);
    for (int i = 0; i < DRAWS; i++)
        counts[tc_rng_below(&rng, bound) / third]++;
    for (int i = 0; i < 3; i++)
        assert_in_range(counts[i], DRAWS / 3 - 500, DRAWS / 3 + 500); /* 6 standard deviations */
}

static void test_a_shuffle_keeps_every_item(void **state)
{
    enum { COUNT = 1000 };
    size_t items[COUNT], seen[COUNT] = {0}, at_home = 0;
    struct tc_rng rng;
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        items[i] = i;
    tc_rng_seed(&rng, 8);
    tc_rng_shuffle(&rng, items, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(items[i] < COUNT);
        assert_int_equal(seen[items[i]]++, 0);
        at_home += items[i] == i;
    }
    assert_true(at_home < 20); /* one is expected */
}

/* Each of ten items comes to each place equally often. */
static void test_a_shuffle_is_uniform(void **state)
{
    enum { SHUFFLES = 20000 };
    unsigned counts[10][10] = {{0}};
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 9);
    for (int shuffle = 0; shuffle < SHUFFLES; shuffle++) {
        size_t items[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        tc_rng_shuffle(&rng, items, 10);
        for (int place = 0; place < 10; place++)
            counts[items[place]][place]++;
    }
    for (int item = 0; item < 10; item++)
        assert_uniform(counts[item], SHUFFLES);
}

static void test_short_shuffles(void **state)
{
    size_t one = 5;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 10);
    tc_rng_shuffle(&rng, NULL, 0);
    tc_rng_shuffle(&rng, &one, 1);
    assert_int_equal(one, 5);
}

static void test_a_bound_of_nothing_is_a_bug(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct tc_rng rng;
        tc_rng_seed(&rng, 0);
        exit((int)tc_rng_below(&rng, 0));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_reference_sequence),
    cmocka_unit_test(test_the_seed_goes_through_splitmix64),
    cmocka_unit_test(test_the_same_seed_gives_the_same),
    cmocka_unit_test(test_values_stay_below_their_bound),
    cmocka_unit_test(test_values_are_uniform),
    cmocka_unit_test(test_there_is_no_modulo_bias),
    cmocka_unit_test(test_a_shuffle_keeps_every_item),
    cmocka_unit_test(test_a_shuffle_is_uniform),
    cmocka_unit_test(test_short_shuffles),
    cmocka_unit_test(test_a_bound_of_nothing_is_a_bug),
};
TEST_MAIN(tests)
