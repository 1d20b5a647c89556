/* SPDX-License-Identifier: MIT
 *
 * Waiting for descriptors, on both reactors: who is woken by what, that nobody is woken by what was
 * meant for another, and that nothing is lost with who gives up.
 */
#include "test_main.h"

#include "reactors.h"
#include "socket_pair.h"

#include <pthread.h>

static void test_each_direction_wakes_its_own(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    fill(&pair);
    struct rt_handle reading = reader(&pair), writing = writer(&pair);
    settle(pair.executor);
    assert_int_equal(rt__reactor_parked(pair.executor->reactor), 2);
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    look(pair.executor);
    assert_true(is_queued(reading));
    assert_false(is_queued(writing));
    assert_int_equal(rt_block_on(pair.executor, reading), 3);
    drain(&pair);
    assert_int_equal(rt_block_on(pair.executor, writing), 1);
    assert_int_equal(rt__reactor_parked(pair.executor->reactor), 0);
    end(&pair);
}

static void test_one_reader_and_one_writer(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    fill(&pair);
    struct rt_handle reading = reader(&pair), writing = writer(&pair);
    settle(pair.executor);
    assert_int_equal(rt_block_on(pair.executor, reader(&pair)), -EBUSY);
    assert_int_equal(rt_block_on(pair.executor, writer(&pair)), -EBUSY);
    drain(&pair);
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    assert_int_equal(rt_block_on(pair.executor, reading), 3);
    assert_int_equal(rt_block_on(pair.executor, writing), 1);
    end(&pair);
}

/* Its event, whenever it comes, reaches nobody, and what it announced is there for the next. */
static void test_dropped_while_waiting(void **state)
{
    struct pair pair;
    (void)state;
    for (int delivered = 0; delivered <= 2; delivered++) { /* never; after the drop; before it */
        struct rt_wait wait;
        struct probe probe = {.finish_at = 0};
        begin(&pair);
        struct rt_cx cx = cx_of(spawn_probe(pair.executor, &probe));
        settle(pair.executor);
        rt_wait_init(&wait);
        assert_int_equal(rt_read_poll(&wait, &cx, pair.io, pair.bytes, 64), RT_PENDING);
        assert_int_equal(write(pair.peer, "abc", 3), 3);
        if (delivered == 2)
            look(pair.executor);
        rt_read_drop(&wait, pair.io, pair.bytes, 64);
        assert_int_equal(rt__reactor_parked(pair.executor->reactor), 0);
        if (delivered == 1)
            look(pair.executor);
        settle(pair.executor);
        assert_counts(probe, delivered == 2 ? 2 : 1, 0);
        assert_int_equal(rt_block_on(pair.executor, reader(&pair)), 3);
        end(&pair);
    }
}

/* The event brings data alone; the end comes before the reader has its turn. */
static void test_the_end_between_wake_and_poll(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    struct rt_handle handle = reader(&pair);
    settle(pair.executor);
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    look(pair.executor);
    close(pair.peer);
    pair.peer = -1;
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    assert_int_equal(rt_block_on(pair.executor, reader(&pair)), 0);
    end(&pair);
}

static void test_close_is_refused_while_somebody_waits(void **state)
{
    struct pair pair;
    (void)state;
    for (int direction = 0; direction <= 1; direction++) {
        begin(&pair);
        fill(&pair);
        struct rt_handle handle = direction ? writer(&pair) : reader(&pair);
        settle(pair.executor);
        assert_int_equal(rt_io_close(pair.io), -EBUSY);
        drain(&pair);
        assert_int_equal(write(pair.peer, "abc", 3), 3);
        look(pair.executor);
        assert_true(is_queued(handle));
        assert_int_equal(rt_io_close(pair.io), -EBUSY); /* woken, but it still means to read */
        assert_int_equal(rt_block_on(pair.executor, handle), direction ? 1 : 3);
        assert_int_equal(rt_io_close(pair.io), 0);
        end(&pair);
    }
}

/* The next descriptor gets the same place in the table and nothing of what was known of the last.
 */
static void test_a_place_used_again_starts_afresh(void **state)
{
    struct pair pair;
    int ends[2];
    (void)state;
    begin(&pair);
    struct rt_handle handle = reader(&pair);
    settle(pair.executor);
    close(pair.peer); /* hung up, watched, not readable */
    assert_int_equal(rt_block_on(pair.executor, handle), 0);
    struct rt_io *before = pair.io;
    assert_int_equal(rt_io_close(pair.io), 0);
    open_stream(SOCKETPAIR, ends);
    pair.io = open_io(pair.executor, ends[0]);
    pair.peer = ends[1];
    assert_ptr_equal(pair.io, before);
    handle = reader(&pair);
    settle(pair.executor);
    assert_int_equal(rt__reactor_parked(pair.executor->reactor), 1);
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    assert_false(pair.io->hung_up);
    assert_false(pair.io->ready & RT_READABLE); /* drained, not "at the end" for ever */
    end(&pair);
}

/* The kernel goes on reporting a descriptor that was duplicated, unless it is told not to. */
static void test_a_duplicate_is_not_heard_of(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    struct rt_handle handle = reader(&pair);
    settle(pair.executor);
    int duplicate = dup(rt_io_fd(pair.io));
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    assert_int_equal(rt_io_close(pair.io), 0);
    assert_int_equal(write(pair.peer, "abc", 3), 3); /* reaches the duplicate */
    rt__reactor_wait(pair.executor->reactor, 0);
    assert_int_equal(read(duplicate, pair.bytes, 64), 3);
    close(duplicate);
    end(&pair);
}

static void *notify(void *reactor)
{
    rt__reactor_notify(reactor);
    return NULL;
}

/* Notified before it, or while it lasts: a wait without end ends; every one of several. */
static void test_a_wait_can_be_ended_from_elsewhere(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    struct rt_handle handle = reader(&pair);
    settle(pair.executor);
    for (int i = 0; i < 100; i++) {
        pthread_t other;
        assert_int_equal(pthread_create(&other, NULL, notify, pair.executor->reactor), 0);
        rt__reactor_wait(pair.executor->reactor, TC_NEVER);
        pthread_join(other, NULL);
        assert_false(is_queued(handle));
    }
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    end(&pair);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_each_direction_wakes_its_own),
    cmocka_unit_test(test_one_reader_and_one_writer),
    cmocka_unit_test(test_dropped_while_waiting),
    cmocka_unit_test(test_the_end_between_wake_and_poll),
    cmocka_unit_test(test_close_is_refused_while_somebody_waits),
    cmocka_unit_test(test_a_place_used_again_starts_afresh),
    cmocka_unit_test(test_a_duplicate_is_not_heard_of),
    cmocka_unit_test(test_a_wait_can_be_ended_from_elsewhere),
};
TEST_MAIN_REACTORS(tests)
