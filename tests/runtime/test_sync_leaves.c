/* SPDX-License-Identifier: MIT
 *
 * What every operation of the sync set promises, whichever it is: the first poll waits, a poll that
 * nothing woke changes nothing, a wake is one wake and the next poll is ready, and dropping it in
 * any state leaves what it was to get, or was given, to the next.
 */
#include "test_main.h"

#include "allocator.h"
#include "stage.h"
#include "sync_leaves.h"

struct play {
    struct stage stage;
    struct sync_world world;
    struct sync_waiting own[WAITERS];
};

struct leaf {
    const char *name;
    rt_poll (*poll)(struct play *play, int who);
    void (*drop)(struct play *play, int who);
    void (*wake)(struct play *play);
    int waiters;
};

#define SYNC (&play->world)
#define OWN  (&play->own[who])
#define LEAF(name, waiters, wakes, operation, ...)                               \
    static rt_poll name##_poll(struct play *play, int who)                       \
    {                                                                            \
        return POLL(&play->stage, who, operation, __VA_ARGS__);                  \
    }                                                                            \
    static void name##_drop(struct play *play, int who)                          \
    {                                                                            \
        DROP(&play->stage, who, operation, __VA_ARGS__);                         \
        assert_true(rt_wait_is_idle(&play->stage.waits[who]) || (waiters) == 1); \
    }                                                                            \
    static void name##_wake(struct play *play)                                   \
    {                                                                            \
        struct sync_world *world = &play->world;                                 \
        __attribute__((unused)) struct rt_cx *cx = &play->stage.cx[WAITERS - 1]; \
        wakes;                                                                   \
    }
SYNC_LEAVES(LEAF)

#define ROW(name, waiters, ...) {#name, name##_poll, name##_drop, name##_wake, waiters},
static const struct leaf leaves[] = {SYNC_LEAVES(ROW)};

#define FOR_EACH_LEAF(leaf) \
    for (const struct leaf *leaf = leaves; leaf < leaves + TC_COUNT_OF(leaves); leaf++)

/* As many wait as may. */
static void begin_waiting(struct play *play, const struct leaf *leaf)
{
    memset(play, 0, sizeof *play);
    print_message("%s\n", leaf->name);
    begin(&play->stage);
    build_sync(&play->world);
    for (int who = 0; who < leaf->waiters; who++)
        assert_int_equal(leaf->poll(play, who), RT_PENDING);
    assert_woken(&play->stage, 0);
}

static void end_waiting(struct play *play)
{
    end_sync(&play->world);
    end(&play->stage);
}

static bool is_woken(struct play *play, int who)
{
    return play->stage.cx[who].task->state & RT_QUEUED;
}

/* It is the turn of this one: a wake reaches it unless one already has, and it is ready. */
static void finish(struct play *play, const struct leaf *leaf, int who)
{
    if (!is_woken(play, who))
        leaf->wake(play);
    assert_true(is_woken(play, who));
    assert_true(leaf->poll(play, who) >= 0);
}

static void finish_from(struct play *play, const struct leaf *leaf, int who)
{
    for (; who < leaf->waiters; who++)
        finish(play, leaf, who);
}

static void test_ready_after_one_wake(void **state)
{
    static struct play play;
    (void)state;
    FOR_EACH_LEAF(leaf)
    {
        begin_waiting(&play, leaf);
        finish_from(&play, leaf, 0);
        assert_woken(&play.stage, (1u << leaf->waiters) - 1);
        end_waiting(&play);
    }
}

static void test_a_poll_that_nothing_woke_changes_nothing(void **state)
{
    static struct play play;
    (void)state;
    FOR_EACH_LEAF(leaf)
    {
        begin_waiting(&play, leaf);
        for (int lap = 0; lap < 3; lap++)
            for (int who = leaf->waiters - 1; who >= 0; who--)
                assert_int_equal(leaf->poll(&play, who), RT_PENDING);
        assert_woken(&play.stage, 0);
        finish_from(&play, leaf, 0);
        end_waiting(&play);
    }
}

static void test_dropped_before_the_first_poll(void **state)
{
    static struct play play;
    (void)state;
    FOR_EACH_LEAF(leaf)
    {
        begin_waiting(&play, leaf);
        leaf->drop(&play, WAITERS - 1);
        assert_woken(&play.stage, 0);
        finish_from(&play, leaf, 0);
        end_waiting(&play);
    }
}

/* From each place in the queue; who comes back is served after the others. */
static void test_dropped_while_waiting(void **state)
{
    static struct play play;
    (void)state;
    FOR_EACH_LEAF(leaf)
    {
        for (int leaver = 0; leaver < leaf->waiters; leaver++) {
            begin_waiting(&play, leaf);
            leaf->drop(&play, leaver);
            assert_woken(&play.stage, 0);
            assert_int_equal(leaf->poll(&play, leaver), RT_PENDING);
            for (int who = 0; who < leaf->waiters; who++)
                if (who != leaver)
                    finish(&play, leaf, who);
            finish(&play, leaf, leaver);
            end_waiting(&play);
        }
    }
}

/* What the first was given between its wake and its poll goes to the second, or to who comes. */
static void test_dropped_when_woken(void **state)
{
    static struct play play;
    (void)state;
    FOR_EACH_LEAF(leaf)
    {
        begin_waiting(&play, leaf);
        leaf->wake(&play);
        assert_true(is_woken(&play, 0));
        leaf->drop(&play, 0);
        assert_true(leaf->waiters == 1 || is_woken(&play, 1));
        assert_true(leaf->poll(&play, 1) >= 0);
        finish_from(&play, leaf, 2);
        end_waiting(&play);
    }
}

/* All give up, woken or not, in either order: it is as if nobody had come. */
static void test_all_dropped(void **state)
{
    static struct play play;
    (void)state;
    FOR_EACH_LEAF(leaf)
    {
        for (int woken = 0; woken <= 1; woken++) {
            for (int backwards = 0; backwards <= 1; backwards++) {
                begin_waiting(&play, leaf);
                if (woken)
                    leaf->wake(&play);
                for (int i = 0; i < leaf->waiters; i++)
                    leaf->drop(&play, backwards ? leaf->waiters - 1 - i : i);
                rt_run_ready(play.stage.executor);
                end_waiting(&play);
            }
        }
    }
}

/* What can be ready for ever is put off, still idle, when the budget is spent. A oneshot is ready
 * once, and a barrier not before others have run. */
static void test_being_ready_spends_the_budget(void **state)
{
    static struct play play;
    (void)state;
    FOR_EACH_LEAF(leaf)
    {
        if (strcmp(leaf->name, "oneshot_recv") == 0 || strcmp(leaf->name, "barrier_wait") == 0)
            continue;
        begin_waiting(&play, leaf);
        for (int who = 0; who < leaf->waiters; who++)
            leaf->drop(&play, who);
        leaf->wake(&play);
        play.stage.cx[0].budget = 1;
        assert_int_equal(leaf->poll(&play, 0), RT_PENDING);
        assert_true(rt_wait_is_idle(&play.stage.waits[0]));
        assert_woken(&play.stage, 1);
        play.stage.cx[0].budget = 2;
        assert_true(leaf->poll(&play, 0) >= 0);
        assert_int_equal(play.stage.cx[0].budget, 1);
        end_waiting(&play);
    }
}

/* A waiter lies in its frame: waiting, waking, serving and giving up need no memory. */
static void test_nothing_is_allocated(void **state)
{
    static struct play play;
    (void)state;
    need_our_allocator();
    FOR_EACH_LEAF(leaf)
    {
        begin_waiting(&play, leaf);
        long before = allocations;
        fails_for_good = true;
        fails_at = 1;
        bool first_ready = (leaf->wake(&play), leaf->poll(&play, 0) >= 0);
        for (int who = 1; who < leaf->waiters; who++)
            leaf->drop(&play, who);
        fails_at = 0; /* cmocka needs some */
        assert_true(first_ready);
        assert_int_equal(allocations, before);
        end_waiting(&play);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing_is_allocated),
    cmocka_unit_test(test_being_ready_spends_the_budget),
    cmocka_unit_test(test_ready_after_one_wake),
    cmocka_unit_test(test_a_poll_that_nothing_woke_changes_nothing),
    cmocka_unit_test(test_dropped_before_the_first_poll),
    cmocka_unit_test(test_dropped_while_waiting),
    cmocka_unit_test(test_dropped_when_woken),
    cmocka_unit_test(test_all_dropped),
};
TEST_MAIN(tests)
