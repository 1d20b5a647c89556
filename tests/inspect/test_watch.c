/* SPDX-License-Identifier: MIT
 *
 * Looking at an executor from outside: a signal makes it dump while it sleeps, and a thread tells
 * of a poll that has not come back while it has not. The reports go through a pipe, and whoever
 * needs one waits for it there: nothing depends on how long anything takes.
 */
#include "test_main.h"

#include "seen.h"

#include <poll.h>

struct outside {
    struct rt_executor *executor;
    FILE *out;
    int reports[2];
    char text[4096]; /* what has been read of them */
    size_t size;
};

static void begin_outside(struct outside *outside, const struct rt_config *config)
{
    *outside = (struct outside){.executor = rt_executor_new(config)};
    assert_non_null(outside->executor);
    assert_int_equal(pipe2(outside->reports, O_CLOEXEC), 0);
    outside->out = fdopen(outside->reports[1], "w");
    assert_non_null(outside->out);
    rt_report_to(outside->executor, outside->out);
}

static void end_outside(struct outside *outside)
{
    rt_executor_free(outside->executor);
    fclose(outside->out);
    close(outside->reports[0]);
}

/* Reads reports; true once all of the sentence's line has been there. */
static bool has_read(struct outside *outside, const char *sentence)
{
    ssize_t count = read(outside->reports[0], outside->text + outside->size,
                         sizeof outside->text - 1 - outside->size);
    outside->size += count > 0 ? (size_t)count : 0;
    const char *found = strstr(outside->text, sentence);
    return found && strchr(found, '\n');
}

/* -- the signal -- */

struct reader {
    RT_FRAME;
    struct rt_io *io;
    int64_t count;
    char byte;
};

static rt_poll reader(void *frame, struct rt_cx *cx)
{
    struct reader *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->count, rt_read, self->io, &self->byte, 1);
    RT_END(self->count);
}

struct asker {
    struct outside *outside;
    int end; /* of the pipe that the reader waits for */
};

/* Asks until the reader is seen to wait, then lets it end. */
static void *ask(void *data)
{
    struct asker *asker = data;
    struct pollfd report = {.fd = asker->outside->reports[0], .events = POLLIN};
    do {
        if (poll(&report, 1, 1) == 0)
            kill(getpid(), SIGUSR1);
    } while (!(report.revents & POLLIN) || !has_read(asker->outside, "at rt_read in reader at "));
    if (write(asker->end, "x", 1) != 1)
        abort();
    return NULL;
}

static void test_a_signal_makes_a_sleeping_loop_dump(void **state)
{
    struct outside outside;
    pthread_t thread;
    struct rt_io *io;
    int ends[2];
    (void)state;
    begin_outside(&outside, NULL);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(rt_io_open(outside.executor, ends[0], &io), 0);
    assert_int_equal(rt_dump_on_signal(outside.executor, SIGUSR1), 0);
    struct rt_handle handle = SPAWNED(outside.executor, reader, {.io = io});
    struct asker asker = {&outside, ends[1]};
    assert_int_equal(pthread_create(&thread, NULL, ask, &asker), 0);
    assert_int_equal(rt_block_on(outside.executor, handle), 1);
    pthread_join(thread, NULL);
    assert_non_null(strstr(outside.text, "1 tasks alive, 0 of them ready\n#1 reader (spawned in"));
    close(ends[1]);
    end_outside(&outside);
    assert_true(signal(SIGUSR1, SIG_IGN) == SIG_DFL); /* given back */
}

static void test_a_signal_that_cannot_be_caught_is_refused(void **state)
{
    struct outside outside;
    (void)state;
    begin_outside(&outside, NULL);
    assert_int_equal(rt_dump_on_signal(outside.executor, SIGKILL), -EINVAL);
    end_outside(&outside);
}

/* -- the thread -- */

struct stuck {
    RT_FRAME;
    struct outside *outside;
};

/* Does not come back before it was told of. */
static rt_poll stuck(void *frame, struct rt_cx *cx)
{
    struct stuck *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_yield);
    while (!has_read(self->outside, "rt: stuck: ")) {
    }
    RT_END(0);
}

/* Whether the kernel lets a process see what its own threads do. */
static bool can_see_calls(void)
{
    char path[64], text[8];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)gettid());
    FILE *file = fopen(path, "re");
    bool can = file && fgets(text, sizeof text, file);
    if (file)
        fclose(file);
    return can;
}

static void hold_the_loop(struct outside *outside)
{
    assert_int_equal(rt_watch_stalls(outside->executor), 0);
    assert_int_equal(rt_watch_stalls(outside->executor), -EBUSY);
    struct rt_handle handle = SPAWNED(outside->executor, stuck, {.outside = outside});
    assert_int_equal(rt_block_on(outside->executor, handle), 0);
    assert_true(rt_counters(outside->executor)->stalls >= 1);
    while (!has_read(outside, "rt: stall: task #1 stuck ")) { /* how long it was in the end */
    }
    assert_non_null(strstr(outside->text, "rt: stuck: task #1 stuck has held the loop for "));
    assert_non_null(strstr(outside->text, " ms, since rt_yield in stuck at test_watch.c:"));
}

static void test_who_blocks_in_the_kernel_is_told_meanwhile(void **state)
{
    struct outside outside;
    (void)state;
    begin_outside(&outside, &(struct rt_config){.stall_ns = 10 * TC_NS_PER_MS});
    hold_the_loop(&outside);
    if (can_see_calls())
        assert_non_null(strstr(outside.text, ", inside system call "));
    end_outside(&outside);
}

static void test_who_computes_for_ever_is_told_meanwhile(void **state)
{
    struct outside outside;
    (void)state;
    begin_outside(&outside, &(struct rt_config){.stall_ns = 10 * TC_NS_PER_MS});
    assert_int_equal(fcntl(outside.reports[0], F_SETFL, O_NONBLOCK), 0);
    hold_the_loop(&outside);
    end_outside(&outside);
}

/* A thread that is not needed any more is stopped, whether it has told anything or not. */
static void test_the_thread_ends_with_its_executor(void **state)
{
    struct outside outside;
    (void)state;
    begin_outside(&outside, &(struct rt_config){.stall_ns = 3600 * TC_NS_PER_S});
    assert_int_equal(rt_watch_stalls(outside.executor), 0);
    end_outside(&outside);
    begin_outside(&outside, NULL);
    rt_report_to(outside.executor, NULL);
    assert_int_equal(rt_watch_stalls(outside.executor), -EBUSY); /* nowhere to tell it */
    end_outside(&outside);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_a_signal_makes_a_sleeping_loop_dump),
    cmocka_unit_test(test_a_signal_that_cannot_be_caught_is_refused),
    cmocka_unit_test(test_who_blocks_in_the_kernel_is_told_meanwhile),
    cmocka_unit_test(test_who_computes_for_ever_is_told_meanwhile),
    cmocka_unit_test(test_the_thread_ends_with_its_executor),
};
TEST_MAIN(tests)
