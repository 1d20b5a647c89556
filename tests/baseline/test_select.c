/* SPDX-License-Identifier: MIT
 *
 * Receiving from whichever channel has a message: turns, closing, and that a message which woke
 * somebody else's wait is not left lying.
 */
#include "test_main.h"

#include "threads.h"

static void test_the_one_with_a_message(void **state)
{
    struct tb_chan *channels[] = {tb_chan_new(1), tb_chan_new(1), tb_chan_new(1)};
    int64_t message = 0;
    (void)state;
    for (int64_t i = 0; i < 3; i++) {
        tb_chan_send(channels[i], 10 + i);
        assert_int_equal(tb_select_recv(channels, 3, &message), i);
        assert_int_equal(message, 10 + i);
    }
    for (int i = 0; i < 3; i++) {
        tb_chan_close(channels[i]);
        struct tb_scope outer = tb_scope_enter(0, NULL);
        assert_int_equal(tb_select_recv(channels, 3, &message), i < 2 ? -ETIMEDOUT : -EPIPE);
        tb_scope_leave(outer);
    }
    for (int i = 0; i < 3; i++)
        tb_chan_free(channels[i]);
}

/* All have messages all the time: each has its share. */
static void test_they_take_turns(void **state)
{
    enum { MESSAGES = 300 };
    struct tb_chan *channels[] = {tb_chan_new(MESSAGES), tb_chan_new(MESSAGES),
                                  tb_chan_new(MESSAGES)};
    int64_t message, counts[3] = {0};
    (void)state;
    for (int i = 0; i < MESSAGES; i++)
        for (int c = 0; c < 3; c++)
            tb_chan_send(channels[c], i);
    for (int i = 0; i < MESSAGES; i++)
        counts[tb_select_recv(channels, 3, &message)]++;
    for (int c = 0; c < 3; c++) {
        assert_int_equal(counts[c], MESSAGES / 3);
        tb_chan_free(channels[c]);
    }
}

enum { CHANNELS = 3, SENT = 4000 };

struct crowd {
    struct tb_chan *channels[CHANNELS];
    int64_t sum, received; /* of all receivers */
};

static int64_t send_all(void *frame)
{
    struct crowd *self = frame;
    for (int i = 0; i < SENT; i++)
        tb_chan_send(self->channels[i % CHANNELS], i);
    return 0;
}

static int64_t select_all(void *frame)
{
    struct crowd *self = frame;
    int64_t message;
    while (tb_select_recv(self->channels, CHANNELS, &message) >= 0) {
        __atomic_add_fetch(&self->sum, message, __ATOMIC_ACQ_REL);
        bump(&self->received);
    }
    return 0;
}

static int64_t receive_all(void *frame)
{
    struct crowd *self = frame;
    int64_t message;
    while (tb_chan_recv(self->channels[0], &message) == 0) {
        __atomic_add_fetch(&self->sum, message, __ATOMIC_ACQ_REL);
        bump(&self->received);
    }
    return 0;
}

/* Two select among all, one receives from the first alone; a message left lying hangs them. */
static void test_every_message_is_received_once(void **state)
{
    enum { SENDERS = 2 };
    struct crowd crowd = {.channels = {tb_chan_new(1), tb_chan_new(1), tb_chan_new(2)}};
    (void)state;
    struct tb_handle receivers[] = {start(select_all, &crowd), start(select_all, &crowd),
                                    start(receive_all, &crowd)};
    struct tb_handle senders[SENDERS] = {start(send_all, &crowd), start(send_all, &crowd)};
    for (int i = 0; i < SENDERS; i++)
        tb_join(senders[i]);
    wait_until(&crowd.received, SENDERS * SENT); /* before anybody is woken by the close */
    for (int i = 0; i < CHANNELS; i++)
        tb_chan_close(crowd.channels[i]);
    for (size_t i = 0; i < TC_COUNT_OF(receivers); i++)
        tb_join(receivers[i]);
    assert_int_equal(crowd.received, SENDERS * SENT);
    assert_int_equal(crowd.sum, (int64_t)SENDERS * SENT * (SENT - 1) / 2);
    for (int i = 0; i < CHANNELS; i++)
        tb_chan_free(crowd.channels[i]);
}

struct chooser {
    struct tb_chan *first, *second;
};

static int64_t choose(void *frame)
{
    struct chooser *self = frame;
    struct tb_chan *channels[] = {self->first, self->second};
    int64_t message;
    return tb_select_recv(channels, 2, &message);
}

static int64_t receive_second(void *frame)
{
    struct chooser *self = frame;
    int64_t message;
    return tb_chan_recv(self->second, &message);
}

/* Both channels get a message; who sleeps on both is woken for the second and takes the first's.
 * The wake for the second is then due to the one who sleeps on that alone. */
static void test_a_wake_that_is_not_used_is_passed_on(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct chooser chooser = {tb_chan_new(1), tb_chan_new(1)};
        int64_t message;
        struct tb_handle both = start(choose, &chooser);
        tb_sleep_until(tc_now_ns() + 100000);
        struct tb_handle second = start(receive_second, &chooser);
        tb_sleep_until(tc_now_ns() + 100000);
        tb_chan_send(chooser.second, 2);
        tb_chan_send(chooser.first, 1);
        if (tb_join(both) == 0) {
            assert_int_equal(tb_join(second), 0);
        } else {
            tb_chan_close(chooser.second);
            assert_int_equal(tb_join(second), -EPIPE);
            assert_int_equal(tb_chan_recv(chooser.first, &message), 0);
        }
        tb_chan_free(chooser.first);
        tb_chan_free(chooser.second);
    }
}

static const struct CMUnitTest tests[] = {
    BOTH(test_the_one_with_a_message),
    BOTH(test_they_take_turns),
    BOTH(test_every_message_is_received_once),
    BOTH(test_a_wake_that_is_not_used_is_passed_on),
};
TEST_MAIN(tests)
