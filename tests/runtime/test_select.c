/* SPDX-License-Identifier: MIT
 *
 * Select: who wins, guards, fairness, and that the losers lose nothing.
 */
#include "test_main.h"

#include "branches.h"

#include "base/rng.h"

RT_FUTURE(receive, rt_chan_recv, (struct rt_chan *, chan), (int64_t *, message));
RT_FUTURE(wait_for, rt_event_wait, (struct rt_event *, event));

enum { ARMS = 4 };

/* Receives from whichever channel has something, until it has seen enough or there are no arms. */
struct selector {
    RT_FRAME;
    struct rt_chan **chans;
    int guards;         /* a bit for each arm that is open */
    int laps;           /* how many messages it wants */
    struct tc_rng *rng; /* for the start order; NULL: fixed */
    int *wins;          /* by arm; [ARMS] counts the else branch */
    int64_t *last;      /* the last message by arm; they must increase */
    int arm;
    int64_t message;
    struct rt_node node;
    RT_CHILD(receive) arms[ARMS];
};

static int winner(struct selector *self)
{
    for (int arm = 0; arm < ARMS; arm++)
        if (RT_WON(&self->node, &self->arms[arm]))
            return arm;
    return ARMS;
}

static rt_poll selector(void *frame, struct rt_cx *cx)
{
    struct selector *self = frame;
    int64_t result;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        for (int arm = 0; arm < ARMS; arm++)
            if (self->guards & 1 << arm)
                RT_ARM(&self->node, &self->arms[arm], receive,
                       {.chan = self->chans[arm], .message = &self->message});
        if (self->rng)
            rt_node_start_with(&self->node, tc_rng_next(self->rng));
        RT_AWAIT_INTO(result, rt_node_select, &self->node);
        self->arm = winner(self);
        assert_int_equal(result, self->arm == ARMS ? -ENOENT : 0);
        self->wins[self->arm]++;
        if (self->arm == ARMS)
            continue;
        assert_true(self->message > self->last[self->arm]);
        self->last[self->arm] = self->message;
    }
    RT_END(0);
}

struct scene {
    struct rt_executor *executor;
    struct rt_chan *chans[ARMS];
    int wins[ARMS + 1];
    int64_t last[ARMS];
    struct tc_rng rng;
};

static void begin(struct scene *scene, uint32_t capacity)
{
    *scene = (struct scene){.executor = new_executor()};
    tc_rng_seed(&scene->rng, 5);
    for (int i = 0; i < ARMS; i++)
        scene->chans[i] = new_chan(capacity);
}

static void end(struct scene *scene)
{
    rt_executor_free(scene->executor);
    for (int i = 0; i < ARMS; i++)
        rt_chan_free(scene->chans[i]);
}

static struct rt_handle spawn_selector(struct scene *scene, int guards, int laps, bool random)
{
    return SPAWNED(scene->executor, selector,
                   {.chans = scene->chans,
                    .guards = guards,
                    .laps = laps,
                    .rng = random ? &scene->rng : NULL,
                    .wins = scene->wins,
                    .last = scene->last});
}

static void test_the_first_wins_and_the_others_lose_nothing(void **state)
{
    struct scene scene;
    (void)state;
    begin(&scene, 4);
    struct rt_handle handle = spawn_selector(&scene, 15, 1, false);
    rt_run_ready(scene.executor);
    for (int i = 1; i <= 2; i++) /* all are granted one; the rest lies behind it */
        for (int arm = ARMS - 1; arm >= 0; arm--)
            send_word(scene.executor, scene.chans[arm], i);
    assert_int_equal(rt_block_on(scene.executor, handle), 0);
    assert_int_equal(scene.wins[3], 1); /* woken first */
    handle = spawn_selector(&scene, 15, 7, false);
    assert_int_equal(rt_block_on(scene.executor, handle), 0);
    for (int arm = 0; arm < ARMS; arm++) { /* none lost, each in order */
        assert_int_equal(scene.wins[arm], 2);
        assert_int_equal(scene.last[arm], 2);
    }
    end(&scene);
}

/* Guards close arms; with all closed it is the else branch, at once. */
static void test_guards(void **state)
{
    (void)state;
    for (int guards = 0; guards < 1 << ARMS; guards++) {
        struct scene scene;
        begin(&scene, 16);
        for (int arm = 0; arm < ARMS; arm++)
            for (int i = 1; i <= 3; i++)
                send_word(scene.executor, scene.chans[arm], i);
        int open = __builtin_popcount((unsigned)guards);
        struct rt_handle handle = spawn_selector(&scene, guards, open ? 3 * open : 5, false);
        assert_int_equal(rt_block_on(scene.executor, handle), 0);
        for (int arm = 0; arm < ARMS; arm++)
            assert_int_equal(messages_in(scene.chans[arm]), guards & 1 << arm ? 0 : 3);
        assert_int_equal(scene.wins[ARMS], open ? 0 : 5);
        end(&scene);
    }
}

/* An else branch after a win has no winner. */
static void test_no_winner_after_one(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_cx cx = {.executor = executor, .budget = 1000};
    struct probe host = {0};
    struct tally tally = {0};
    struct {
        struct rt_node node;
        RT_CHILD(child) child;
    } tree = {0};
    struct rt_wait wait;
    (void)state;
    cx.task = spawn_probe(executor, &host).task;
    RT_ARM(&tree.node, &tree.child, child, {.tally = &tally, .result = 3});
    rt_wait_init(&wait);
    assert_int_equal(rt_node_select_poll(&wait, &cx, &tree.node), 3);
    assert_true(RT_WON(&tree.node, &tree.child));
    rt_wait_init(&wait);
    assert_int_equal(rt_node_select_poll(&wait, &cx, &tree.node), -ENOENT);
    assert_false(RT_WON(&tree.node, &tree.child));
    rt_executor_free(executor);
}

/* The statistic that is chi-square distributed with ARMS - 1 degrees of freedom when all arms are
 * equally likely; above 16.3 in one of a thousand. */
static double chi_square(const int *wins, double expected)
{
    double sum = 0;
    for (int arm = 0; arm < ARMS; arm++)
        sum += (wins[arm] - expected) * (wins[arm] - expected) / expected;
    return sum;
}

static void run_with_all_ready(struct scene *scene, int laps, bool random)
{
    enum { CHUNK = 1000 };
    int64_t next[ARMS];
    for (int arm = 0; arm < ARMS; arm++)
        next[arm] = scene->last[arm] + messages_in(scene->chans[arm]) + 1;
    for (; laps > 0; laps -= CHUNK) {
        for (int arm = 0; arm < ARMS; arm++)
            while (messages_in(scene->chans[arm]) < CHUNK)
                send_word(scene->executor, scene->chans[arm], next[arm]++);
        struct rt_handle handle = spawn_selector(scene, 15, CHUNK, random);
        assert_int_equal(rt_block_on(scene->executor, handle), 0);
    }
}

static void test_a_random_start_is_fair(void **state)
{
    enum { LAPS = 100000 };
    struct scene scene;
    (void)state;
    begin(&scene, 1000);
    run_with_all_ready(&scene, LAPS, true);
    assert_true(chi_square(scene.wins, (double)LAPS / ARMS) < 16.3);
    end(&scene);
    begin(&scene, 1000);
    run_with_all_ready(&scene, 1000, false); /* the fixed order is not */
    assert_int_equal(scene.wins[0], 1000);
    end(&scene);
}

static void test_every_start_goes_round(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_cx cx = {.executor = executor, .budget = 1000};
    struct probe host = {0};
    struct tally tallies[3];
    struct {
        struct rt_node node;
        RT_CHILD(child) children[3];
    } tree = {0};
    struct rt_chan *never = new_chan(1);
    (void)state;
    cx.task = spawn_probe(executor, &host).task;
    for (uint64_t start = 0; start < 12; start++) {
        struct rt_wait wait;
        memset(tallies, 0, sizeof tallies);
        for (int i = 0; i < 3; i++)
            RT_ARM(&tree.node, &tree.children[i], child,
                   {.tally = &tallies[i], .in = never, .messages = 1});
        rt_node_start_with(&tree.node, start);
        rt_wait_init(&wait);
        assert_int_equal(rt_node_select_poll(&wait, &cx, &tree.node), RT_PENDING);
        for (uint64_t i = 0; i < 2; i++)
            assert_int_equal(tallies[(start + i + 1) % 3].order,
                             tallies[(start + i) % 3].order + 1);
        rt_node_select_drop(&wait, &tree.node);
    }
    rt_chan_free(never);
    rt_executor_free(executor);
}

/* -- losers -- */

/* Two arms receive from one channel, the third waits for an event. */
struct rival {
    RT_FRAME;
    struct rt_chan *chan;
    struct rt_event *event;
    int64_t a_message, b_message;
    struct rt_node node;
    RT_CHILD(receive) a, b;
    RT_CHILD(wait_for) c;
};

static rt_poll rival(void *frame, struct rt_cx *cx)
{
    struct rival *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->c, wait_for, {.event = self->event});
    RT_ARM(&self->node, &self->a, receive, {.chan = self->chan, .message = &self->a_message});
    RT_ARM(&self->node, &self->b, receive, {.chan = self->chan, .message = &self->b_message});
    RT_AWAIT(rt_node_select, &self->node);
    RT_END(RT_WON(&self->node, &self->c) ? 1 : 2);
}

/* What a loser was granted passes through the other loser and back to the channel, in front of what
 * came later, and the task is not woken for it. */
static void test_a_grant_passes_through_the_losers(void **state)
{
    (void)state;
    for (int sent = 0; sent <= 3; sent++) {
        struct rt_executor *executor = new_executor();
        struct rt_chan *chan = new_chan(4);
        struct rt_event event;
        rt_event_init(&event);
        struct rt_handle handle = SPAWNED(executor, rival, {.chan = chan, .event = &event});
        rt_run_ready(executor);
        rt_event_set(&event);
        for (int i = 0; i < sent; i++)
            send_word(executor, chan, i);
        assert_int_equal(rt_run_ready(executor), 1);
        assert_int_equal(rt_block_on(executor, handle), 1);
        assert_int_equal(messages_in(chan), sent);
        rt_executor_free(executor);
        rt_chan_free(chan);
    }
}

/* -- long -- */

struct sender {
    RT_FRAME;
    struct rt_chan *out;
    int count;
    int64_t next;
};

static rt_poll sender(void *frame, struct rt_cx *cx)
{
    struct sender *self = frame;
    RT_BEGIN(self, cx);
    for (self->next = 1; self->next <= self->count; self->next++) {
        RT_AWAIT(rt_chan_send, self->out, self->next);
        if (self->next % 7 == 0)
            RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

static void test_everything_sent_is_received_once_and_in_order(void **state)
{
    enum { COUNT = 20000 };
    struct scene scene;
    (void)state;
    for (int random = 0; random <= 1; random++) {
        begin(&scene, 3);
        for (int arm = 0; arm < ARMS; arm++)
            SPAWN_DETACHED(scene.executor, sender, {.out = scene.chans[arm], .count = COUNT});
        struct rt_handle handle = spawn_selector(&scene, 15, ARMS * COUNT, random);
        assert_int_equal(rt_block_on(scene.executor, handle), 0);
        for (int arm = 0; arm < ARMS; arm++) {
            assert_int_equal(scene.wins[arm], COUNT);
            assert_int_equal(scene.last[arm], COUNT);
            assert_int_equal(messages_in(scene.chans[arm]), 0);
        }
        end(&scene);
    }
}

static void test_polled_after_its_end_it_aborts(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_cx cx = {.executor = executor, .budget = 2};
    struct probe host = {0};
    struct rt_node node = {0};
    struct rt_wait wait;
    (void)state;
    cx.task = spawn_probe(executor, &host).task;
    rt_wait_init(&wait);
    assert_int_equal(rt_node_select_poll(&wait, &cx, &node), -ENOENT);
    assert_true(ABORTS_SAYING("rt_node_select", rt_node_select_poll(&wait, &cx, &node)));
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_first_wins_and_the_others_lose_nothing),
    cmocka_unit_test(test_guards),
    cmocka_unit_test(test_no_winner_after_one),
    cmocka_unit_test(test_a_random_start_is_fair),
    cmocka_unit_test(test_every_start_goes_round),
    cmocka_unit_test(test_a_grant_passes_through_the_losers),
    cmocka_unit_test(test_everything_sent_is_received_once_and_in_order),
    cmocka_unit_test(test_polled_after_its_end_it_aborts),
};
TEST_MAIN(tests)
