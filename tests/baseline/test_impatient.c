/* SPDX-License-Identifier: MIT
 *
 * Threads that give up, while what they wait for is on its way: whatever comes is received once, by
 * those who stay or by who gave up an instant too late. A wake that is lost hangs the test.
 */
#include "test_main.h"

#include "waits.h"

#include <sys/prctl.h>

/* -- giving up at the very moment: rows that can be waited for again and again -- */

static const struct row again[] = {
    {"recv", recv_, bring_message},         {"select", select_, bring_message},
    {"send", send_, bring_place},           {"event_one", event_one, bring_event_one},
    {"notify", notify, bring_notification}, {"broadcast", broadcast, bring_broadcast},
    {"watch", watch, bring_change},         {"read socket", read_socket, bring_byte},
};

struct hasty {
    const struct row *row;
    struct world *world;
    int64_t deadline_ns; /* of the present wait */
    int64_t done;        /* how often it has got it */
};

enum { ROUNDS = 800, PATIENCE_NS = 10000, AROUND_NS = 250 };

static void spin_until(uint64_t end_ns)
{
    while (tc_now_ns() < end_ns) {
    }
}

/* Waits for a moment, and if that was too short as long as it takes. */
static int64_t wait_hastily(void *frame)
{
    struct hasty *self = frame;
    prctl(PR_SET_TIMERSLACK, 1); /* 50 us otherwise, in which everything has long happened */
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t deadline_ns = tc_now_ns() + PATIENCE_NS;
        __atomic_store_n(&self->deadline_ns, (int64_t)deadline_ns, __ATOMIC_RELEASE);
        struct tb_scope outer = tb_scope_enter(deadline_ns, NULL);
        int64_t result = self->row->wait(self->world);
        tb_scope_leave(outer);
        if (result == -ETIMEDOUT)
            result = self->row->wait(self->world);
        if (result)
            return result;
        bump(&self->done);
    }
    return 0;
}

/* What it waits for comes within some microseconds of its giving up, before and after. */
static void test_nothing_is_lost_by_giving_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(again); i++) {
        struct world world = {0};
        build(&world);
        struct hasty hasty = {&again[i], &world, 0, 0};
        int64_t before_ns = 0;
        struct tb_handle handle = start(wait_hastily, &hasty);
        for (int round = 0; round < ROUNDS; round++) {
            int64_t deadline_ns;
            while ((deadline_ns = peek(&hasty.deadline_ns)) == before_ns)
                tb_yield();
            before_ns = deadline_ns;
            spin_until((uint64_t)(deadline_ns + (round % 64 - 20) * AROUND_NS));
            again[i].bring(&world);
            wait_until(&hasty.done, round + 1);
        }
        assert_int_equal(tb_join(handle), 0);
        take_down(&world);
    }
}

/* -- giving up beside others who stay -- */

enum { PATIENT = 2, IMPATIENT = 3, MESSAGES = 4000 };

struct crowd {
    struct tb_chan *chan;
    int64_t sum, received; /* of all */
};

static void count(struct crowd *self, int64_t message)
{
    __atomic_add_fetch(&self->sum, message, __ATOMIC_ACQ_REL);
    bump(&self->received);
}

static int64_t receive_patiently(void *frame)
{
    struct crowd *self = frame;
    int64_t message;
    while (tb_chan_recv(self->chan, &message) == 0)
        count(self, message);
    return 0;
}

/* Having given up it leaves the next message to the others: they must have been woken for it. */
static int64_t receive_impatiently(void *frame)
{
    struct crowd *self = frame;
    int64_t message, result;
    do {
        int64_t before = peek(&self->received);
        struct tb_scope outer = tb_scope_enter(tc_now_ns() + 4000, NULL);
        result = tb_chan_recv(self->chan, &message);
        tb_scope_leave(outer);
        if (result == 0)
            count(self, message);
        if (result == -ETIMEDOUT && before < MESSAGES)
            wait_until(&self->received, before + 1);
    } while (result != -EPIPE);
    return 0;
}

/* Each message is sent when the one before has been received, so that no later one wakes up who
 * slept through the wake for it. */
static void test_messages_reach_who_stays(void **state)
{
    struct crowd crowd = {.chan = tb_chan_new(1)};
    struct tb_handle handles[PATIENT + IMPATIENT];
    (void)state;
    for (int i = 0; i < PATIENT + IMPATIENT; i++)
        handles[i] = start(i < PATIENT ? receive_patiently : receive_impatiently, &crowd);
    for (int64_t i = 0; i < MESSAGES; i++) {
        assert_int_equal(tb_chan_send(crowd.chan, i), 0);
        wait_until(&crowd.received, i + 1);
        if (i % 4 == 0)
            spin_until(tc_now_ns() + 5000);
    }
    tb_chan_close(crowd.chan);
    for (int i = 0; i < PATIENT + IMPATIENT; i++)
        assert_int_equal(tb_join(handles[i]), 0);
    assert_int_equal(crowd.received, MESSAGES);
    assert_int_equal(crowd.sum, (int64_t)MESSAGES * (MESSAGES - 1) / 2);
    tb_chan_free(crowd.chan);
}

/* -- oneshots: sending, closing and giving up meet in every order -- */

struct rendezvous {
    struct tb_oneshot oneshot;
    bool closes;
    int64_t word;
};

static int64_t await_word(void *frame)
{
    struct rendezvous *self = frame;
    return tb_oneshot_recv(&self->oneshot, &self->word);
}

static int64_t settle(void *frame)
{
    struct rendezvous *self = frame;
    if (!self->closes)
        return tb_oneshot_send(&self->oneshot, 42);
    tb_oneshot_close(&self->oneshot);
    return 0;
}

static void test_a_word_is_received_or_still_there(void **state)
{
    (void)state;
    for (int round = 0; round < 600; round++) {
        struct rendezvous meeting = {.closes = round % 3 == 0};
        tb_oneshot_init(&meeting.oneshot);
        struct tb_handle receiver = start_abortable(await_word, &meeting);
        struct tb_handle sender = start(settle, &meeting);
        for (int turn = 0; turn < round % 5; turn++)
            tb_yield();
        tb_abort(receiver);
        int64_t result = tb_join(receiver);
        assert_int_equal(tb_join(sender), 0);
        int64_t expected = meeting.closes ? -EPIPE : 0;
        if (result == -ECANCELED)
            result = await_word(&meeting); /* nothing was lost with the first who waited */
        assert_int_equal(result, expected);
        if (result == 0)
            assert_int_equal(meeting.word, 42);
        assert_int_equal(await_word(&meeting), -EPIPE);
        assert_int_equal(tb_oneshot_send(&meeting.oneshot, 1), -EPIPE);
        tb_oneshot_destroy(&meeting.oneshot);
    }
}

/* -- broadcasts and watches: what was seen and what is reported lost add up -- */

struct audience {
    struct tb_broadcast_receiver receiver;
    int64_t seen, lost, last;
};

static int64_t follow(void *frame)
{
    struct audience *self = frame;
    int64_t message = 0, result;
    self->last = -1;
    do {
        struct tb_scope outer = tb_scope_enter(tc_now_ns() + 5000, NULL);
        result = tb_broadcast_recv(&self->receiver, &message);
        tb_scope_leave(outer);
        if (result == 0) {
            MUST(message == self->last + 1); /* none is skipped without being told of */
            self->last = message;
            self->seen++;
        } else if (result > 0) {
            self->lost += result;
            self->last += result;
        }
    } while (result != -EPIPE);
    return 0;
}

static void test_seen_and_lost_are_all(void **state)
{
    enum { RECEIVERS = 3, SENT = 20000 };
    struct audience audience[RECEIVERS] = {0};
    struct tb_handle handles[RECEIVERS];
    struct tb_broadcast *broadcast = tb_broadcast_new(16);
    (void)state;
    for (int i = 0; i < RECEIVERS; i++) {
        tb_broadcast_subscribe(broadcast, &audience[i].receiver);
        handles[i] = start(follow, &audience[i]);
    }
    for (int64_t i = 0; i < SENT; i++) {
        assert_int_equal(tb_broadcast_send(broadcast, i), 0);
        if (i % 8 == 0)
            tb_yield();
    }
    tb_broadcast_close(broadcast);
    assert_int_equal(tb_broadcast_send(broadcast, 0), -EPIPE);
    for (int i = 0; i < RECEIVERS; i++) {
        assert_int_equal(tb_join(handles[i]), 0);
        assert_int_equal(audience[i].seen + audience[i].lost, SENT);
        assert_int_equal(audience[i].last, SENT - 1);
        tb_broadcast_unsubscribe(&audience[i].receiver);
    }
    tb_broadcast_free(broadcast);
}

struct observer {
    struct tb_watch_receiver receiver;
    int64_t last;
};

static int64_t observe(void *frame)
{
    struct observer *self = frame;
    int64_t news, result;
    do {
        struct tb_scope outer = tb_scope_enter(tc_now_ns() + 5000, NULL);
        result = tb_watch_changed(&self->receiver, &news);
        tb_scope_leave(outer);
        if (result == 0) {
            MUST(news > self->last); /* never older than before, never twice */
            self->last = news;
        }
    } while (result != -EPIPE);
    return 0;
}

static void test_the_last_word_is_always_seen(void **state)
{
    enum { OBSERVERS = 3, SENT = 10000 };
    struct observer observers[OBSERVERS];
    struct tb_handle handles[OBSERVERS];
    struct tb_watch watch;
    (void)state;
    tb_watch_init(&watch, 0);
    for (int i = 0; i < OBSERVERS; i++) {
        observers[i].last = 0;
        tb_watch_subscribe(&watch, &observers[i].receiver);
        handles[i] = start(observe, &observers[i]);
    }
    for (int64_t i = 1; i <= SENT; i++) {
        assert_int_equal(tb_watch_send(&watch, i), 0);
        if (i % 8 == 0)
            tb_yield();
    }
    tb_watch_close(&watch);
    assert_int_equal(tb_watch_send(&watch, 0), -EPIPE);
    for (int i = 0; i < OBSERVERS; i++) {
        assert_int_equal(tb_join(handles[i]), 0);
        assert_int_equal(observers[i].last, SENT);
    }
    tb_watch_destroy(&watch);
}

static const struct CMUnitTest tests[] = {
    BOTH(test_nothing_is_lost_by_giving_up),      BOTH(test_messages_reach_who_stays),
    BOTH(test_a_word_is_received_or_still_there), BOTH(test_seen_and_lost_are_all),
    BOTH(test_the_last_word_is_always_seen),
};
TEST_MAIN(tests)
