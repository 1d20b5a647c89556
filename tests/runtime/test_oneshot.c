/* SPDX-License-Identifier: MIT
 *
 * Oneshots as rt/oneshot.h documents them: every order of sending, closing, receiving and giving up
 * against a model of a few lines.
 */
#include "test_main.h"

#include "stage.h"

static rt_poll receive(struct stage *stage, int who, struct rt_oneshot *oneshot, int64_t *word)
{
    return POLL(stage, who, rt_oneshot_recv, oneshot, word);
}

static void test_one_word(void **state)
{
    struct stage stage;
    struct rt_oneshot oneshot;
    int64_t word = 0;
    (void)state;
    begin(&stage);
    rt_oneshot_init(&oneshot);
    assert_int_equal(receive(&stage, 0, &oneshot, &word), RT_PENDING);
    assert_int_equal(rt_oneshot_send(&oneshot, RT_PENDING), 0); /* every word can be sent */
    assert_woken(&stage, 1);
    assert_int_equal(rt_oneshot_send(&oneshot, 8), -EPIPE);
    assert_int_equal(receive(&stage, 0, &oneshot, &word), 0);
    assert_int_equal(word, RT_PENDING);
    assert_int_equal(receive(&stage, 0, &oneshot, &word), -EPIPE);
    assert_int_equal(rt_oneshot_send(&oneshot, 9), -EPIPE);
    end(&stage);
}

static void test_one_receiver_at_a_time(void **state)
{
    struct stage stage;
    struct rt_oneshot oneshot;
    int64_t word = 0;
    (void)state;
    begin(&stage);
    rt_oneshot_init(&oneshot);
    assert_int_equal(receive(&stage, 0, &oneshot, &word), RT_PENDING);
    assert_int_equal(receive(&stage, 1, &oneshot, &word), -EBUSY);
    DROP(&stage, 1, rt_oneshot_recv, &oneshot, &word); /* not the one who waits */
    rt_oneshot_close(&oneshot);
    rt_oneshot_close(&oneshot);
    assert_woken(&stage, 1);
    assert_int_equal(receive(&stage, 0, &oneshot, &word), -EPIPE);
    assert_int_equal(receive(&stage, 1, &oneshot, &word), -EPIPE);
    end(&stage);
}

/* -- every order -- */

enum action { SEND, CLOSE, RECEIVE, DROP_RECEIVE, RUN, ACTIONS };
enum { LENGTH = 7 };

struct expected {
    bool full, closed, waiting, woken;
};

/* Says what must happen and makes it happen. */
static void act(struct stage *stage, struct rt_oneshot *oneshot, struct expected *expected,
                enum action action)
{
    bool empty = !expected->full && !expected->closed;
    int64_t word = 0;
    switch (action) {
    case SEND:
        assert_int_equal(rt_oneshot_send(oneshot, 42), empty ? 0 : -EPIPE);
        expected->woken |= empty && expected->waiting;
        expected->full |= empty;
        break;
    case CLOSE:
        rt_oneshot_close(oneshot);
        expected->woken |= empty && expected->waiting;
        expected->closed |= empty;
        break;
    case RECEIVE:
        assert_int_equal(receive(stage, 0, oneshot, &word), expected->full     ? 0
                                                            : expected->closed ? -EPIPE
                                                                               : RT_PENDING);
        assert_int_equal(word, expected->full ? 42 : 0);
        expected->closed |= expected->full;
        expected->full = false;
        expected->waiting = empty;
        break;
    case DROP_RECEIVE:
        DROP(stage, 0, rt_oneshot_recv, oneshot, &word);
        rt_wait_init(&stage->waits[0]);
        expected->waiting = false;
        break;
    default:
        assert_woken(stage, expected->woken);
        expected->woken = false;
    }
    assert_int_equal(stage->cx[0].task->state & RT_QUEUED, expected->woken);
}

static void test_every_order(void **state)
{
    struct stage stage;
    int orders = 1;
    (void)state;
    begin(&stage);
    for (int i = 0; i < LENGTH; i++)
        orders *= ACTIONS;
    for (int order = 0; order < orders; order++) {
        struct rt_oneshot oneshot;
        struct expected expected = {false};
        rt_oneshot_init(&oneshot);
        for (int i = 0, rest = order; i < LENGTH; i++, rest /= ACTIONS)
            act(&stage, &oneshot, &expected, (enum action)(rest % ACTIONS));
        act(&stage, &oneshot, &expected, DROP_RECEIVE);
        act(&stage, &oneshot, &expected, RUN);
        assert_true(!oneshot.state || !rt__oneshot_is_empty(&oneshot));
    }
    end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_word),
    cmocka_unit_test(test_one_receiver_at_a_time),
    cmocka_unit_test(test_every_order),
};
TEST_MAIN(tests)
