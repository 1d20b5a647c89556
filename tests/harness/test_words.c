/* SPDX-License-Identifier: MIT
 *
 * Lists of words and the guess at what was meant.
 */
#include "harness/words.h"

#include "test_main.h"

static void assert_nearest(const char *list, const char *typed, const char *meant)
{
    struct tc_words words = {0};
    tc_words_split(&words, list);
    const char *found = tc_words_nearest(&words, typed);
    if (meant) {
        assert_non_null(found);
        assert_string_equal(found, meant);
    } else {
        assert_null(found);
    }
    tc_words_clear(&words);
}

static void one_or_two_slips_are_near(void **state)
{
    (void)state;
    const char *list = "create,switch-yield,switch-pipe";
    assert_nearest(list, "craete", "create");           /* a swap */
    assert_nearest(list, "switch-pip", "switch-pipe");  /* one dropped */
    assert_nearest(list, "swich-yeld", "switch-yield"); /* two dropped */
    assert_nearest(list, "switch_pipe", "switch-pipe"); /* one changed */
    assert_nearest(list, "switch", "switch-yield");     /* the beginning of one */
    assert_nearest(list, "memory", NULL);
    assert_nearest(list, "x", NULL);
    assert_nearest(list, "", NULL);
}

static void half_of_a_short_word_is_not_near(void **state)
{
    (void)state;
    assert_nearest("run,list", "rn", NULL);
    assert_nearest("run,list", "rnu", "run");
    assert_nearest("run,list", "lst", "list");
}

static void an_overlong_word_is_near_nothing(void **state)
{
    (void)state;
    char word[500];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    assert_nearest("aaaa,bbbb", word, NULL);
}

static void splitting_keeps_empty_parts(void **state)
{
    (void)state;
    struct tc_words words = {0};
    tc_words_split(&words, "a,,b,");
    assert_int_equal(words.count, 4);
    assert_string_equal(words.items[1], "");
    assert_string_equal(words.items[3], "");
    tc_words_add_once(&words, "b");
    assert_int_equal(words.count, 4);
    assert_true(tc_words_have(&words, "a"));
    assert_false(tc_words_have(&words, "c"));
    tc_words_clear(&words);
    assert_int_equal(words.count, 0);
}

static void joining_says_when_it_is_cut(void **state)
{
    (void)state;
    struct tc_words words = {0};
    char text[12];
    assert_string_equal(tc_words_join(&words, text, sizeof text), "none");
    tc_words_split(&words, "one,two");
    assert_string_equal(tc_words_join(&words, text, sizeof text), "one, two");
    tc_words_add(&words, "three");
    assert_string_equal(tc_words_join(&words, text, sizeof text), "one, two...");
    tc_words_clear(&words);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_or_two_slips_are_near),
    cmocka_unit_test(half_of_a_short_word_is_not_near),
    cmocka_unit_test(an_overlong_word_is_near_nothing),
    cmocka_unit_test(splitting_keeps_empty_parts),
    cmocka_unit_test(joining_says_when_it_is_cut),
};
TEST_MAIN(tests)
