/* SPDX-License-Identifier: MIT
 *
 * Tables and figures as people see them.
 */
#include "test_main.h"

#include "harness/format.h"
#include "harness/table.h"

#include <math.h>

#define NBSP "\xc2\xa0"

static char *printed(struct tc_table *table, enum tc_table_style style, size_t width)
{
    static char text[8192];
    FILE *stream = fmemopen(text, sizeof text, "w");
    assert_non_null(stream);
    tc_table_print(table, stream, style, width);
    fclose(stream);
    tc_table_free(table);
    return text;
}

static struct tc_table *small_table(void)
{
    struct tc_table *table = tc_table_new();
    tc_table_column(table, "work", TC_LEFT);
    tc_table_column(table, "µs", TC_RIGHT);
    tc_table_column(table, "verdict", TC_LEFT);
    tc_table_row(table);
    tc_table_cell(table, "日本");
    tc_table_cellf(table, "%.2f", 4.5);
    tc_table_cell(table, "holds");
    tc_table_row(table);
    tc_table_cell(table, "a|b");
    tc_table_cell(table, "1050");
    return table;
}

static void test_terminal_counts_columns_not_bytes(void **state)
{
    (void)state;
    assert_string_equal(printed(small_table(), TC_TERMINAL, 80), "work    µs  verdict\n"
                                                                 "────  ────  ───────\n"
                                                                 "日本  4.50  holds\n"
                                                                 "a|b   1050\n");
}

static void test_markdown(void **state)
{
    (void)state;
    assert_string_equal(printed(small_table(), TC_MARKDOWN, 1), "| work | µs | verdict |\n"
                                                                "| --- | ---: | --- |\n"
                                                                "| 日本 | 4.50 | holds |\n"
                                                                "| a\\|b | 1050 |  |\n");
}

static void test_breaks_texts_before_splitting(void **state)
{
    struct tc_table *table = tc_table_new();
    (void)state;
    tc_table_column(table, "n", TC_RIGHT);
    tc_table_column(table, "time", TC_RIGHT);
    tc_table_row(table);
    tc_table_cell(table, "500");
    tc_table_cell(table, "limited: RLIMIT_NOFILE\xc2\xa0"
                         "20000");
    assert_string_equal(printed(table, TC_TERMINAL, 24), "  n                 time\n"
                                                         "───  ───────────────────\n"
                                                         "500             limited:\n"
                                                         "     RLIMIT_NOFILE 20000\n");
}

static void test_splits_by_columns_and_repeats_the_key(void **state)
{
    struct tc_table *table = tc_table_new();
    (void)state;
    tc_table_column(table, "key", TC_LEFT);
    tc_table_column(table, "aaaaaaaa", TC_RIGHT);
    tc_table_column(table, "bbbbbbbb", TC_RIGHT);
    tc_table_row(table);
    tc_table_cell(table, "k");
    tc_table_cell(table, "1");
    tc_table_cell(table, "2");
    assert_string_equal(printed(table, TC_TERMINAL, 15), "key  aaaaaaaa\n"
                                                         "───  ────────\n"
                                                         "k           1\n"
                                                         "\n"
                                                         "key  bbbbbbbb\n"
                                                         "───  ────────\n"
                                                         "k           2\n");
}

/* What comes in parts in any case is not broken, too, where each part has the room. */
static void test_parts_stay_unbroken(void **state)
{
    struct tc_table *table = tc_table_new();
    (void)state;
    tc_table_column(table, "key", TC_LEFT);
    tc_table_column(table, "aaaaaaaa", TC_RIGHT);
    tc_table_column(table, "bbbbbbbb", TC_RIGHT);
    tc_table_row(table);
    tc_table_cell(table, "k");
    tc_table_cell(table, "1 [0, 2]");
    tc_table_cell(table, "12 [11, 13]");
    assert_string_equal(printed(table, TC_TERMINAL, 18), "key  aaaaaaaa\n"
                                                         "───  ────────\n"
                                                         "k    1 [0, 2]\n"
                                                         "\n"
                                                         "key     bbbbbbbb\n"
                                                         "───  ───────────\n"
                                                         "k    12 [11, 13]\n");
}

static void test_leaves_out_empty_columns(void **state)
{
    struct tc_table *table = tc_table_new();
    (void)state;
    tc_table_column(table, "key", TC_LEFT);
    tc_table_column(table, "empty", TC_LEFT);
    tc_table_column(table, "full", TC_LEFT);
    tc_table_row(table);
    tc_table_cell(table, "k");
    tc_table_cell(table, "");
    tc_table_cell(table, "x");
    assert_string_equal(printed(table, TC_MARKDOWN, 80), "| key | full |\n"
                                                         "| --- | --- |\n"
                                                         "| k | x |\n");
}

static void test_no_text_tears_the_table(void **state)
{
    struct tc_table *table = tc_table_new();
    (void)state;
    tc_table_column(table, "a", TC_LEFT);
    tc_table_row(table);
    tc_table_cell(table, "two\nlines\x1b[31m \xff");
    assert_string_equal(printed(table, TC_TERMINAL, 80), "a\n"
                                                         "────────────────\n"
                                                         "two?lines?[31m \xff\n");
}

static void test_paragraphs_are_broken_and_indented(void **state)
{
    char text[200] = "";
    FILE *stream = fmemopen(text, sizeof text, "w");
    (void)state;
    tc_print_wrapped(stream, "- one two three four five", TC_TERMINAL, 14, 2);
    tc_print_wrapped(stream, "one two three four five", TC_MARKDOWN, 14, 2);
    fclose(stream);
    assert_string_equal(text, "- one two\n  three four\n  five\none two three four five\n");
}

static void test_width_of_the_output(void **state)
{
    FILE *stream = tmpfile();
    (void)state;
    unsetenv("COLUMNS");
    assert_int_equal(tc_output_width(stream), 100);
    setenv("COLUMNS", "72", 1);
    assert_int_equal(tc_output_width(stream), 72);
    setenv("COLUMNS", "3", 1);
    assert_int_equal(tc_output_width(stream), 40);
    setenv("COLUMNS", "nonsense", 1);
    assert_int_equal(tc_output_width(stream), 100);
    setenv("COLUMNS", "-1", 1);
    assert_int_equal(tc_output_width(stream), 100);
    fclose(stream);
}

static void same(const char *given, const char *expected)
{
    assert_string_equal(given, expected);
}

static void test_figures_have_three_digits(void **state)
{
    char text[64];
    (void)state;
    same(tc_format_number(4.516, text, sizeof text), "4.52");
    same(tc_format_number(1049.6, text, sizeof text), "1050");
    same(tc_format_number(0.03104, text, sizeof text), "0.0310");
    same(tc_format_number(100, text, sizeof text), "100");
    same(tc_format_number(0, text, sizeof text), "0");
    same(tc_format_number(-12.34, text, sizeof text), "-12.3");
    same(tc_format_number(NAN, text, sizeof text), "-");
    same(tc_format_ratio(1.449, text, sizeof text), "1.4×");
    same(tc_format_ratio(61.7, text, sizeof text), "62×");
    same(tc_format_ratio(0.951, text, sizeof text), "0.95×");
    same(tc_format_ratio(INFINITY, text, sizeof text), "-");
    same(tc_format_count(80000, text, sizeof text), "80,000");
    same(tc_format_count(999, text, sizeof text), "999");
    same(tc_format_count(1234567, text, sizeof text), "1,234,567");
}

static void test_units(void **state)
{
    char text[64];
    (void)state;
    same(tc_scale_for("ns", 999).unit, "ns");
    same(tc_scale_for("ns", 1000).unit, "µs");
    same(tc_scale_for("ns", 5e9).unit, "s");
    same(tc_scale_for("B", 1023).unit, "B");
    same(tc_scale_for("B", 9728).unit, "KiB");
    same(tc_scale_for("1/operation", 1e6).unit, "1/operation");
    same(tc_format_quantity(17000, "ns", text, sizeof text), "17.0\xc2\xa0µs");
    same(tc_format_quantity(9728, "B", text, sizeof text), "9.50\xc2\xa0KiB");
    same(tc_format_quantity(250000, "count", text, sizeof text), "250,000");
    same(tc_format_quantity(NAN, "ns", text, sizeof text), "-");
}

static void test_an_interval_is_never_shown_too_narrow(void **state)
{
    char text[64];
    struct tc_scale ns = {1, "ns"}, us = {1000, "µs"};
    (void)state;
    same(tc_format_interval(4.52, 4.5, 4.56, ns, text, sizeof text), "4.52" NBSP "±" NBSP "0.03");
    same(tc_format_interval(4.52, 4.519, 4.521, ns, text, sizeof text),
         "4.52" NBSP "±" NBSP "0.01");
    same(tc_format_interval(4.52, 4.52, 4.52, ns, text, sizeof text), "4.52" NBSP "±" NBSP "0.00");
    same(tc_format_interval(17000, 16000, 18000, us, text, sizeof text),
         "17.0" NBSP "±" NBSP "1.0");
    same(tc_format_interval(209, 35.2, 1290, ns, text, sizeof text), "209 [35," NBSP "1290]");
    same(tc_format_interval(0, -1, 3, ns, text, sizeof text), "0.00 [-1.00," NBSP "3.00]");
    same(tc_format_interval(4.52, NAN, NAN, ns, text, sizeof text), "4.52");
}

static void test_comparisons_carry_their_interval(void **state)
{
    char text[96];
    (void)state;
    same(tc_format_ratio_spread(1.5, 1.4, 1.7, text, sizeof text), "1.50× ±10%");
    same(tc_format_ratio_spread(62.04, 61.0, 63.5, text, sizeof text), "62.0× ±3%");
    same(tc_format_ratio_spread(2, 1.99, 2, text, sizeof text), "2.00× ±0.3%");
    same(tc_format_ratio_spread(2, 2, 2, text, sizeof text), "2.00× ±0.0%");
    same(tc_format_ratio_spread(33.9, 7.81, 185.4, text, sizeof text), "33.9× [7.8," NBSP "185.4]");
    same(tc_format_ratio_spread(1234, NAN, NAN, text, sizeof text), "1234×");
    same(tc_format_ratio_spread(NAN, NAN, NAN, text, sizeof text), "-");
    same(tc_format_ratio_interval(1.421, 1.386, 1.461, text, sizeof text),
         "1.42× [1.38," NBSP "1.47]");
    same(tc_format_ratio_interval(0.031, 0.0309, 0.0311, text, sizeof text),
         "0.031× [0.030," NBSP "0.032]");
    same(tc_format_ratio_interval(1.421, NAN, NAN, text, sizeof text), "1.42×");
    same(tc_format_difference(-12.34, -50.1, 0.21, "ns", text, sizeof text),
         "-12.3 [-50.1," NBSP "0.3]" NBSP "ns");
    same(tc_format_difference(310, -20, 1650, "ns", text, sizeof text),
         "0.31 [-0.02," NBSP "1.65]" NBSP "µs");
    same(tc_format_difference(0, 0, 0, "count", text, sizeof text), "0 [0," NBSP "0]" NBSP "count");
    same(tc_format_difference(5, NAN, NAN, "ns", text, sizeof text), "5.00" NBSP "ns");
    same(tc_format_p(0.0309, text, sizeof text), "0.031");
    same(tc_format_p(1e-9, text, sizeof text), "<0.001");
    same(tc_format_p(NAN, text, sizeof text), "");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_terminal_counts_columns_not_bytes),
    cmocka_unit_test(test_markdown),
    cmocka_unit_test(test_breaks_texts_before_splitting),
    cmocka_unit_test(test_splits_by_columns_and_repeats_the_key),
    cmocka_unit_test(test_parts_stay_unbroken),
    cmocka_unit_test(test_leaves_out_empty_columns),
    cmocka_unit_test(test_no_text_tears_the_table),
    cmocka_unit_test(test_paragraphs_are_broken_and_indented),
    cmocka_unit_test(test_width_of_the_output),
    cmocka_unit_test(test_figures_have_three_digits),
    cmocka_unit_test(test_units),
    cmocka_unit_test(test_an_interval_is_never_shown_too_narrow),
    cmocka_unit_test(test_comparisons_carry_their_interval),
};
TEST_MAIN(tests)
