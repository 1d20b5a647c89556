/* SPDX-License-Identifier: MIT
 *
 * What keeps a switch cheap, as counts that no noisy machine can blur: no system call and no look
 * at the clock on a switch within the process, three calls for one over a socket (one with
 * io_uring), and no locked instruction anywhere in the runtime but where other threads come in.
 */
#include "test_main.h"

#include "reactors.h"
#include "streams.h"

#include "uring.h"

#include <dlfcn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <time.h>

/* Calls made by the runtime; they pass through here. */
static long waits, controls, receives, sends, clocks, enters;

int epoll_wait(int epoll_fd, struct epoll_event *events, int count, int timeout_ms)
{
    waits++;
    return (int)syscall(SYS_epoll_pwait, epoll_fd, events, count, timeout_ms, NULL, 8);
}

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    controls++;
    return (int)syscall(SYS_epoll_ctl, epoll_fd, operation, fd, event);
}

ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
    receives++;
    return syscall(SYS_recvfrom, fd, buffer, size, flags, NULL, NULL);
}

ssize_t send(int fd, const void *buffer, size_t size, int flags)
{
    sends++;
    return syscall(SYS_sendto, fd, buffer, size, flags, NULL, 0);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    clocks++;
    return (int)syscall(SYS_clock_gettime, clock, now);
}

int io_uring_submit_and_wait(struct io_uring *ring, unsigned count)
{
    int (*real)(struct io_uring *, unsigned) = dlsym(RTLD_NEXT, "io_uring_submit_and_wait");
    enters++;
    return real(ring, count);
}

int io_uring_submit_and_get_events(struct io_uring *ring)
{
    int (*real)(struct io_uring *) = dlsym(RTLD_NEXT, "io_uring_submit_and_get_events");
    enters++;
    return real(ring);
}

static void begin_counting(void)
{
    waits = controls = receives = sends = clocks = enters = 0;
}

/* -- a switch within the process -- */

struct hopper {
    RT_FRAME;
    struct rt_chan *in, *out;
    int hops;
    int64_t value;
};

static rt_poll hopper(void *frame, struct rt_cx *cx)
{
    struct hopper *self = frame;
    RT_BEGIN(self, cx);
    for (; self->hops > 0; self->hops--) {
        RT_AWAIT(rt_chan_recv, self->in, &self->value);
        RT_AWAIT(rt_chan_send, self->out, self->value + 1);
        RT_AWAIT(rt_yield);
    }
    RT_END(self->value);
}

static void test_a_hop_makes_no_system_call(void **state)
{
    enum { HOPS = 10000 };
    struct rt_executor *executor = new_executor();
    struct rt_chan *ring[2] = {rt_chan_new(1), rt_chan_new(1)};
    struct rt_wait wait;
    (void)state;
    struct rt_handle first =
        SPAWNED(executor, hopper, {.in = ring[0], .out = ring[1], .hops = HOPS});
    struct rt_handle second =
        SPAWNED(executor, hopper, {.in = ring[1], .out = ring[0], .hops = HOPS});
    struct rt_cx cx = cx_of(first);
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &cx, ring[0], 0), 0);
    begin_counting();
    assert_int_equal(rt_block_on(executor, first), 2 * (HOPS - 1));
    assert_int_equal(rt_block_on(executor, second), 2 * HOPS - 1);
    assert_int_equal(waits + controls + receives + sends + clocks, 0);
    rt_executor_free(executor);
    rt_chan_free(ring[0]);
    rt_chan_free(ring[1]);
}

/* -- a switch over a socket -- */

struct echoer {
    RT_FRAME;
    struct rt_io *io;
    int hops;
    int64_t count;
    char bytes[8];
};

static rt_poll echoer(void *frame, struct rt_cx *cx)
{
    struct echoer *self = frame;
    RT_BEGIN(self, cx);
    for (; self->hops > 0; self->hops--) {
        RT_AWAIT_INTO(self->count, rt_read, self->io, self->bytes, sizeof self->bytes);
        assert_int_equal(self->count, 1);
        RT_AWAIT_INTO(self->count, rt_write, self->io, self->bytes, 1);
        assert_int_equal(self->count, 1);
    }
    RT_END(0);
}

/* On epoll, wait, read and write: a short read is not read again to learn that nothing is left. On
 * io_uring one call that does all three. */
static void test_what_a_socket_hop_calls(void **state)
{
    enum { HOPS = 1000, START = 8 };
    struct rt_executor *executor = new_executor();
    struct rt_handle handles[2];
    int ends[2];
    (void)state;
    open_stream(SOCKETPAIR, ends);
    for (int end = 0; end < 2; end++)
        handles[end] =
            SPAWNED(executor, echoer, {.io = open_io(executor, ends[end]), .hops = HOPS});
    assert_int_equal(write(ends[0], "x", 1), 1);
    begin_counting();
    assert_int_equal(rt_block_on(executor, handles[0]), 0);
    assert_int_equal(rt_block_on(executor, handles[1]), 0);
    bool epoll = the_reactor == RT_REACTOR_EPOLL;
    assert_int_equal(sends, epoll ? 2 * HOPS : 0);
    assert_in_range(receives, epoll ? 2 * HOPS : 0, epoll ? 2 * HOPS + START : 0);
    assert_in_range(waits, epoll, epoll ? 2 * HOPS + START : 0);
    assert_in_range(enters, !epoll, epoll ? 0 : 2 * HOPS + START);
    assert_int_equal(controls, epoll ? 2 : 0);
    assert_int_equal(clocks, 0);
    rt_executor_free(executor);
}

/* -- the machine code -- */

/* What the scan must find, or it proves nothing. */
__attribute__((noinline, used)) static void locked_control(void)
{
    static int counter;
    __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST);
}

/* Whether a line of disassembly locks the bus: a lock prefix, or an exchange with memory. */
static bool locks(const char *line)
{
    const char *exchange = strstr(line, "xchg ");
    return strstr(line, "\tlock ") || strstr(line, " lock ") ||
           (exchange && strchr(exchange, '(') && !strstr(line, "cmpxchg "));
}

/* Where the executor meets other threads: never on the way of a poll. */
static bool meets_threads(const char *function)
{
    static const char *const names[] = {"rt_post", "rt__inbox_park", "rt__inbox_run"};
    for (size_t i = 0; i < TC_COUNT_OF(names); i++)
        if (strcmp(function, names[i]) == 0)
            return true;
    return strncmp(function, "tc_pool_", 8) == 0;
}

/* Scans this program, which holds the runtime and, inlined above, its hot paths. */
static void test_no_locked_instruction(void **state)
{
    char command[4200], line[512], function[256] = "", path[4096] = "";
    int functions = 0, controls_found = 0, runtime_seen = 0;
    (void)state;
#if !defined(__x86_64__) || defined(TC_SANITIZED)
    print_message("skipped: not x86-64, or code that a sanitizer has changed\n");
    skip();
#endif
    if (system("command -v objdump >/dev/null") != 0) {
        print_message("skipped: no objdump\n");
        skip();
    }
    locked_control();
    assert_true(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    snprintf(command, sizeof command, "objdump -d --no-show-raw-insn '%s'", path);
    FILE *listing = popen(command, "r");
    assert_non_null(listing);
    while (fgets(line, sizeof line, listing)) {
        if (sscanf(line, "%*x <%255[^>]>:", function) == 1) {
            functions++;
            runtime_seen += strcmp(function, "rt_block_on") == 0 || strcmp(function, "hopper") == 0;
        } else if (locks(line)) {
            controls_found += strcmp(function, "locked_control") == 0;
            if (strcmp(function, "locked_control") != 0 && !meets_threads(function))
                fail_msg("in %s: %s", function, line);
        }
    }
    assert_int_equal(pclose(listing), 0);
    assert_true(functions > 50);
    assert_int_equal(runtime_seen, 2);
    assert_int_equal(controls_found, 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_hop_makes_no_system_call),
    cmocka_unit_test(test_what_a_socket_hop_calls),
    cmocka_unit_test(test_no_locked_instruction),
};
TEST_MAIN_REACTORS(tests)
