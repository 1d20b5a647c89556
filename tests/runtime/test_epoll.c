/* SPDX-License-Identifier: MIT
 *
 * The epoll reactor: what the kernel is asked, and that an event for an earlier owner of a place
 * reaches nobody. The calls to epoll pass through here, to be counted and to play events that the
 * kernel would send only now and then.
 */
#include "test_main.h"

#include "socket_pair.h"

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

static void test_asked_only_when_somebody_waits(void **state)
{
    struct pair pair;
    (void)state;
    begin(&pair);
    additions = changes = removals = 0;
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

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_asked_only_when_somebody_waits),
    cmocka_unit_test(test_a_signal_ends_no_wait),
    cmocka_unit_test(test_a_stale_event_reaches_nobody),
};
TEST_MAIN(tests)
