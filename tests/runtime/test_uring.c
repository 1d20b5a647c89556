/* SPDX-License-Identifier: MIT
 *
 * What only the io_uring reactor can get wrong: memory that the kernel still holds when its future
 * is dropped, more under way than the rings hold, a kernel that refuses or takes less than it was
 * given. The calls of liburing pass through here, to fail on demand.
 */
#include "test_main.h"

#include "reactors.h"
#include "socket_pair.h"

#include "uring.h"

#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static int failures, failure;  /* how many calls are to fail, and with what */
static unsigned refused_flags; /* of a new ring */

#define REAL(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

static bool fails(void)
{
    return failures > 0 && failures--;
}

int io_uring_queue_init_params(unsigned entries, struct io_uring *ring, struct io_uring_params *p)
{
    if (p->flags & refused_flags)
        return -EINVAL;
    return REAL(io_uring_queue_init_params)(entries, ring, p);
}

int io_uring_submit_and_wait(struct io_uring *ring, unsigned count)
{
    return fails() ? failure : REAL(io_uring_submit_and_wait)(ring, count);
}

int io_uring_submit_and_get_events(struct io_uring *ring)
{
    return fails() ? failure : REAL(io_uring_submit_and_get_events)(ring);
}

static void begin_uring(struct pair *pair)
{
    the_reactor = RT_REACTOR_URING;
    begin(pair);
}

/* An operation that the test itself makes, in the name of a task that waits for nothing. */
struct hand {
    struct probe probe;
    struct rt_cx cx;
    struct rt_wait wait;
};

static void take_in_hand(struct hand *hand, struct rt_executor *executor)
{
    *hand = (struct hand){.cx = {.executor = executor, .budget = 100}};
    hand->cx.task = spawn_probe(executor, &hand->probe).task;
    rt_run_ready(executor);
    rt_wait_init(&hand->wait);
}

/* -- memory -- */

/* The reader's buffer is gone before the data comes, and after it has come but was not taken. */
static void test_a_dropped_read_loses_nothing(void **state)
{
    (void)state;
    for (int came = 0; came <= 1; came++) {
        struct pair pair;
        struct hand hand;
        begin_uring(&pair);
        take_in_hand(&hand, pair.executor);
        char *buffer = malloc(64);
        assert_int_equal(rt_read_poll(&hand.wait, &hand.cx, pair.io, buffer, 64), RT_PENDING);
        rt__reactor_wait(pair.executor->reactor, 0);
        if (came) {
            assert_int_equal(write(pair.peer, "0123456789", 10), 10);
            look(pair.executor);
        }
        rt_read_drop(&hand.wait, pair.io, buffer, 64);
        free(buffer);
        if (!came)
            assert_int_equal(write(pair.peer, "0123456789", 10), 10);
        assert_int_equal(rt__reactor_parked(pair.executor->reactor), 0);
        /* a smaller read gets its part, the next ones the rest, and what came later after it */
        assert_int_equal(read_now(pair.executor, pair.io, pair.bytes, 3), 3);
        assert_memory_equal(pair.bytes, "012", 3);
        assert_int_equal(write(pair.peer, "abc", 3), 3);
        assert_int_equal(read_now(pair.executor, pair.io, pair.bytes, 64), 7);
        assert_memory_equal(pair.bytes, "3456789", 7);
        assert_int_equal(read_now(pair.executor, pair.io, pair.bytes, 64), 3);
        assert_memory_equal(pair.bytes, "abc", 3);
        end(&pair);
    }
}

/* Cancelled: its bytes do not come after those of the next, and the next waits until it is over. */
static void test_a_dropped_write_is_not_made(void **state)
{
    struct pair pair;
    struct hand hand;
    char received[8] = {0};
    (void)state;
    begin_uring(&pair);
    fill(&pair);
    take_in_hand(&hand, pair.executor);
    char *buffer = strdup("given up");
    assert_int_equal(rt_write_poll(&hand.wait, &hand.cx, pair.io, buffer, 8), RT_PENDING);
    rt__reactor_wait(pair.executor->reactor, 0);
    rt_write_drop(&hand.wait, pair.io, buffer, 8);
    free(buffer);
    struct rt_handle writing = writer(&pair);
    settle(pair.executor);
    drain(&pair);
    assert_int_equal(rt_block_on(pair.executor, writing), 1);
    assert_int_equal(recv(pair.peer, received, 8, MSG_DONTWAIT), 1);
    assert_int_equal(received[0], 'x');
    end(&pair);
}

/* A dropped operation in the kernel does not keep the socket open. */
static void test_close_ends_what_was_dropped(void **state)
{
    (void)state;
    for (int writes = 0; writes <= 1; writes++) {
        for (int seen = 0; seen <= 1; seen++) {
            struct pair pair;
            begin_uring(&pair);
            if (writes)
                fill(&pair);
            struct rt_handle handle = writes ? writer(&pair) : reader(&pair);
            if (seen)
                settle(pair.executor);
            else
                rt_run_ready(pair.executor);
            assert_true(rt_abort(handle));
            assert_int_equal(rt_io_close(pair.io), 0);
            drain(&pair);
            assert_int_equal(recv(pair.peer, pair.bytes, 64, MSG_DONTWAIT), 0); /* the end */
            rt_detach(handle);
            end(&pair);
        }
    }
}

/* Given up with a connection on its way: it is the next one's, or closed with the listener. */
static void test_a_dropped_accept_loses_nobody(void **state)
{
    struct sockaddr_in address = loopback(0);
    (void)state;
    for (int taken = 0; taken <= 1; taken++) {
        struct rt_executor *executor;
        struct rt_io *listener = NULL, *accepted = NULL;
        struct hand hand;
        char byte;
        the_reactor = RT_REACTOR_URING;
        executor = new_executor();
        take_in_hand(&hand, executor);
        assert_int_equal(
            rt_listen(executor, (struct sockaddr *)&address, sizeof address, 5, &listener), 0);
        struct sockaddr_in there = address_of(rt_io_fd(listener));
        assert_int_equal(rt_accept_poll(&hand.wait, &hand.cx, listener, &accepted), RT_PENDING);
        rt__reactor_wait(executor->reactor, 0);
        int caller = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(caller, (struct sockaddr *)&there, sizeof there), 0);
        look(executor);
        rt_accept_drop(&hand.wait, listener, &accepted);
        if (taken) {
            assert_int_equal(rt_accept_poll(&hand.wait, &hand.cx, listener, &accepted), 0);
            assert_int_equal(write(caller, "x", 1), 1);
            assert_int_equal(read_now(executor, accepted, &byte, 1), 1);
            assert_int_equal(rt_io_close(accepted), 0);
        }
        assert_int_equal(rt_io_close(listener), 0);
        assert_true(recv(caller, &byte, 1, 0) <= 0); /* nobody holds the other end */
        close(caller);
        rt_executor_free(executor);
    }
}

/* -- more than the rings hold -- */

/* As many readers of one pipe as there are descriptors for it, all answered at once: more than
 * either ring holds, so the kernel has to keep completions back and the reactor to ask for them. */
static void test_more_reads_than_the_rings_hold(void **state)
{
    enum { READS = RT_URING_COMPLETIONS + 905 };
    static char bytes[READS];
    static struct rt_handle handles[READS];
    struct rlimit limit;
    int ends[2];
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < READS + 50) {
        print_message("skipped: the limit of descriptors is %llu\n",
                      (unsigned long long)limit.rlim_cur);
        skip();
    }
    the_reactor = RT_REACTOR_URING;
    struct rt_executor *executor = new_executor();
    assert_int_equal(pipe(ends), 0);
    for (int i = 0; i < READS; i++)
        handles[i] = begin_read(executor, open_io(executor, dup(ends[0])), &bytes[i], 1);
    settle(executor);
    assert_int_equal(rt__reactor_parked(executor->reactor), READS);
    assert_int_equal(write(ends[1], bytes, READS), READS);
    for (int i = 0; i < READS; i++)
        assert_int_equal(rt_block_on(executor, handles[i]), 1);
    close(ends[0]);
    close(ends[1]);
    rt_executor_free(executor);
}

/* -- a kernel that refuses -- */

/* Calls that fail for a while: what was asked for is done all the same. */
static void test_nothing_is_lost_by_calls_that_fail(void **state)
{
    static const int errors[] = {-EINTR, -EAGAIN, -EBUSY};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(errors); i++) {
        struct pair pair;
        begin_uring(&pair);
        failure = errors[i];
        for (int times = 0; times < 5; times++) {
            struct rt_handle handle = reader(&pair);
            failures = times;
            assert_int_equal(write_now(pair.executor, pair.io, "x", 1), 1);
            failures = times;
            assert_int_equal(write(pair.peer, "abc", 3), 3);
            assert_int_equal(rt_block_on(pair.executor, handle), 3);
        }
        end(&pair);
    }
}

/* Nothing can be submitted at all: the operation is refused, and possible again later. */
static void test_a_full_ring_that_stays_full_is_an_answer(void **state)
{
    struct pair pair;
    struct hand hands[RT_URING_SUBMISSIONS + 1];
    struct rt_io *io[TC_COUNT_OF(hands)];
    int refused = 0, ends[2];
    (void)state;
    begin_uring(&pair);
    assert_int_equal(pipe(ends), 0);
    for (size_t i = 0; i < TC_COUNT_OF(hands); i++) {
        take_in_hand(&hands[i], pair.executor);
        io[i] = open_io(pair.executor, dup(ends[1]));
    }
    failures = INT32_MAX;
    failure = -EBUSY;
    for (size_t i = 0; i < TC_COUNT_OF(hands); i++) {
        rt_poll result = rt_write_poll(&hands[i].wait, &hands[i].cx, io[i], "x", 1);
        assert_true(result == RT_PENDING || result == -ENOMEM);
        refused += result == -ENOMEM;
    }
    assert_in_range(refused, 1, 5);
    failures = 0;
    for (size_t i = 0; i < TC_COUNT_OF(hands); i++)
        rt_write_drop(&hands[i].wait, io[i], "x", 1);
    assert_int_equal(write_now(pair.executor, pair.io, "x", 1), 1);
    close(ends[0]);
    close(ends[1]);
    end(&pair);
}

/* The kernel stops watching the eventfd, as it may: it is asked again. */
static void test_a_watch_that_ends_begins_again(void **state)
{
    struct pair pair;
    (void)state;
    begin_uring(&pair);
    struct rt_reactor *reactor = pair.executor->reactor;
    for (int i = 0; i < 3; i++) {
        rt__reactor_wait(reactor, 0);
        struct io_uring_sqe *sqe = rt__uring_sqe(rt__uring_of(reactor));
        io_uring_prep_cancel64(sqe, UINT64_MAX, 0);
        sqe->user_data = 0;
        rt__reactor_wait(reactor, TC_NEVER); /* its end */
        assert_false(rt__uring_of(reactor)->listens);
        rt__reactor_notify(reactor);
        rt__reactor_wait(reactor, TC_NEVER); /* or for ever */
    }
    end(&pair);
}

/* Each way to run, as kernels have them. */
static void test_older_kernels(void **state)
{
    static const unsigned missing[] = {0, IORING_SETUP_SINGLE_ISSUER,
                                       IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(missing); i++) {
        struct pair pair;
        refused_flags = missing[i];
        begin_uring(&pair);
        assert_int_equal(rt__uring_of(pair.executor->reactor)->poll_first, i == 0);
        for (int lap = 0; lap < 100; lap++) {
            struct rt_handle handle = reader(&pair);
            settle(pair.executor);
            assert_int_equal(write(pair.peer, "abc", 3), 3);
            assert_int_equal(rt_block_on(pair.executor, handle), 3);
            assert_int_equal(write_now(pair.executor, pair.io, "x", 1), 1);
        }
        end(&pair);
    }
}

/* The calls of io_uring fail with `error` from now on, as a container's filter makes them. */
static void forbid_uring(int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {TC_COUNT_OF(filter), filter};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* Refused is said with a remedy, leaves nothing behind, and epoll still works. */
static void refused_with(int error, const char *expected)
{
    struct tc_error said = {{0}};
    struct rt_config config = {.reactor = RT_REACTOR_URING, .error = &said};
    forbid_uring(error);
    int next = dup(STDERR_FILENO);
    close(next);
    assert_null(rt_executor_new(&config));
    assert_int_equal(errno, error);
    assert_non_null(strstr(said.text, expected));
    assert_non_null(strstr(said.text, "use the reactor on epoll"));
    assert_int_equal(dup(STDERR_FILENO), next);
    config.reactor = RT_REACTOR_EPOLL;
    struct rt_executor *executor = rt_executor_new(&config);
    assert_non_null(executor);
    rt_executor_free(executor);
}

static void test_a_kernel_without_it(void **state)
{
    (void)state;
    refused_with(ENOSYS, "no io_uring");
}

static void test_a_kernel_that_forbids_it(void **state)
{
    (void)state;
    refused_with(EPERM, "kernel.io_uring_disabled");
}

static void test_no_memory_for_it(void **state)
{
    (void)state;
    refused_with(ENOMEM, "locked memory");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_dropped_read_loses_nothing),
    cmocka_unit_test(test_a_dropped_write_is_not_made),
    cmocka_unit_test(test_close_ends_what_was_dropped),
    cmocka_unit_test(test_a_dropped_accept_loses_nobody),
    cmocka_unit_test(test_more_reads_than_the_rings_hold),
    cmocka_unit_test(test_nothing_is_lost_by_calls_that_fail),
    cmocka_unit_test(test_a_full_ring_that_stays_full_is_an_answer),
    cmocka_unit_test(test_a_watch_that_ends_begins_again),
    cmocka_unit_test(test_older_kernels),
    cmocka_unit_test(test_a_kernel_without_it),
    cmocka_unit_test(test_a_kernel_that_forbids_it),
    cmocka_unit_test(test_no_memory_for_it),
};
TEST_MAIN(tests)
