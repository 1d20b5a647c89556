/* SPDX-License-Identifier: MIT
 *
 * Waiting for descriptors: who is woken by what, what the kernel is asked, and that nobody is woken
 * by what was meant for another. The calls to epoll pass through here, to be counted and to play
 * events that the kernel would send only now and then.
 */
#include "test_main.h"

#include "streams.h"

#include "reactor.h"

#include "base/clock.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

static int additions, changes, removals; /* calls of epoll_ctl */
static int interruptions;                /* how many of the next waits end by a signal */
static bool inject;                      /* the next wait returns `injected` */
static struct epoll_event injected;

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    additions += operation == EPOLL_CTL_ADD;
    changes += operation == EPOLL_CTL_MOD;
    removals += operation == EPOLL_CTL_DEL;
    return (int)syscall(SYS_epoll_ctl, epoll_fd, operation, fd, event);
}

int epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout_ms)
{
    if (interruptions > 0) {
        interruptions--;
        errno = EINTR;
        return -1;
    }
    if (inject) {
        inject = false;
        events[0] = injected;
        return 1;
    }
    return (int)syscall(SYS_epoll_pwait, epoll_fd, events, count, timeout_ms, NULL, 8);
}

/* Takes what the kernel has, without polling anybody. Something must be there, or come. */
static void look(struct rt_executor *executor)
{
    rt__reactor_wait(executor->reactor, tc_now_ns() + 3600 * TC_NS_PER_S);
}

static bool is_queued(struct rt_handle handle)
{
    return handle.task->state & RT_QUEUED;
}

struct pair {
    struct rt_executor *executor;
    struct rt_io *io;
    int peer;
    char bytes[64];
};

static void begin(struct pair *pair)
{
    int ends[2];
    *pair = (struct pair){.executor = new_executor()};
    open_stream(SOCKETPAIR, ends);
    pair->io = open_io(pair->executor, ends[0]);
    pair->peer = ends[1];
    additions = changes = removals = 0;
}

static void end(struct pair *pair)
{
    if (pair->peer >= 0)
        close(pair->peer);
    rt_executor_free(pair->executor);
}

static struct rt_handle reader(struct pair *pair)
{
    return begin_read(pair->executor, pair->io, pair->bytes, sizeof pair->bytes);
}

static struct rt_handle writer(struct pair *pair)
{
    return SPAWNED(pair->executor, one_write, {.io = pair->io, .bytes = "x", .size = 1});
}

static void fill(struct pair *pair)
{
    static char filling[65536];
    while (write(rt_io_fd(pair->io), filling, sizeof filling) > 0) {
    }
}

static void drain(struct pair *pair)
{
    static char sink[65536];
    while (recv(pair->peer, sink, sizeof sink, MSG_DONTWAIT) > 0) {
    }
}

/* -- what the kernel is asked -- */

static void test_asked_only_when_somebody_waits(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    for (int i = 0; i < 10; i++) { /* always ready: never registered */
        assert_int_equal(write(pair.peer, "abc", 3), 3);
        assert_int_equal(read_now(pair.executor, pair.io, pair.bytes, 3), 3);
        assert_int_equal(write_now(pair.executor, pair.io, "x", 1), 1);
    }
    assert_int_equal(additions + changes + removals, 0);
    for (int i = 0; i < 10; i++) { /* waited for: once, in that direction */
        struct rt_handle handle = reader(&pair);
        rt_run_ready(pair.executor);
        assert_int_equal(write(pair.peer, "abc", 3), 3);
        assert_int_equal(rt_block_on(pair.executor, handle), 3);
    }
    assert_int_equal(additions, 1);
    assert_int_equal(changes, 0);
    for (int i = 0; i < 10; i++) { /* and once in the other */
        fill(&pair);
        struct rt_handle handle = writer(&pair);
        rt_run_ready(pair.executor);
        drain(&pair);
        assert_int_equal(rt_block_on(pair.executor, handle), 1);
    }
    assert_int_equal(additions, 1);
    assert_int_equal(changes, 1);
    assert_int_equal(rt_io_close(pair.io), 0);
    assert_int_equal(removals, 1);
    end(&pair);
}

static void test_a_signal_ends_no_wait(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    struct rt_handle handle = reader(&pair);
    rt_run_ready(pair.executor);
    interruptions = 10;
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    assert_int_equal(interruptions, 0);
    end(&pair);
}

/* -- who is woken -- */

static void test_each_direction_wakes_its_own(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    fill(&pair);
    struct rt_handle reading = reader(&pair), writing = writer(&pair);
    rt_run_ready(pair.executor);
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
    rt_run_ready(pair.executor);
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
        rt_run_ready(pair.executor);
        rt_wait_init(&wait);
        assert_int_equal(rt_read_poll(&wait, &cx, pair.io, pair.bytes, 64), RT_PENDING);
        assert_int_equal(write(pair.peer, "abc", 3), 3);
        if (delivered == 2)
            look(pair.executor);
        rt_read_drop(&wait, pair.io, pair.bytes, 64);
        assert_int_equal(rt__reactor_parked(pair.executor->reactor), 0);
        if (delivered == 1)
            look(pair.executor);
        rt_run_ready(pair.executor);
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
    rt_run_ready(pair.executor);
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    look(pair.executor);
    close(pair.peer);
    pair.peer = -1;
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    assert_int_equal(rt_block_on(pair.executor, reader(&pair)), 0);
    end(&pair);
}

/* -- closing -- */

static void test_close_is_refused_while_somebody_waits(void **state)
{
    struct pair pair;
    (void)state;
    for (int direction = 0; direction <= 1; direction++) {
        begin(&pair);
        fill(&pair);
        struct rt_handle handle = direction ? writer(&pair) : reader(&pair);
        rt_run_ready(pair.executor);
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
    rt_run_ready(pair.executor);
    close(pair.peer); /* hung up, watched, not readable */
    assert_int_equal(rt_block_on(pair.executor, handle), 0);
    struct rt_io *before = pair.io;
    assert_int_equal(rt_io_close(pair.io), 0);
    open_stream(SOCKETPAIR, ends);
    pair.io = open_io(pair.executor, ends[0]);
    pair.peer = ends[1];
    assert_ptr_equal(pair.io, before);
    handle = reader(&pair);
    rt_run_ready(pair.executor);
    assert_int_equal(rt__reactor_parked(pair.executor->reactor), 1);
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    assert_false(pair.io->hung_up);
    assert_false(pair.io->ready & RT_READABLE); /* drained, not "at the end" for ever */
    end(&pair);
}

/* An event that was on its way when its descriptor was closed reaches nobody, least of all who
 * waits in the same place now. */
static void test_a_stale_event_reaches_nobody(void **state)
{
    struct pair pair;
    int ends[2];
    (void)state;
    for (int stale = 0; stale <= 1; stale++) {
        begin(&pair);
        uint32_t generation = pair.io->generation;
        assert_int_equal(rt_io_close(pair.io), 0);
        close(pair.peer);
        open_stream(SOCKETPAIR, ends);
        pair.io = open_io(pair.executor, ends[0]);
        pair.peer = ends[1];
        struct rt_handle handle = reader(&pair);
        rt_run_ready(pair.executor);
        injected = (struct epoll_event){EPOLLIN | EPOLLOUT | EPOLLHUP | EPOLLRDHUP | EPOLLERR, {0}};
        injected.data.u64 = pair.io->index | (uint64_t)(generation + !stale) << 32;
        inject = true;
        rt__reactor_wait(pair.executor->reactor, TC_NEVER);
        assert_int_equal(is_queued(handle), !stale); /* the other event shows that it could */
        assert_int_equal(rt__reactor_parked(pair.executor->reactor), stale);
        rt_detach(handle);
        end(&pair);
    }
}

/* The kernel goes on reporting a descriptor that was duplicated, unless it is told not to. */
static void test_a_duplicate_is_not_heard_of(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    struct rt_handle handle = reader(&pair);
    rt_run_ready(pair.executor);
    int duplicate = dup(rt_io_fd(pair.io));
    assert_int_equal(write(pair.peer, "abc", 3), 3);
    assert_int_equal(rt_block_on(pair.executor, handle), 3);
    assert_int_equal(rt_io_close(pair.io), 0);
    assert_int_equal(removals, 1);
    assert_int_equal(write(pair.peer, "abc", 3), 3); /* reaches the duplicate */
    rt__reactor_wait(pair.executor->reactor, 0);
    assert_int_equal(read(duplicate, pair.bytes, 64), 3);
    close(duplicate);
    end(&pair);
}

/* -- another thread -- */

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
    rt_run_ready(pair.executor);
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
    cmocka_unit_test(test_asked_only_when_somebody_waits),
    cmocka_unit_test(test_a_signal_ends_no_wait),
    cmocka_unit_test(test_each_direction_wakes_its_own),
    cmocka_unit_test(test_one_reader_and_one_writer),
    cmocka_unit_test(test_dropped_while_waiting),
    cmocka_unit_test(test_the_end_between_wake_and_poll),
    cmocka_unit_test(test_close_is_refused_while_somebody_waits),
    cmocka_unit_test(test_a_place_used_again_starts_afresh),
    cmocka_unit_test(test_a_stale_event_reaches_nobody),
    cmocka_unit_test(test_a_duplicate_is_not_heard_of),
    cmocka_unit_test(test_a_wait_can_be_ended_from_elsewhere),
};
TEST_MAIN(tests)
