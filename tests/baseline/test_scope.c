/* SPDX-License-Identifier: MIT
 *
 * Waiting that ends early, one row each kind of wait: by a deadline, by a request that comes before
 * or while the thread waits, and not at all when what it waits for is there. Afterwards the thing
 * waited for is as it was: whoever waits next gets what comes.
 */
#include "test_main.h"

#include "waits.h"

/* -- what is held against each -- */

static void assert_result(const struct row *row, int64_t result, int64_t expected)
{
    if (result != expected)
        print_message("%s: %lld instead of %lld\n", row->name, (long long)result,
                      (long long)expected);
    assert_int_equal(result, expected);
}

static int64_t wait_until_ns(const struct row *row, struct world *world, uint64_t deadline_ns)
{
    struct tb_scope outer = tb_scope_enter(deadline_ns, NULL);
    int64_t result = row->wait(world);
    tb_scope_leave(outer);
    return result;
}

static void test_a_deadline_ends_every_wait(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(rows); i++) {
        struct world world = {0};
        build(&world);
        assert_result(&rows[i], wait_until_ns(&rows[i], &world, 0), -ETIMEDOUT);
        uint64_t deadline_ns = tc_now_ns() + TC_NS_PER_MS;
        assert_result(&rows[i], wait_until_ns(&rows[i], &world, deadline_ns), -ETIMEDOUT);
        assert_true(tc_now_ns() >= deadline_ns);
        rows[i].bring(&world);
        assert_result(&rows[i], rows[i].wait(&world), 0);
        take_down(&world);
    }
}

/* What is there is taken by a thread that may not wait for it. Ends of threads take their time. */
static void test_what_is_there_is_taken_anyway(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(rows); i++) {
        struct world world = {0};
        int64_t result;
        build(&world);
        rows[i].bring(&world);
        do
            result = wait_until_ns(&rows[i], &world, 0);
        while (result == -ETIMEDOUT);
        assert_result(&rows[i], result, 0);
        take_down(&world);
    }
}

struct waiter {
    const struct row *row;
    struct world *world;
    int64_t started;
};

static int64_t wait_for_row(void *frame)
{
    struct waiter *self = frame;
    bump(&self->started);
    return self->row->wait(self->world);
}

/* Asked before it waits, as it begins to, and while it sleeps: the more turns it gets, the further
 * it is. */
static void test_a_request_ends_every_wait(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(rows); i++) {
        struct world world = {0};
        build(&world);
        for (int turns = 0; turns < 12; turns++) {
            struct waiter waiter = {&rows[i], &world, 0};
            struct tb_handle handle = start_abortable(wait_for_row, &waiter);
            if (turns > 0)
                wait_until(&waiter.started, 1);
            for (int turn = 1; turn < turns; turn++)
                tb_yield();
            assert_true(tb_abort(handle));
            assert_false(tb_abort(handle)); /* asked before */
            assert_result(&rows[i], tb_join(handle), -ECANCELED);
        }
        rows[i].bring(&world);
        assert_result(&rows[i], rows[i].wait(&world), 0);
        take_down(&world);
    }
}

/* -- scopes themselves -- */

static void test_scopes_nest(void **state)
{
    struct tb_cancel cancel;
    (void)state;
    tb_cancel_init(&cancel);
    assert_true(tb_scope_is_open());
    struct tb_scope outermost = tb_scope_enter(1000, NULL);
    assert_false(tb_scope_is_open());
    struct tb_scope outer = tb_scope_enter(2000, &cancel); /* not beyond the outer one */
    assert_int_equal(tb_scope.deadline_ns, 1000);
    assert_ptr_equal(tb_scope.cancel, &cancel);
    assert_false(tb_cancel_requested());
    tb_cancel_request(&cancel);
    assert_true(tb_cancel_requested());
    assert_int_equal(tb_park_any(NULL, 0), -ECANCELED);
    tb_scope_leave(outer);
    assert_false(tb_cancel_requested());
    tb_scope_leave(outermost);
    assert_true(tb_scope_is_open());
    tb_cancel_destroy(&cancel);
}

static int64_t sleep_for_ever(void *frame)
{
    (void)frame;
    return tb_sleep_until(TC_NEVER);
}

static void test_sleeping_ends_early_too(void **state)
{
    (void)state;
    uint64_t now_ns = tc_now_ns();
    assert_int_equal(tb_timeout(now_ns + TC_NS_PER_MS, sleep_for_ever, NULL), -ETIMEDOUT);
    assert_true(tc_now_ns() >= now_ns + TC_NS_PER_MS);
    struct tb_scope outer = tb_scope_enter(now_ns + 3600 * TC_NS_PER_S, NULL);
    assert_int_equal(tb_sleep_until(tc_now_ns() + TC_NS_PER_MS), 0); /* its own time comes first */
    assert_int_equal(tb_sleep_until(0), 0);
    tb_scope_leave(outer);
    for (int turns = 0; turns < 12; turns++) {
        struct tb_handle handle = start_abortable(sleep_for_ever, NULL);
        for (int turn = 0; turn < turns; turn++)
            tb_yield();
        assert_true(tb_abort(handle));
        assert_int_equal(tb_join(handle), -ECANCELED);
    }
}

static void test_only_who_can_be_asked_is(void **state)
{
    (void)state;
    struct tb_event end;
    tb_event_init(&end);
    struct tb_handle handle = start(wait_for_own_event, &end);
    assert_false(tb_abort(handle));
    tb_event_set(&end);
    assert_int_equal(tb_join(handle), 0);
    handle = start_abortable(wait_for_own_event, &end);
    while (tb_is_running(handle))
        tb_yield();
    assert_false(tb_abort(handle)); /* it has ended */
    assert_int_equal(tb_join(handle), 0);
    struct tb_cancel shared;
    struct tb_event *never = &end;
    tb_event_reset(&end);
    tb_cancel_init(&shared);
    assert_int_equal(
        tb_spawn_cancellable(&spawner, &shared, wait_for_event, &never, sizeof never, &handle), 0);
    assert_false(tb_abort(handle)); /* its token is not its own */
    assert_true(tb_is_running(handle));
    tb_cancel_request(&shared);
    assert_int_equal(tb_join(handle), -ECANCELED);
    tb_cancel_destroy(&shared);
}

static int64_t bring_late(void *frame)
{
    tb_sleep_until(tc_now_ns() + 200000);
    bring_message(frame);
    return 0;
}

/* Who joins within a scope sleeps until the thread wakes it, not until the deadline. */
static void test_a_joiner_in_a_scope_is_woken(void **state)
{
    (void)state;
    struct tb_scope outer = tb_scope_enter(tc_now_ns() + 3600 * TC_NS_PER_S, NULL);
    for (int round = 0; round < 50; round++) {
        struct world world = {0};
        struct waiter waiter = {&rows[0], &world, 0};
        world.empty = tb_chan_new(1);
        struct tb_handle handle = start(wait_for_row, &waiter);
        struct tb_handle sender = start(bring_late, &world);
        assert_int_equal(tb_join(handle), 0);
        assert_int_equal(tb_join(sender), 0);
        tb_chan_free(world.empty);
    }
    tb_scope_leave(outer);
}

static void test_ticks_that_were_missed_are_told(void **state)
{
    struct tb_interval interval;
    (void)state;
    tb_interval_init(&interval, TC_NS_PER_MS);
    uint64_t first_ns = interval.next_ns;
    tb_sleep_until(first_ns + 5 * TC_NS_PER_MS + TC_NS_PER_MS / 2);
    int64_t missed = tb_interval_tick(&interval);
    assert_true(missed >= 5);
    assert_int_equal(interval.next_ns, first_ns + (uint64_t)(missed + 1) * TC_NS_PER_MS);
    uint64_t next_ns = interval.next_ns;
    while (tb_interval_tick(&interval) > 0)
        next_ns = interval.next_ns; /* held up again */
    assert_true(tc_now_ns() >= next_ns);
}

static const struct CMUnitTest tests[] = {
    BOTH(test_a_deadline_ends_every_wait),
    BOTH(test_what_is_there_is_taken_anyway),
    BOTH(test_a_request_ends_every_wait),
    cmocka_unit_test(test_scopes_nest),
    cmocka_unit_test(test_sleeping_ends_early_too),
    cmocka_unit_test(test_only_who_can_be_asked_is),
    cmocka_unit_test(test_a_joiner_in_a_scope_is_woken),
    cmocka_unit_test(test_ticks_that_were_missed_are_told),
};
TEST_MAIN(tests)
