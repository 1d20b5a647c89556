/* SPDX-License-Identifier: MIT
 *
 * Every system call of the runtime failing in turn (as SQLite's tests do it: the n-th call, for
 * n = 1, 2, ... until a run meets no failure), once or from then on. Whatever fails, the program
 * gets an answer: an error, or the work done; nothing stays open, no task stays alive, nothing
 * hangs, and the same work done again afterwards succeeds.
 *
 * The calls are those of the epoll reactor; memory has its own sweep (test_allocation.c), and
 * io_uring's calls go by another way (test_uring.c).
 */
#include "test_main.h"

#include "streams.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* -- the calls, each of which may be refused -- */

static long calls, fails_at; /* the call to refuse, counted from 1; 0 none */
static bool for_good;
static unsigned variant; /* which of a call's errors */
static const char *failed_call;
static pthread_t main_thread;

/* Errors that mean "try again": no kernel gives them for good, and who meets them tries again. */
static bool passes(int error)
{
    return error == EINTR || error == ECONNABORTED;
}

/* Whether this call fails; with which of its errors. */
static bool refused(const char *name, int first, int second)
{
    if (!pthread_equal(pthread_self(), main_thread))
        return false;
    calls++;
    if (fails_at == 0 || calls < fails_at || (calls > fails_at && !for_good))
        return false;
    int error = variant == 0 ? first : second;
    if (error == 0 || (passes(error) && calls > fails_at))
        return false;
    failed_call = name;
    errno = error;
    return true;
}

#define CALL(type, name, parameters, first, second, ...) \
    type name parameters                                 \
    {                                                    \
        if (refused(#name, first, second))               \
            return (type)-1;                             \
        return (type)syscall(__VA_ARGS__);               \
    }

CALL(int, epoll_create1, (int flags), EMFILE, ENOMEM, SYS_epoll_create1, flags)
CALL(int, epoll_ctl, (int set, int operation, int fd, struct epoll_event *event), ENOMEM, ENOSPC,
     SYS_epoll_ctl, set, operation, fd, event)
CALL(int, epoll_wait, (int set, struct epoll_event *events, int count, int timeout_ms), EINTR, 0,
     SYS_epoll_pwait, set, events, count, timeout_ms, NULL, 8)
CALL(int, epoll_pwait2,
     (int set, struct epoll_event *events, int count, const struct timespec *timeout,
      const sigset_t *mask),
     EINTR, ENOSYS, SYS_epoll_pwait2, set, events, count, timeout, mask, 8)
CALL(int, eventfd, (unsigned value, int flags), EMFILE, ENFILE, SYS_eventfd2, value, flags)
CALL(int, socket, (int family, int type, int protocol), EMFILE, ENOBUFS, SYS_socket, family, type,
     protocol)
CALL(int, bind, (int fd, const struct sockaddr *address, socklen_t length), EADDRINUSE, EACCES,
     SYS_bind, fd, address, length)
CALL(int, listen, (int fd, int backlog), EADDRINUSE, 0, SYS_listen, fd, backlog)
CALL(int, accept4, (int fd, struct sockaddr *address, socklen_t *length, int flags), ECONNABORTED,
     EMFILE, SYS_accept4, fd, address, length, flags)
CALL(int, connect, (int fd, const struct sockaddr *address, socklen_t length), ECONNREFUSED,
     EADDRNOTAVAIL, SYS_connect, fd, address, length)
CALL(ssize_t, recv, (int fd, void *buffer, size_t size, int flags), EINTR, ECONNRESET, SYS_recvfrom,
     fd, buffer, size, flags, NULL, NULL)
CALL(ssize_t, send, (int fd, const void *buffer, size_t size, int flags), EINTR, EPIPE, SYS_sendto,
     fd, buffer, size, flags, NULL, 0)
CALL(int, setsockopt, (int fd, int level, int option, const void *value, socklen_t length), ENOMEM,
     0, SYS_setsockopt, fd, level, option, value, length)
CALL(int, getsockopt, (int fd, int level, int option, void *value, socklen_t *length), ENOBUFS, 0,
     SYS_getsockopt, fd, level, option, value, length)

/* -- the work: each returns 0, or the error that it met -- */

struct echo {
    RT_FRAME;
    struct rt_io *io;
    int64_t count;
    char bytes[8];
};

static rt_poll echo(void *frame, struct rt_cx *cx)
{
    struct echo *self = frame;
    RT_BEGIN(self, cx);
    RT_TRY_INTO(self->count, rt_read, self->io, self->bytes, sizeof self->bytes);
    RT_TRY(rt_write, self->io, self->bytes, (size_t)self->count);
    RT_END_FINALLY(0, { rt_io_close(self->io); });
}

struct server {
    RT_FRAME;
    struct rt_io *listener, *accepted;
    struct rt_group clients;
    int left;
    int64_t result;
};

static rt_poll server(void *frame, struct rt_cx *cx)
{
    struct server *self = frame;
    RT_BEGIN(self, cx);
    rt_group_init(&self->clients, cx->executor, 0);
    for (; self->left > 0; self->left--) {
        RT_TRY(rt_accept, self->listener, &self->accepted);
        if (RT_SPAWN_INTO(&self->clients, echo, {.io = self->accepted}) < 0)
            rt_io_close(self->accepted);
    }
    RT_TRY(rt_group_wait, &self->clients);
    RT_END_FINALLY(0, {
        if (self->clients.executor)
            rt_group_abort(&self->clients);
        rt_io_close(self->listener); /* resets who still waits to be accepted */
    });
}

struct network {
    RT_FRAME;
    struct rt_io *listener, *io;
    struct rt_handle server;
    struct sockaddr_in address;
    int64_t count, result;
    int i;
    char bytes[8];
};

enum { CONNECTIONS = 3 };

static int start_server(struct network *self, struct rt_cx *cx)
{
    self->address = loopback(0);
    int err = rt_listen(cx->executor, (struct sockaddr *)&self->address, sizeof self->address, 8,
                        &self->listener);
    if (err < 0)
        return err;
    self->address = address_of(rt_io_fd(self->listener));
    err = RT_SPAWN(cx->executor, server, &self->server,
                   {.listener = self->listener, .left = CONNECTIONS});
    if (err == 0)
        self->listener = NULL; /* the server's */
    return err;
}

static rt_poll network(void *frame, struct rt_cx *cx)
{
    struct network *self = frame;
    RT_BEGIN(self, cx);
    self->result = start_server(self, cx);
    if (self->result < 0)
        RT_RETURN(self->result);
    for (self->i = 0; self->i < CONNECTIONS; self->i++) {
        RT_TRY(rt_connect, (struct sockaddr *)&self->address, sizeof self->address, &self->io);
        RT_TRY(rt_write, self->io, "12345678", 8);
        RT_TRY_INTO(self->count, rt_read, self->io, self->bytes, sizeof self->bytes);
        if (self->count != 8) /* the server has met the failure */
            RT_RETURN(-ECONNRESET);
        assert_memory_equal(self->bytes, "12345678", 8);
        rt_io_close(self->io);
        self->io = NULL;
    }
    RT_END_FINALLY(0, {
        if (self->server.task) {
            rt_abort(self->server);
            rt_detach(self->server);
        }
        rt_io_close(self->io);
        rt_io_close(self->listener);
    });
}

static int64_t twice(void *data)
{
    *(int64_t *)data *= 2;
    return 0;
}

struct labour {
    RT_FRAME;
    struct rt_timer timer;
    uint64_t deadline_ns;
    int64_t value;
    int i;
};

static rt_poll labour(void *frame, struct rt_cx *cx)
{
    struct labour *self = frame;
    RT_BEGIN(self, cx);
    self->value = 1;
    for (self->i = 0; self->i < 5; self->i++)
        RT_TRY(rt_blocking, twice, &self->value, sizeof self->value);
    assert_int_equal(self->value, 32);
    self->deadline_ns = rt_now_ns(cx->executor) + 100000;
    RT_AWAIT(rt_sleep_until, &self->timer, self->deadline_ns);
    RT_END(0);
}

static int64_t run_network(void)
{
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor)
        return -errno;
    int64_t result = rt_block_on(executor, SPAWNED(executor, network, {.i = 0}));
    rt_run_ready(executor); /* what was aborted while it was queued */
    assert_int_equal(executor->live, 0);
    rt_executor_free(executor);
    return result;
}

static int64_t run_labour(void)
{
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor)
        return -errno;
    int64_t result = rt_block_on(executor, SPAWNED(executor, labour, {.i = 0}));
    rt_run_ready(executor); /* what was aborted while it was queued */
    assert_int_equal(executor->live, 0);
    rt_executor_free(executor);
    return result;
}

/* -- the sweep -- */

static int open_descriptors(void)
{
    int count = 0;
    DIR *fds = opendir("/proc/self/fd");
    assert_non_null(fds);
    while (readdir(fds))
        count++;
    closedir(fds);
    return count;
}

static long run_with_failure(int64_t (*work)(void), long at)
{
    int before = open_descriptors();
    calls = 0;
    failed_call = NULL;
    fails_at = at;
    alarm(10); /* a hang is a failure, and kills */
    int64_t result = work();
    alarm(0);
    fails_at = 0;
    if (open_descriptors() != before)
        fail_msg("call %ld (%s) failed: %d descriptors, %d before", at,
                 failed_call ? failed_call : "none", open_descriptors(), before);
    if (!failed_call)
        assert_int_equal(result, 0);
    return result;
}

static void sweep(int64_t (*work)(void))
{
    main_thread = pthread_self();
    for (variant = 0; variant < 2; variant++) {
        for (int good = 0; good < 2; good++) {
            for_good = good;
            long failures = 0;
            for (long at = 1;; at++) {
                run_with_failure(work, at);
                if (calls < at)
                    break; /* it ends before the call that was to fail */
                failures += failed_call != NULL;
                assert_int_equal(run_with_failure(work, 0), 0);
            }
            assert_true(failures > 1);
        }
    }
}

static void test_connections_survive_every_call_that_fails(void **state)
{
    (void)state;
    sweep(run_network);
}

static void test_jobs_survive_every_call_that_fails(void **state)
{
    (void)state;
    sweep(run_labour);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_connections_survive_every_call_that_fails),
    cmocka_unit_test(test_jobs_survive_every_call_that_fails),
};
TEST_MAIN(tests)
