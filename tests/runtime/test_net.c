/* SPDX-License-Identifier: MIT
 *
 * Connections: listening, accepting and connecting, over TCP and Unix sockets, and every refusal.
 */
#include "test_main.h"

#include "reactors.h"
#include "streams.h"

#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* What the next calls of accept4 fail with, the last first; they pass through here. */
static int failures[8], failure_count;

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
    if (failure_count > 0) {
        errno = failures[--failure_count];
        return -1;
    }
    return (int)syscall(SYS_accept4, fd, address, length, flags);
}

struct acceptor {
    RT_FRAME;
    struct rt_io *listener;
    struct rt_io **accepted;
    int64_t result;
};

static rt_poll acceptor(void *frame, struct rt_cx *cx)
{
    struct acceptor *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->result, rt_accept, self->listener, self->accepted);
    RT_END(self->result);
}

struct caller {
    RT_FRAME;
    const void *address;
    socklen_t length;
    struct rt_io **io;
    int64_t result;
};

static rt_poll caller(void *frame, struct rt_cx *cx)
{
    struct caller *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->result, rt_connect, self->address, self->length, self->io);
    RT_END(self->result);
}

static struct rt_io *listen_tcp(struct rt_executor *executor, int backlog)
{
    struct sockaddr_in address = loopback(0);
    struct rt_io *listener = NULL;
    assert_int_equal(
        rt_listen(executor, (struct sockaddr *)&address, sizeof address, backlog, &listener), 0);
    return listener;
}

/* A name in the abstract namespace: no file to clean up. */
static socklen_t unix_address(struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "taskcost-test-%d",
                          (int)getpid());
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static void assert_connected(struct rt_executor *executor, struct rt_io *one, struct rt_io *other)
{
    char bytes[2];
    assert_int_equal(write_now(executor, one, "a", 1), 1);
    assert_int_equal(write_now(executor, other, "b", 1), 1);
    assert_int_equal(read_now(executor, one, bytes, 1), 1);
    assert_int_equal(read_now(executor, other, bytes + 1, 1), 1);
    assert_memory_equal(bytes, "ba", 2);
}

static int64_t connect_now(struct rt_executor *executor, const void *address, socklen_t length,
                           struct rt_io **io)
{
    return rt_block_on(executor,
                       SPAWNED(executor, caller, {.address = address, .length = length, .io = io}));
}

static int64_t accept_now(struct rt_executor *executor, struct rt_io *listener,
                          struct rt_io **accepted)
{
    return rt_block_on(executor,
                       SPAWNED(executor, acceptor, {.listener = listener, .accepted = accepted}));
}

/* -- making connections -- */

/* Whoever comes first, the accepting or the connecting side. */
static void test_tcp_in_either_order(void **state)
{
    (void)state;
    for (int accept_first = 0; accept_first <= 1; accept_first++) {
        struct rt_executor *executor = new_executor();
        struct rt_io *listener = listen_tcp(executor, 5), *in = NULL, *out = NULL;
        struct sockaddr_in address = address_of(rt_io_fd(listener));
        if (accept_first) {
            struct rt_handle accepting =
                SPAWNED(executor, acceptor, {.listener = listener, .accepted = &in});
            rt_run_ready(executor);
            assert_null(in);
            assert_int_equal(connect_now(executor, &address, sizeof address, &out), 0);
            assert_int_equal(rt_block_on(executor, accepting), 0);
        } else {
            assert_int_equal(connect_now(executor, &address, sizeof address, &out), 0);
            assert_int_equal(accept_now(executor, listener, &in), 0);
        }
        assert_connected(executor, in, out);
        assert_int_equal(rt_io_close(in), 0); /* nobody waits for any of them any more */
        assert_int_equal(rt_io_close(out), 0);
        assert_int_equal(rt_io_close(listener), 0);
        rt_executor_free(executor);
    }
}

static void test_no_delay_on_both_sides(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = listen_tcp(executor, 5), *ends[2] = {NULL, NULL};
    struct sockaddr_in address = address_of(rt_io_fd(listener));
    (void)state;
    assert_int_equal(connect_now(executor, &address, sizeof address, &ends[0]), 0);
    assert_int_equal(accept_now(executor, listener, &ends[1]), 0);
    for (int end = 0; end < 2; end++) {
        int on = 0;
        socklen_t size = sizeof on;
        assert_int_equal(getsockopt(rt_io_fd(ends[end]), IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
        assert_true(on);
        assert_true(fcntl(rt_io_fd(ends[end]), F_GETFD) & FD_CLOEXEC);
    }
    rt_executor_free(executor);
}

/* A Unix connection is made at once, without waiting. */
static void test_unix(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = NULL, *in = NULL, *out = NULL;
    struct sockaddr_un address;
    socklen_t length = unix_address(&address);
    (void)state;
    assert_int_equal(rt_listen(executor, (struct sockaddr *)&address, length, 5, &listener), 0);
    struct rt_handle accepting =
        SPAWNED(executor, acceptor, {.listener = listener, .accepted = &in});
    rt_run_ready(executor);
    struct rt_handle calling =
        SPAWNED(executor, caller, {.address = &address, .length = length, .io = &out});
    assert_int_equal(rt_run_ready(executor), 1);
    assert_int_equal(rt_block_on(executor, calling), 0);
    assert_int_equal(rt_block_on(executor, accepting), 0);
    assert_connected(executor, in, out);
    rt_executor_free(executor);
}

/* One task after the other waits for the next connection. */
static void test_acceptors_take_turns(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = listen_tcp(executor, 5);
    struct sockaddr_in address = address_of(rt_io_fd(listener));
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct rt_io *in = NULL, *out = NULL;
        struct rt_handle accepting =
            SPAWNED(executor, acceptor, {.listener = listener, .accepted = &in});
        assert_int_equal(rt_run_ready(executor), 1);
        assert_int_equal(rt_io_close(listener), -EBUSY);
        assert_int_equal(connect_now(executor, &address, sizeof address, &out), 0);
        assert_int_equal(rt_block_on(executor, accepting), 0);
        assert_connected(executor, in, out);
    }
    rt_executor_free(executor);
}

/* Failures of one connection, which accept(2) reports in place of it, do not end the accepting. */
static void test_a_peer_that_gives_up_is_passed_over(void **state)
{
    static const int errors[] = {EINTR, ECONNABORTED, EPROTO, ENETDOWN, EHOSTUNREACH};
    epoll_only("io_uring calls accept in the kernel");
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = listen_tcp(executor, 5), *in = NULL, *out = NULL;
    struct sockaddr_in address = address_of(rt_io_fd(listener));
    (void)state;
    assert_int_equal(connect_now(executor, &address, sizeof address, &out), 0);
    memcpy(failures, errors, sizeof errors);
    failure_count = TC_COUNT_OF(errors);
    assert_int_equal(accept_now(executor, listener, &in), 0);
    assert_int_equal(failure_count, 0);
    assert_connected(executor, in, out);
    failures[failure_count++] = EINVAL; /* but those of the listener do */
    assert_int_equal(accept_now(executor, listener, &in), -EINVAL);
    rt_executor_free(executor);
}

/* Many connections are one event of an edge-triggered listener: none may be forgotten. */
static void test_many_connections_at_once(void **state)
{
    enum { CALLERS = 100 };
    (void)state;
    for (int waits = 0; waits <= 1; waits++) {
        struct rt_executor *executor = new_executor();
        struct rt_io *listener = listen_tcp(executor, CALLERS), *in[CALLERS] = {NULL},
                     *out[CALLERS] = {NULL};
        struct sockaddr_in address = address_of(rt_io_fd(listener));
        struct rt_handle first =
            SPAWNED(executor, acceptor, {.listener = listener, .accepted = &in[0]});
        if (waits)
            rt_run_ready(executor);
        for (int i = 0; i < CALLERS; i++) {
            int fd = socket(AF_INET, SOCK_STREAM, 0);
            assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
            out[i] = open_io(executor, fd);
        }
        assert_int_equal(rt_block_on(executor, first), 0);
        for (int i = 1; i < CALLERS; i++)
            assert_int_equal(accept_now(executor, listener, &in[i]), 0);
        for (int i = 0; i < CALLERS; i++)
            assert_connected(executor, in[i], out[i]); /* in the order of connecting */
        rt_executor_free(executor);
    }
}

/* Woken by something else while the connection is under way. */
static void test_a_spurious_wake_while_connecting(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = listen_tcp(executor, 5), *in = NULL, *out = NULL;
    struct sockaddr_in address = address_of(rt_io_fd(listener));
    (void)state;
    struct rt_handle calling =
        SPAWNED(executor, caller, {.address = &address, .length = sizeof address, .io = &out});
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rt_run_ready(executor), 1);
        assert_non_null(out); /* under way, not begun again */
        rt_task_wake(calling.task);
    }
    assert_int_equal(rt_block_on(executor, calling), 0);
    assert_int_equal(accept_now(executor, listener, &in), 0);
    assert_connected(executor, in, out);
    rt_executor_free(executor);
}

/* -- refusals -- */

static int64_t try_to_connect(const void *address, socklen_t length)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *io = NULL;
    int64_t result = connect_now(executor, address, length, &io);
    assert_int_equal(io == NULL, result != 0);
    rt_executor_free(executor);
    return result;
}

static void test_connect_refused(void **state)
{
    struct sockaddr_in address = loopback(0);
    struct sockaddr_un path;
    int bound = socket(AF_INET, SOCK_STREAM, 0); /* keeps others from listening there */
    (void)state;
    assert_int_equal(bind(bound, (struct sockaddr *)&address, sizeof address), 0);
    address = address_of(bound);
    assert_int_equal(try_to_connect(&address, sizeof address), -ECONNREFUSED);
    close(bound);

    socklen_t length = unix_address(&path);
    assert_int_equal(try_to_connect(&path, length), -ECONNREFUSED);
    path.sun_path[0] = '/';
    assert_int_equal(try_to_connect(&path, length), -ENOENT);
    path.sun_family = 9999;
    assert_int_equal(try_to_connect(&path, length), -EAFNOSUPPORT);
}

static void test_listen_refused(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = listen_tcp(executor, 5), *second = NULL;
    struct sockaddr_in taken = address_of(rt_io_fd(listener));
    struct sockaddr_in foreign = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xC0000201)};
    (void)state;
    assert_int_equal(rt_listen(executor, (struct sockaddr *)&taken, sizeof taken, 5, &second),
                     -EADDRINUSE);
    assert_int_equal(rt_listen(executor, (struct sockaddr *)&foreign, sizeof foreign, 5, &second),
                     -EADDRNOTAVAIL);
    assert_null(second);
    rt_executor_free(executor);
}

static int call_tcp(struct rt_io *listener)
{
    struct sockaddr_in address = address_of(rt_io_fd(listener));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(write(fd, "x", 1), 1);
    return fd;
}

/* Takes all descriptors that are left; returns how many there were. */
static int take_descriptors(int *fillers, int room)
{
    struct rlimit limit;
    int count = 0;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_cur < 256 ? limit.rlim_cur : 256;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while (count < room && (fillers[count] = dup(STDERR_FILENO)) >= 0)
        count++;
    assert_int_equal(errno, EMFILE);
    return count;
}

/* Out of descriptors: said, and when there are some again, a waiting connection can be had. (There
 * are two, because valgrind takes the first from the kernel before it refuses.) */
static void test_accept_without_descriptors(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_io *listener = listen_tcp(executor, 5), *io = NULL;
    struct sockaddr_in address = address_of(rt_io_fd(listener));
    int callers[] = {call_tcp(listener), call_tcp(listener)}, fillers[300];
    char byte;
    (void)state;
    int count = take_descriptors(fillers, TC_COUNT_OF(fillers));
    assert_int_equal(accept_now(executor, listener, &io), -EMFILE);
    assert_int_equal(connect_now(executor, &address, sizeof address, &io), -EMFILE);
    assert_null(io);
    while (count > 0)
        close(fillers[--count]);
    assert_int_equal(accept_now(executor, listener, &io), 0);
    assert_int_equal(read_now(executor, io, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    rt_executor_free(executor);
    for (size_t i = 0; i < TC_COUNT_OF(callers); i++)
        close(callers[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_tcp_in_either_order),
    cmocka_unit_test(test_no_delay_on_both_sides),
    cmocka_unit_test(test_unix),
    cmocka_unit_test(test_acceptors_take_turns),
    cmocka_unit_test(test_a_peer_that_gives_up_is_passed_over),
    cmocka_unit_test(test_many_connections_at_once),
    cmocka_unit_test(test_a_spurious_wake_while_connecting),
    cmocka_unit_test(test_connect_refused),
    cmocka_unit_test(test_listen_refused),
    cmocka_unit_test(test_accept_without_descriptors),
};
TEST_MAIN_REACTORS(tests)
