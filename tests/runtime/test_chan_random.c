/* SPDX-License-Identifier: MIT
 *
 * Random histories of a channel: senders and receivers that start, are polled, woken or not, and
 * give up at any moment, and then a close. After every step: each message that was sent is received
 * once or still there, no place is lost, whoever waits has a reason to, and whoever was promised
 * something was woken.
 */
#include "test_main.h"

#include "chan_stage.h"

#include "base/rng.h"

enum { STEPS = 100000, EPOCH_STEPS = 500, SENDERS = 6, PARTIES = 12 };
enum fate { UNSENT, SENT, RECEIVED };

/* The model: what a channel must have done so far. */
struct history {
    struct stage stage;
    struct tc_rng rng;
    uint32_t capacity;
    int receivers;                 /* 1 to PARTIES - SENDERS take part */
    bool drops, closed;            /* whether parties give up in this epoch; closed already */
    int polls_before[PARTIES];     /* of the party's task, when its operation began */
    int64_t attempts;              /* the next message */
    int64_t in_flight;             /* sent and not received */
    uint8_t fate[EPOCH_STEPS + 1]; /* of each message */
    int64_t sent[EPOCH_STEPS + 1]; /* in the order of sending */
    int64_t sent_count, oldest;
    int64_t last_order[PARTIES]; /* place in `sent` of the message each received last */
};

static bool is_sender(int who)
{
    return who < SENDERS;
}

static struct rt_wait *wait_of(struct history *history, int who)
{
    return &history->stage.parties[who].wait;
}

static void note_sent(struct history *history, int who)
{
    int64_t message = history->stage.parties[who].message;
    assert_int_equal(history->fate[message], UNSENT);
    history->fate[message] = SENT;
    history->sent[history->sent_count++] = message;
    history->in_flight++;
    assert_true(history->in_flight <= history->capacity);
}

static void note_received(struct history *history, int who)
{
    int64_t message = history->stage.parties[who].message, order = 0;
    assert_int_equal(history->fate[message], SENT);
    history->fate[message] = RECEIVED;
    history->in_flight--;
    if (history->receivers == 1) /* to a single receiver the channel is a queue, drops or not */
        assert_int_equal(message, history->sent[history->oldest++]);
    if (history->drops)
        return;
    while (history->sent[order] != message)
        order++;
    assert_true(order > history->last_order[who]);
    history->last_order[who] = order;
}

/* Only when closed, and a receiver that comes only when nothing is left for it. */
static void check_refused(struct history *history, int who, bool came)
{
    int64_t promised = 0;
    for (int other = SENDERS; other < PARTIES; other++)
        promised += rt_wait_is_granted(wait_of(history, other));
    assert_true(history->closed);
    if (came && !is_sender(who))
        assert_int_equal(history->in_flight, promised);
}

static void poll(struct history *history, int who)
{
    struct stage *stage = &history->stage;
    bool begins = rt_wait_is_idle(wait_of(history, who));
    bool owned = rt_wait_is_granted(wait_of(history, who));
    if (begins) {
        rt_run_ready(stage->executor);
        history->polls_before[who] = stage->parties[who].probe.polls;
    }
    int64_t message = stage->parties[who].message;
    if (is_sender(who) && begins)
        message = history->attempts++;
    rt_poll result = is_sender(who) ? send_by(stage, who, message) : receive_by(stage, who);
    if (owned)
        assert_int_equal(result, 0); /* a promise is kept */
    if (result == 0)
        is_sender(who) ? note_sent(history, who) : note_received(history, who);
    else if (result == -EPIPE)
        check_refused(history, who, begins);
    else
        assert_int_equal(result, RT_PENDING);
}

static void drop(struct history *history, int who)
{
    if (is_sender(who))
        drop_send(&history->stage, who);
    else
        drop_receive(&history->stage, who);
    assert_true(rt_wait_is_idle(wait_of(history, who)));
}

/* Woken exactly when there is something to be polled for. */
static void check_wake(struct history *history, int who)
{
    struct party *party = &history->stage.parties[who];
    bool queued = party->cx.task->state & RT_QUEUED;
    int polls = party->probe.polls - history->polls_before[who];
    if (rt_wait_is_idle(&party->wait))
        return;
    assert_int_equal(queued + polls, !rt_wait_is_waiting(&party->wait));
}

static void check(struct history *history)
{
    int64_t waiting[2] = {0, 0}, promised[2] = {0, 0};
    for (int who = 0; who < PARTIES; who++) {
        check_wake(history, who);
        waiting[is_sender(who)] += rt_wait_is_waiting(wait_of(history, who));
        promised[is_sender(who)] += rt_wait_is_granted(wait_of(history, who));
    }
    assert_true(!history->closed || waiting[0] + waiting[1] == 0);
    assert_true(history->in_flight >= promised[0]);
    assert_true(history->in_flight + promised[1] <= history->capacity);
    if (waiting[1]) /* a sender waits: every place is taken or promised */
        assert_int_equal(history->in_flight + promised[1], history->capacity);
    if (waiting[0]) /* a receiver waits: every message is promised to another */
        assert_int_equal(history->in_flight, promised[0]);
}

static void step(struct history *history)
{
    int who = (int)tc_rng_below(&history->rng, (uint64_t)(SENDERS + history->receivers));
    uint64_t chance = tc_rng_below(&history->rng, 10);
    if (rt_wait_is_idle(wait_of(history, who)) || chance < 7)
        poll(history, who);
    else if (history->drops && chance < 9)
        drop(history, who);
    else
        rt_run_ready(history->stage.executor);
    check(history);
}

static void begin_epoch(struct history *history)
{
    struct tc_rng rng = history->rng;
    *history = (struct history){.rng = rng};
    history->capacity = 1 + (uint32_t)tc_rng_below(&history->rng, 5);
    history->receivers = 1 + (int)tc_rng_below(&history->rng, PARTIES - SENDERS);
    history->drops = tc_rng_below(&history->rng, 4) > 0;
    for (int who = 0; who < PARTIES; who++)
        history->last_order[who] = -1;
    begin(&history->stage, history->capacity);
}

/* Closed, with everything that was under way finished: what was sent can all be received. */
static void end_epoch(struct history *history)
{
    rt_chan_close(history->stage.chan);
    history->closed = true;
    check(history);
    for (int i = 0; i < 50; i++)
        step(history);
    history->drops = true; /* the order of the remainder is not that of one receiver */
    for (int who = 0; who < PARTIES; who++)
        if (!rt_wait_is_idle(wait_of(history, who)))
            poll(history, who);
    while (history->in_flight > 0)
        poll(history, SENDERS);
    assert_int_equal(receive_by(&history->stage, SENDERS), -EPIPE);
    assert_int_equal(send_by(&history->stage, 0, 1), -EPIPE);
    for (int64_t i = 0; i < history->sent_count; i++)
        assert_int_equal(history->fate[history->sent[i]], RECEIVED);
    end(&history->stage);
}

static void play(uint64_t seed)
{
    static struct history history;
    print_message("seed %llu\n", (unsigned long long)seed);
    tc_rng_seed(&history.rng, seed);
    for (int done = 0; done < STEPS; done += EPOCH_STEPS) {
        begin_epoch(&history);
        for (int i = 0; i < EPOCH_STEPS - 50; i++)
            step(&history);
        assert_true(history.sent_count > 0);
        end_epoch(&history);
    }
}

static void test_nothing_is_lost(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        play(seed);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing_is_lost),
};
TEST_MAIN(tests)
