/* SPDX-License-Identifier: MIT
 *
 * Numbers as people type them: what is taken, and everything that must not be.
 */
#include "test_main.h"

#include "base/parse.h"

#include <inttypes.h>

enum { UNTOUCHED = 77 };

static void assert_count(const char *text, uint64_t min, uint64_t max, uint64_t expected)
{
    uint64_t value = UNTOUCHED;
    assert_int_equal(tc_parse_count(text, "-n", min, max, &value, NULL), 0);
    assert_true(value == expected);
}

/* The sentence names the option, the text and the range; the output stays as it was. */
static void assert_no_count(const char *text, uint64_t min, uint64_t max)
{
    uint64_t value = UNTOUCHED;
    struct tc_error err = {""};
    char expected[1024];
    assert_int_equal(tc_parse_count(text, "-n", min, max, &value, &err), -EINVAL);
    assert_true(value == UNTOUCHED);
    snprintf(expected, sizeof expected,
             "-n: '%s' is not a whole number from %" PRIu64 " to %" PRIu64, text, min, max);
    assert_string_equal(err.text, expected);
}

static void test_counts(void **state)
{
    (void)state;
    assert_count("0", 0, 10, 0);
    assert_count("10", 0, 10, 10);
    assert_count("1", 1, 1, 1);
    assert_count("007", 0, 10, 7);
    assert_count("00000000000000000000000000000000000042", 0, 100, 42);
    assert_count("18446744073709551615", 0, UINT64_MAX, UINT64_MAX);
}

static void test_what_is_no_count(void **state)
{
    static const char *const texts[] = {
        "",  " ",    "-1",  "+1",  " 1",  "1 ",       "12abc", "abc",      "1.5", "1e3",
        ",", "0x10", "1,2", "\t1", "1\n", "\xd9\xa1", "1\xff", "infinity", "NaN", "--1",
    };
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(texts); i++)
        assert_no_count(texts[i], 0, 1000);
}

static void test_counts_out_of_range(void **state)
{
    (void)state;
    assert_no_count("0", 1, 10);
    assert_no_count("11", 1, 10);
    assert_no_count("18446744073709551616", 0, UINT64_MAX); /* 2^64, which would wrap to 0 */
    assert_no_count("18446744073709551626", 0, UINT64_MAX); /* would wrap to 10 */
    assert_no_count("99999999999999999999999999", 0, UINT64_MAX);
}

static void assert_bytes(const char *text, uint64_t max, uint64_t expected)
{
    uint64_t value = UNTOUCHED;
    assert_int_equal(tc_parse_bytes(text, "stack", max, &value, NULL), 0);
    assert_true(value == expected);
}

static void test_sizes(void **state)
{
    (void)state;
    assert_bytes("0", 10, 0);
    assert_bytes("512", 512, 512);
    assert_bytes("512B", 512, 512);
    assert_bytes("64KiB", UINT64_MAX, 65536);
    assert_bytes("1MiB", 1048576, 1048576);
    assert_bytes("17592186044415MiB", UINT64_MAX, UINT64_MAX - 1048575);
}

static void test_what_is_no_size(void **state)
{
    static const char *const texts[] = {
        "",
        "KiB",
        "-1KiB",
        "1 KiB",
        "1K",
        "1kib",
        "1KiBs",
        "1GiB",
        "1.5KiB",
        "KiB1",
        "1M",
        "0x1",
        "1025",
        "2KiB",
        "17592186044416MiB",    /* 2^64 */
        "18014398509481984KiB", /* 2^64 */
        "18446744073709551616", /* 2^64 */
    };
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(texts); i++) {
        uint64_t value = UNTOUCHED;
        struct tc_error err = {""};
        assert_int_equal(tc_parse_bytes(texts[i], "stack", 1024, &value, &err), -EINVAL);
        assert_true(value == UNTOUCHED);
        assert_non_null(strstr(err.text, "stack: '"));
        assert_non_null(strstr(err.text, "is not a size of at most 1024 bytes"));
    }
}

/* What wraps must be refused by itself, not by a limit that happens to be lower. */
static void test_sizes_do_not_wrap(void **state)
{
    uint64_t value = UNTOUCHED;
    (void)state;
    assert_int_equal(tc_parse_bytes("17592186044416MiB", "x", UINT64_MAX, &value, NULL), -EINVAL);
    assert_int_equal(tc_parse_bytes("18014398509481985KiB", "x", UINT64_MAX, &value, NULL),
                     -EINVAL);
    assert_true(value == UNTOUCHED);
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } times[] = {{"0ns", 0}, {"100ns", 100}, {"3us", 3000}, {"1ms", 1000000}, {"1s", 1000000000}};
    static const char *const wrong[] = {
        "",     "1",   "us",     "-1us", "1.5us",
        "1 us", "1US", "1001ms", "2s",   "18446744073709552s" /* wraps */};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(times); i++) {
        uint64_t value = UNTOUCHED;
        assert_int_equal(tc_parse_duration(times[i].text, "work", 1000000000, &value, NULL), 0);
        assert_true(value == times[i].ns);
    }
    for (size_t i = 0; i < TC_COUNT_OF(wrong); i++) {
        uint64_t value = UNTOUCHED;
        struct tc_error err = {""};
        assert_int_equal(tc_parse_duration(wrong[i], "work", 1000000000, &value, &err), -EINVAL);
        assert_true(value == UNTOUCHED);
        assert_non_null(strstr(err.text, "work: '"));
        assert_non_null(strstr(err.text, "is not a time of at most 1000000000 ns"));
    }
}

static void test_a_long_text_does_not_overrun_the_sentence(void **state)
{
    static char text[5000];
    struct tc_error err;
    uint64_t value;
    (void)state;
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(tc_parse_count(text, "-n", 0, 1, &value, &err), -EINVAL);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void test_numbers(void **state)
{
    static const char *const bad[] = {"",    ".",     "-1",  "+1",  " 1",  "1 ",   "1e1",
                                      "1,5", "1.2.3", "nan", "inf", "0x1", "10.1", "0.4"};
    double value = 0;
    struct tc_error err;
    (void)state;
    assert_int_equal(tc_parse_number("2.5", "--alpha", 0.5, 10, &value, &err), 0);
    assert_true(value == 2.5);
    assert_int_equal(tc_parse_number(".5", "--alpha", 0.5, 10, &value, &err), 0);
    assert_true(value == 0.5);
    assert_int_equal(tc_parse_number("10", "--alpha", 0.5, 10, &value, &err), 0);
    assert_true(value == 10);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(tc_parse_number(bad[i], "--alpha", 0.5, 10, &value, &err), -EINVAL);
    assert_true(value == 10);
    assert_string_equal(err.text, "--alpha: '0.4' is not a number from 0.5 to 10");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_numbers),
    cmocka_unit_test(test_counts),
    cmocka_unit_test(test_what_is_no_count),
    cmocka_unit_test(test_counts_out_of_range),
    cmocka_unit_test(test_sizes),
    cmocka_unit_test(test_what_is_no_size),
    cmocka_unit_test(test_sizes_do_not_wrap),
    cmocka_unit_test(test_times),
    cmocka_unit_test(test_a_long_text_does_not_overrun_the_sentence),
};
TEST_MAIN(tests)
