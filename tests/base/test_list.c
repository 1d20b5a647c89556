/* SPDX-License-Identifier: MIT
 *
 * The intrusive list: order, unlinking anywhere and twice, splicing; and a long random run beside a
 * plain array that must always hold the same.
 */
#include "test_main.h"

#include "base/list.h"
#include "base/rng.h"
#include "base/status.h"

#include <stdbool.h>

struct item {
    int number;
    struct list link;
};

static struct item *item_of(struct list *link)
{
    return TC_CONTAINER_OF(link, struct item, link);
}

/* Exactly these numbers, read forwards and backwards. */
static void assert_holds(struct list *head, const int *numbers, size_t count)
{
    size_t i = 0;
    for (struct list *at = head->next; at != head; at = at->next, i++) {
        assert_true(i < count);
        assert_int_equal(item_of(at)->number, numbers[i]);
    }
    assert_int_equal(i, count);
    for (struct list *at = head->prev; at != head; at = at->prev)
        assert_int_equal(item_of(at)->number, numbers[--i]);
    assert_int_equal(i, 0);
    assert_int_equal(list_empty(head), count == 0);
}

#define ASSERT_HOLDS(head, ...) \
    assert_holds(head, (const int[]){__VA_ARGS__}, TC_COUNT_OF(((const int[]){__VA_ARGS__})))

static void fill(struct list *head, struct item *items, int count)
{
    list_init(head);
    for (int i = 0; i < count; i++) {
        items[i].number = i;
        list_push_tail(head, &items[i].link);
    }
}

static void test_a_new_list_is_empty(void **state)
{
    struct list head;
    (void)state;
    list_init(&head);
    assert_holds(&head, NULL, 0);
}

static void test_tail_keeps_order(void **state)
{
    struct list head;
    struct item items[4];
    (void)state;
    fill(&head, items, 4);
    ASSERT_HOLDS(&head, 0, 1, 2, 3);
}

static void test_unlinking_anywhere(void **state)
{
    struct list head;
    struct item items[5];
    (void)state;
    fill(&head, items, 5);
    list_unlink(&items[2].link);
    ASSERT_HOLDS(&head, 0, 1, 3, 4);
    list_unlink(&items[0].link);
    ASSERT_HOLDS(&head, 1, 3, 4);
    list_unlink(&items[4].link);
    ASSERT_HOLDS(&head, 1, 3);
    list_unlink(&items[1].link);
    list_unlink(&items[3].link);
    assert_holds(&head, NULL, 0);
}

static void test_unlinking_twice_is_harmless(void **state)
{
    struct list head;
    struct item items[3];
    (void)state;
    fill(&head, items, 3);
    assert_false(list_empty(&items[1].link));
    list_unlink(&items[1].link);
    assert_true(list_empty(&items[1].link));
    list_unlink(&items[1].link);
    ASSERT_HOLDS(&head, 0, 2);
    list_push_tail(&head, &items[1].link);
    ASSERT_HOLDS(&head, 0, 2, 1);
}

static void test_splicing(void **state)
{
    struct list to, from, empty;
    struct item first[2], second[3] = {{0}};
    (void)state;
    fill(&to, first, 2);
    fill(&from, second, 3);
    list_init(&empty);
    list_splice_tail(&to, &empty);
    ASSERT_HOLDS(&to, 0, 1);
    list_splice_tail(&to, &from);
    ASSERT_HOLDS(&to, 0, 1, 0, 1, 2);
    assert_holds(&from, NULL, 0);
    list_splice_tail(&from, &to);
    ASSERT_HOLDS(&from, 0, 1, 0, 1, 2);
    assert_holds(&to, NULL, 0);
}

static void test_random_steps_beside_an_array(void **state)
{
    enum { ITEMS = 20, STEPS = 20000 };
    struct list head;
    struct item items[ITEMS];
    int held[ITEMS];
    size_t count = 0;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 3);
    fill(&head, items, ITEMS);
    for (int i = 0; i < ITEMS; i++)
        list_unlink(&items[i].link);
    for (int step = 0; step < STEPS; step++) {
        int which = (int)tc_rng_below(&rng, ITEMS);
        if (list_empty(&items[which].link)) {
            list_push_tail(&head, &items[which].link);
            held[count++] = which;
        } else {
            list_unlink(&items[which].link);
            size_t at = 0;
            while (held[at] != which)
                at++;
            memmove(&held[at], &held[at + 1], (--count - at) * sizeof held[0]);
        }
        assert_holds(&head, held, count);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_new_list_is_empty),
    cmocka_unit_test(test_tail_keeps_order),
    cmocka_unit_test(test_unlinking_anywhere),
    cmocka_unit_test(test_unlinking_twice_is_harmless),
    cmocka_unit_test(test_splicing),
    cmocka_unit_test(test_random_steps_beside_an_array),
};
TEST_MAIN(tests)
