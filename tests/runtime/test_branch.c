/* SPDX-License-Identifier: MIT
 *
 * What branches may do as if they were tasks: yield, call, spend their budget, give out wakers,
 * join tasks.
 */
#include "test_main.h"

#include "branches.h"

struct yielder {
    RT_FRAME;
    int laps;
    int *others; /* what another task counts up */
    int seen;
};

static rt_poll yielder(void *frame, struct rt_cx *cx)
{
    struct yielder *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        self->seen = *self->others;
        RT_AWAIT(rt_yield);
        assert_true(*self->others > self->seen); /* the other task had its turn */
    }
    RT_END(0);
}

struct counter {
    RT_FRAME;
    int *count, laps;
};

static rt_poll counter(void *frame, struct rt_cx *cx)
{
    struct counter *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--) {
        ++*self->count;
        RT_AWAIT(rt_yield);
    }
    RT_END(0);
}

struct two_yielders {
    RT_FRAME;
    int *others;
    struct rt_node node;
    RT_CHILD(yielder) a, b;
};

static rt_poll two_yielders(void *frame, struct rt_cx *cx)
{
    struct two_yielders *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, yielder, {.laps = 100, .others = self->others});
    RT_ARM(&self->node, &self->b, yielder, {.laps = 50, .others = self->others});
    RT_AWAIT(rt_node_join, &self->node);
    RT_END(0);
}

static void test_branches_that_yield_let_other_tasks_run(void **state)
{
    struct rt_executor *executor = new_executor();
    int others = 0;
    (void)state;
    struct rt_handle handle = SPAWNED(executor, two_yielders, {.others = &others});
    SPAWN_DETACHED(executor, counter, {.count = &others, .laps = 200});
    assert_int_equal(rt_block_on(executor, handle), 0);
    assert_in_range(others, 100, 102);
    rt_executor_free(executor);
}

/* A branch calls functions as a task does: a wake resumes the innermost of them. */
struct caller {
    RT_FRAME;
    struct tally *tally, *callee;
    struct rt_chan *in;
    RT_CALLEE(child) child;
    int64_t sum;
};

static rt_poll caller(void *frame, struct rt_cx *cx)
{
    struct caller *self = frame;
    self->tally->polls++;
    RT_BEGIN(self, cx);
    RT_CALL_INTO(self->sum, child, &self->child,
                 {.tally = self->callee, .in = self->in, .messages = 3});
    RT_END(self->sum);
}

struct joining_callers {
    RT_FRAME;
    struct tally *tallies;
    struct rt_chan *in;
    int64_t *results;
    struct rt_node node;
    RT_CHILD(caller) a, b;
};

static rt_poll joining_callers(void *frame, struct rt_cx *cx)
{
    struct joining_callers *self = frame;
    struct tally *tallies = self->tallies;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, caller,
           {.tally = tallies, .callee = tallies + 1, .in = self->in});
    RT_ARM(&self->node, &self->b, caller,
           {.tally = tallies + 2, .callee = tallies + 3, .in = self->in});
    RT_AWAIT(rt_node_join, &self->node);
    self->results[0] = self->a.result;
    self->results[1] = self->b.result;
    RT_END(0);
}

static void test_branches_call(void **state)
{
    (void)state;
    for (int words = 0; words <= 6; words++) { /* with fewer than 6 it is dropped at its end */
        struct rt_executor *executor = new_executor();
        struct rt_chan *in = new_chan(1);
        struct tally tallies[4] = {{0}};
        int64_t results[2];
        rt_detach(
            SPAWNED(executor, joining_callers, {.tallies = tallies, .in = in, .results = results}));
        rt_run_ready(executor);
        for (int word = 1; word <= words; word++) {
            send_word(executor, in, word);
            rt_run_ready(executor);
        }
        assert_int_equal(tallies[1].polls + tallies[3].polls, 2 + words);
        assert_int_equal(tallies[0].polls, words >= 5 ? 2 : 1); /* when its callee had ended */
        rt_executor_free(executor);
        assert_int_equal(tallies[1].ends, 1);
        assert_int_equal(tallies[3].ends, 1);
        assert_int_equal(tallies[1].drops, words < 5);
        assert_int_equal(tallies[3].drops, words < 6);
        if (words == 6) {
            assert_int_equal(results[0], 5);
            assert_int_equal(results[1], 6);
        }
        rt_chan_free(in);
    }
}

/* -- tasks joined by branches -- */

struct failing {
    RT_FRAME;
    int laps;
    int64_t result;
};

static rt_poll failing(void *frame, struct rt_cx *cx)
{
    struct failing *self = frame;
    RT_BEGIN(self, cx);
    for (; self->laps > 0; self->laps--)
        RT_AWAIT(rt_yield);
    RT_END(self->result);
}

RT_FUTURE(ended, rt_join, (struct rt_handle, task));

struct two_tasks {
    RT_FRAME;
    struct rt_handle tasks[2];
    int64_t outcome;
    struct rt_node node;
    RT_CHILD(ended) a, b;
};

static rt_poll two_tasks(void *frame, struct rt_cx *cx)
{
    struct two_tasks *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, ended, {.task = self->tasks[0]});
    RT_ARM(&self->node, &self->b, ended, {.task = self->tasks[1]});
    RT_AWAIT_INTO(self->outcome, rt_node_try_join, &self->node);
    RT_END(self->outcome);
}

/* A try_join over handles fails with what a task has failed with, not only when joining fails. The
 * other task is detached by it, and goes on. */
static void test_a_failure_within_a_task_is_seen(void **state)
{
    static const int64_t results[] = {0, -EIO};
    (void)state;
    for (int a = 0; a <= 1; a++) {
        for (int b = 0; b <= 1; b++) {
            struct rt_executor *executor = new_executor();
            struct two_tasks frame = {
                .tasks = {SPAWNED(executor, failing, {.laps = 5, .result = results[a]}),
                          SPAWNED(executor, failing, {.laps = 9, .result = results[b]})}};
            struct rt_handle handle =
                SPAWNED(executor, two_tasks, {.tasks = {frame.tasks[0], frame.tasks[1]}});
            assert_int_equal(rt_block_on(executor, handle), a || b ? -EIO : 0);
            assert_int_equal(executor->live, a); /* the one that needs longer */
            rt_run_ready(executor);
            assert_int_equal(executor->live, 0);
            rt_executor_free(executor);
        }
    }
}

/* -- a budget for all -- */

struct greedy {
    RT_FRAME;
    struct rt_chan *in;
    int64_t word, sum;
};

static rt_poll greedy(void *frame, struct rt_cx *cx)
{
    struct greedy *self = frame;
    int64_t result;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_AWAIT_INTO(result, rt_chan_recv, self->in, &self->word);
        if (result == -EPIPE)
            break;
        self->sum += self->word;
    }
    RT_END(self->sum);
}

struct two_greedy {
    RT_FRAME;
    struct rt_chan *in[2];
    struct rt_node node;
    RT_CHILD(greedy) a, b;
};

static rt_poll two_greedy(void *frame, struct rt_cx *cx)
{
    struct two_greedy *self = frame;
    RT_BEGIN(self, cx);
    RT_ARM(&self->node, &self->a, greedy, {.in = self->in[0]});
    RT_ARM(&self->node, &self->b, greedy, {.in = self->in[1]});
    RT_AWAIT(rt_node_join, &self->node);
    RT_END(self->a.result + self->b.result);
}

/* The branches of a task share its budget: with thousands of messages ready it lets others run, and
 * each branch gets on. */
static void test_branches_share_the_budget(void **state)
{
    enum { WORDS = 2000 };
    struct rt_executor *executor = new_executor();
    struct rt_chan *in[2] = {new_chan(WORDS), new_chan(WORDS)};
    int others = 0;
    (void)state;
    for (int i = 0; i < WORDS; i++)
        for (int which = 0; which < 2; which++)
            send_word(executor, in[which], 1);
    rt_chan_close(in[0]);
    rt_chan_close(in[1]);
    struct rt_handle handle = SPAWNED(executor, two_greedy, {.in = {in[0], in[1]}});
    SPAWN_DETACHED(executor, counter, {.count = &others, .laps = 1000});
    assert_int_equal(rt_block_on(executor, handle), 2 * WORDS);
    assert_true(others >= 2 * WORDS / RT_BUDGET);
    rt_executor_free(executor);
    rt_chan_free(in[0]);
    rt_chan_free(in[1]);
}

static void test_sizes(void **state)
{
    (void)state;
    print_message("node %zu B, branch without its frame %zu B, collection %zu B\n",
                  sizeof(struct rt_node), sizeof(RT_CHILD(child)) - sizeof(struct child),
                  sizeof(struct rt_branches));
    assert_int_equal(sizeof(struct rt_node), 32);
    assert_int_equal(sizeof(RT_CHILD(child)) - sizeof(struct child), sizeof(struct rt_task));
    assert_int_equal(sizeof(struct rt_task), 32);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_branches_that_yield_let_other_tasks_run),
    cmocka_unit_test(test_branches_call),
    cmocka_unit_test(test_a_failure_within_a_task_is_seen),
    cmocka_unit_test(test_branches_share_the_budget),
    cmocka_unit_test(test_sizes),
};
TEST_MAIN(tests)
