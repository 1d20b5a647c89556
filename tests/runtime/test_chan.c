/* SPDX-License-Identifier: MIT
 *
 * Channels step by step: order, capacity, back-pressure, who is served next, promises that pass on
 * when the promised gives up, and closing. Random histories are in test_chan_random.c.
 */
#include "test_main.h"

#include "chan_stage.h"

/* Whether the party's task was woken since the last look. */
static bool woken(struct stage *stage, int who)
{
    struct probe *probe = &stage->parties[who].probe;
    bool queued = stage->parties[who].cx.task->state & RT_QUEUED;
    int before = probe->polls;
    rt_run_ready(stage->executor);
    assert_int_equal(probe->polls - before, queued);
    return queued;
}

static void assert_receives(struct stage *stage, int who, int64_t message)
{
    assert_int_equal(receive_by(stage, who), 0);
    assert_int_equal(stage->parties[who].message, message);
}

/* -- order and capacity -- */

static void test_capacity_and_order(void **state)
{
    struct stage stage;
    (void)state;
    for (uint32_t capacity = 1; capacity <= 9; capacity++) { /* the ring's length is rounded up */
        begin(&stage, capacity);
        for (int lap = 0; lap < 20; lap++) {
            for (int64_t i = 0; i < capacity; i++)
                assert_int_equal(send_by(&stage, 0, lap * 100 + i), 0);
            assert_int_equal(send_by(&stage, 0, -1), RT_PENDING);
            drop_send(&stage, 0);
            for (int64_t i = 0; i < capacity; i++)
                assert_receives(&stage, 1, lap * 100 + i);
            assert_int_equal(receive_by(&stage, 1), RT_PENDING);
            drop_receive(&stage, 1);
        }
        end(&stage);
    }
}

static void test_every_word_can_be_sent(void **state)
{
    static const int64_t words[] = {0, 1, -1, INT64_MAX, INT64_MIN, -EPIPE};
    struct stage stage;
    (void)state;
    for (int waits = 0; waits <= 1; waits++) {
        begin(&stage, 2);
        for (size_t i = 0; i < TC_COUNT_OF(words); i++) {
            if (waits)
                assert_int_equal(receive_by(&stage, 1), RT_PENDING);
            assert_int_equal(send_by(&stage, 0, words[i]), 0);
            assert_receives(&stage, 1, words[i]);
        }
        end(&stage);
    }
}

/* -- who is served -- */

static void test_receivers_are_served_in_order(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 4);
    for (int who = 1; who <= 4; who++)
        assert_int_equal(receive_by(&stage, who), RT_PENDING);
    for (int who = 1; who <= 4; who++) {
        assert_false(woken(&stage, who));
        assert_int_equal(send_by(&stage, 0, who * 10), 0);
        for (int later = who + 1; later <= 4; later++)
            assert_false(woken(&stage, later));
    }
    for (int who = 4; who >= 1; who--) /* whoever is polled first, each has its own */
        assert_receives(&stage, who, who * 10);
    end(&stage);
}

static void test_senders_are_served_in_order(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(send_by(&stage, 0, 0), 0);
    for (int who = 1; who <= 4; who++)
        assert_int_equal(send_by(&stage, who, who * 10), RT_PENDING);
    for (int who = 1; who <= 4; who++) {
        assert_receives(&stage, 7, (who - 1) * 10);
        assert_true(woken(&stage, who));
        for (int later = who + 1; later <= 4; later++)
            assert_false(woken(&stage, later));
        assert_int_equal(send_by(&stage, who, who * 10), 0);
    }
    assert_receives(&stage, 7, 40);
    end(&stage);
}

/* Polled again without having been woken by the channel: still in its place in the queue. */
static void test_a_spurious_poll_keeps_the_place(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(receive_by(&stage, 1), RT_PENDING);
    assert_int_equal(receive_by(&stage, 2), RT_PENDING);
    assert_int_equal(receive_by(&stage, 1), RT_PENDING);
    assert_int_equal(send_by(&stage, 0, 5), 0);
    assert_true(woken(&stage, 1));
    assert_int_equal(receive_by(&stage, 2), RT_PENDING);
    assert_receives(&stage, 1, 5);
    assert_int_equal(send_by(&stage, 0, 6), 0);
    assert_int_equal(send_by(&stage, 0, 7), RT_PENDING);
    assert_int_equal(send_by(&stage, 0, 7), RT_PENDING);
    assert_receives(&stage, 2, 6);
    assert_int_equal(send_by(&stage, 0, 7), 0);
    end(&stage);
}

/* Between the wake and the poll of the one who waited, nobody takes what it was promised. */
static void test_newcomers_do_not_overtake(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(receive_by(&stage, 1), RT_PENDING);
    assert_int_equal(send_by(&stage, 0, 5), 0);
    assert_int_equal(receive_by(&stage, 2), RT_PENDING); /* the message is promised */
    assert_int_equal(send_by(&stage, 0, 6),
                     RT_PENDING); /* its place is not free before it is read */
    assert_receives(&stage, 1, 5);
    assert_int_equal(send_by(&stage, 3, 7), RT_PENDING); /* the place is promised */
    assert_int_equal(send_by(&stage, 0, 6), 0);
    assert_receives(&stage, 2, 6);
    assert_int_equal(send_by(&stage, 3, 7), 0);
    assert_receives(&stage, 1, 7);
    end(&stage);
}

/* -- giving up -- */

static void test_a_promised_message_passes_on(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    for (int who = 1; who <= 3; who++)
        assert_int_equal(receive_by(&stage, who), RT_PENDING);
    assert_int_equal(send_by(&stage, 0, 5), 0);
    drop_receive(&stage, 1);
    assert_true(woken(&stage, 2));
    assert_false(woken(&stage, 3));
    drop_receive(&stage, 3); /* waiting in vain: passes nothing on */
    drop_receive(&stage, 2); /* nobody is left: it stays in the channel */
    assert_int_equal(send_by(&stage, 0, 6), RT_PENDING);
    assert_receives(&stage, 4, 5);
    assert_int_equal(send_by(&stage, 0, 6), 0);
    assert_receives(&stage, 4, 6);
    end(&stage);
}

static void test_a_promised_place_passes_on(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(send_by(&stage, 0, 4), 0);
    for (int who = 1; who <= 3; who++)
        assert_int_equal(send_by(&stage, who, who), RT_PENDING);
    assert_receives(&stage, 7, 4);
    drop_send(&stage, 1);
    assert_true(woken(&stage, 2));
    assert_false(woken(&stage, 3));
    drop_send(&stage, 3);
    drop_send(&stage, 2); /* nobody is left: the place is free again, once */
    assert_int_equal(send_by(&stage, 5, 8), 0);
    assert_int_equal(send_by(&stage, 5, 9), RT_PENDING);
    drop_send(&stage, 5);
    assert_receives(&stage, 7, 8);
    end(&stage);
}

/* A place in the middle of the queue can be given up: the others keep their order. */
static void test_giving_up_anywhere_in_the_queue(void **state)
{
    struct stage stage;
    (void)state;
    for (int leaver = 1; leaver <= 3; leaver++) {
        begin(&stage, 3);
        for (int who = 1; who <= 3; who++)
            assert_int_equal(receive_by(&stage, who), RT_PENDING);
        drop_receive(&stage, leaver);
        assert_int_equal(receive_by(&stage, leaver), RT_PENDING); /* now the last */
        for (int i = 0; i < 3; i++)
            assert_int_equal(send_by(&stage, 0, i), 0);
        for (int who = 1, next = 0; who <= 3; who++)
            assert_receives(&stage, who, who == leaver ? 2 : next++);
        end(&stage);
    }
}

/* Promised messages given back come before those that nobody was promised: in the order they were
 * sent when the last promised gives up first, else perhaps with places changed among themselves. */
static void test_messages_given_back_come_first(void **state)
{
    struct stage stage;
    (void)state;
    for (int first = 1; first <= 2; first++) {
        begin(&stage, 3);
        assert_int_equal(receive_by(&stage, 1), RT_PENDING);
        assert_int_equal(receive_by(&stage, 2), RT_PENDING);
        for (int i = 1; i <= 3; i++)
            assert_int_equal(send_by(&stage, 0, i), 0);
        drop_receive(&stage, first);
        drop_receive(&stage, 3 - first);
        assert_int_equal(receive_by(&stage, 7), 0);
        int64_t given_back = stage.parties[7].message;
        assert_true(given_back == 1 || (given_back == 2 && first == 1));
        assert_receives(&stage, 7, 3 - given_back);
        assert_receives(&stage, 7, 3);
        end(&stage);
    }
}

/* -- closing -- */

static void test_close_refuses_who_waits(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(receive_by(&stage, 1), RT_PENDING);
    assert_int_equal(receive_by(&stage, 2), RT_PENDING);
    rt_chan_close(stage.chan);
    assert_true(stage.parties[2].cx.task->state & RT_QUEUED);
    assert_true(woken(&stage, 1));
    assert_int_equal(receive_by(&stage, 1), -EPIPE);
    drop_receive(&stage, 2); /* refused and dropped */
    assert_int_equal(receive_by(&stage, 3), -EPIPE);
    assert_int_equal(send_by(&stage, 3, 1), -EPIPE);
    end(&stage);
}

static void test_close_leaves_what_was_sent(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 2);
    assert_int_equal(send_by(&stage, 0, 1), 0);
    assert_int_equal(send_by(&stage, 0, 2), 0);
    assert_int_equal(send_by(&stage, 0, 3), RT_PENDING);
    rt_chan_close(stage.chan);
    rt_chan_close(stage.chan); /* closing twice is closing once */
    assert_int_equal(send_by(&stage, 0, 3), -EPIPE);
    for (int i = 1; i <= 2; i++) {
        assert_receives(&stage, 1, i);
        assert_int_equal(send_by(&stage, 0, 4),
                         -EPIPE); /* a place that comes free changes nothing */
    }
    assert_int_equal(receive_by(&stage, 1), -EPIPE);
    end(&stage);
}

static void test_promises_made_before_the_close_hold(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(send_by(&stage, 0, 1), 0);
    assert_int_equal(send_by(&stage, 2, 2), RT_PENDING);
    assert_receives(&stage, 1, 1); /* promises the place to 2 */
    rt_chan_close(stage.chan);
    assert_int_equal(send_by(&stage, 2, 2), 0);
    assert_receives(&stage, 1, 2);
    assert_int_equal(receive_by(&stage, 1), -EPIPE);
    end(&stage);

    begin(&stage, 1);
    assert_int_equal(receive_by(&stage, 1), RT_PENDING);
    assert_int_equal(receive_by(&stage, 2), RT_PENDING);
    assert_int_equal(send_by(&stage, 0, 1), 0);
    rt_chan_close(stage.chan);
    drop_receive(&stage, 1); /* its message stays for who comes */
    assert_int_equal(receive_by(&stage, 2), -EPIPE);
    assert_receives(&stage, 3, 1);
    assert_int_equal(receive_by(&stage, 3), -EPIPE);
    end(&stage);
}

static void test_a_place_given_back_after_the_close(void **state)
{
    struct stage stage;
    (void)state;
    begin(&stage, 1);
    assert_int_equal(send_by(&stage, 0, 1), 0);
    assert_int_equal(send_by(&stage, 2, 2), RT_PENDING);
    assert_receives(&stage, 1, 1);
    rt_chan_close(stage.chan);
    drop_send(&stage, 2);
    assert_int_equal(send_by(&stage, 2, 2), -EPIPE);
    assert_int_equal(receive_by(&stage, 1), -EPIPE);
    end(&stage);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_capacity_and_order),
    cmocka_unit_test(test_every_word_can_be_sent),
    cmocka_unit_test(test_receivers_are_served_in_order),
    cmocka_unit_test(test_senders_are_served_in_order),
    cmocka_unit_test(test_a_spurious_poll_keeps_the_place),
    cmocka_unit_test(test_newcomers_do_not_overtake),
    cmocka_unit_test(test_a_promised_message_passes_on),
    cmocka_unit_test(test_a_promised_place_passes_on),
    cmocka_unit_test(test_giving_up_anywhere_in_the_queue),
    cmocka_unit_test(test_messages_given_back_come_first),
    cmocka_unit_test(test_close_refuses_who_waits),
    cmocka_unit_test(test_close_leaves_what_was_sent),
    cmocka_unit_test(test_promises_made_before_the_close_hold),
    cmocka_unit_test(test_a_place_given_back_after_the_close),
};
TEST_MAIN(tests)
