/* SPDX-License-Identifier: MIT
 *
 * Files on both reactors: what is written is read, the failures of the system are answers, and what
 * is given up while it runs leaves no descriptor and no memory behind.
 */
#include "test_main.h"

#include "reactors.h"

#include "rt/file.h"

#include <sys/resource.h>

struct opener {
    RT_FRAME;
    const char *path;
    int flags;
    struct rt_file **file;
    int64_t result;
};

static rt_poll opener(void *frame, struct rt_cx *cx)
{
    struct opener *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->result, rt_file_open, self->path, self->flags, 0600, self->file);
    RT_END(self->result);
}

struct mover {
    RT_FRAME;
    struct rt_file *file;
    char *in;
    const char *out;
    size_t size;
    uint64_t offset;
    int64_t result;
};

static rt_poll reads(void *frame, struct rt_cx *cx)
{
    struct mover *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT_INTO(self->result, rt_file_read, self->file, self->in, self->size, self->offset);
    RT_END(self->result);
}

static rt_poll writes(void *frame, struct rt_cx *cx)
{
    struct mover *self = frame;
    RT_BEGIN(self, cx);
    RT_TRY_INTO(self->result, rt_file_write, self->file, self->out, self->size, self->offset);
    RT_TRY(rt_file_sync, self->file);
    RT_END(self->result);
}

#define MOVER(executor, step, ...)                                                  \
    ({                                                                              \
        struct rt_task *task = rt_task_new((executor), step, sizeof(struct mover)); \
        *(struct mover *)(void *)task->frame = (struct mover)__VA_ARGS__;           \
        rt_task_start(task);                                                        \
    })

static int64_t open_now(struct rt_executor *executor, const char *path, int flags,
                        struct rt_file **file)
{
    return rt_block_on(executor,
                       SPAWNED(executor, opener, {.path = path, .flags = flags, .file = file}));
}

static int64_t read_at(struct rt_executor *executor, struct rt_file *file, char *in, size_t size,
                       uint64_t offset)
{
    return rt_block_on(
        executor, MOVER(executor, reads, {.file = file, .in = in, .size = size, .offset = offset}));
}

static int64_t write_at(struct rt_executor *executor, struct rt_file *file, const char *out,
                        size_t size, uint64_t offset)
{
    return rt_block_on(executor, MOVER(executor, writes,
                                       {.file = file, .out = out, .size = size, .offset = offset}));
}

static struct rt_file *new_file(struct rt_executor *executor)
{
    char path[] = "/tmp/taskcost-test-file-XXXXXX";
    struct rt_file *file = NULL;
    close(mkstemp(path));
    assert_int_equal(open_now(executor, path, O_RDWR, &file), 0);
    unlink(path);
    return file;
}

static int open_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

/* Sizes about those of blocks and of the largest single call. */
static void test_what_is_written_is_read(void **state)
{
    static const size_t sizes[] = {1, 63, 64, 65, 4095, 4096, 65536, 100000, RT_FILE_BYTES_MAX};
    struct rt_executor *executor = new_executor();
    struct rt_file *file = new_file(executor);
    char *out = malloc(RT_FILE_BYTES_MAX), *in = malloc(RT_FILE_BYTES_MAX);
    (void)state;
    for (size_t i = 0; i < RT_FILE_BYTES_MAX; i++)
        out[i] = (char)(i * 7 + (i >> 8));
    for (size_t s = 0; s < TC_COUNT_OF(sizes); s++) {
        assert_int_equal(ftruncate(rt_file_fd(file), 0), 0);
        assert_int_equal(write_at(executor, file, out, sizes[s], 10), sizes[s]);
        memset(in, 1, RT_FILE_BYTES_MAX);
        assert_int_equal(read_at(executor, file, in, sizes[s], 10), sizes[s]);
        assert_memory_equal(in, out, sizes[s]);
        in[5] = 1;
        assert_int_equal(read_at(executor, file, in, 100, sizes[s] + 5), 5); /* short */
        assert_int_equal(in[5], 1);                                          /* and no more */
        assert_int_equal(read_at(executor, file, in, 100, sizes[s] + 10), 0);
    }
    rt_file_close(file);
    free(in);
    free(out);
    rt_executor_free(executor);
}

static void test_failures_are_answers(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_file *file = NULL;
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    char byte = 0;
    (void)state;
    assert_int_equal(open_now(executor, "/nonexistent/file", O_RDONLY, &file), -ENOENT);
    assert_int_equal(open_now(executor, "/tmp", O_RDWR, &file), -EISDIR);
    assert_null(file);
    assert_int_equal(open_now(executor, "/dev/full", O_RDWR, &file), 0);
    assert_true(fcntl(rt_file_fd(file), F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write_at(executor, file, "x", 1, 0), -ENOSPC);
    rt_file_close(file);
    file = new_file(executor);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(write_at(executor, file, "0123456789", 10, 95), 5); /* short */
    assert_int_equal(write_at(executor, file, "0123456789", 10, 100), -EFBIG);
    assert_int_equal(read_at(executor, file, &byte, 1, UINT64_MAX), -EINVAL);
    rt_file_close(file);
    rt_file_close(NULL);
    rt_executor_free(executor);
}

/* Many calls on one file at a time, each at an offset of its own. */
static void test_many_at_a_time(void **state)
{
    enum { CALLS = 300 };
    struct rt_executor *executor = new_executor();
    struct rt_file *file = new_file(executor);
    struct rt_handle handles[CALLS];
    char out[CALLS], in[CALLS] = {0};
    (void)state;
    for (int i = 0; i < CALLS; i++) {
        out[i] = (char)(i * 3);
        handles[i] = MOVER(executor, writes,
                           {.file = file, .out = &out[i], .size = 1, .offset = (uint64_t)i});
    }
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(rt_block_on(executor, handles[i]), 1);
    for (int i = 0; i < CALLS; i++)
        handles[i] =
            MOVER(executor, reads, {.file = file, .in = &in[i], .size = 1, .offset = (uint64_t)i});
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(rt_block_on(executor, handles[i]), 1);
    assert_memory_equal(in, out, CALLS);
    rt_file_close(file);
    rt_executor_free(executor);
}

/* The buffer is freed and the file closed while the call may still run; the descriptor goes when it
 * is over. `turns` is how far it has come: not begun, under way, perhaps over. */
static void test_given_up(void **state)
{
    (void)state;
    for (int turns = 0; turns <= 2; turns++) {
        for (int kind = 0; kind <= 2; kind++) {
            int before = open_descriptors();
            struct rt_executor *executor = new_executor();
            struct rt_file *file = new_file(executor), *opened = NULL;
            char *buffer = calloc(1, 4096);
            struct rt_handle handle =
                kind == 0   ? SPAWNED(executor, opener,
                                      {.path = "/dev/null", .flags = O_RDONLY, .file = &opened})
                : kind == 1 ? MOVER(executor, reads, {.file = file, .in = buffer, .size = 4096})
                            : MOVER(executor, writes, {.file = file, .out = buffer, .size = 4096});
            for (int i = 0; i < turns; i++)
                rt_run_ready(executor);
            if (turns == 2)
                usleep(1000);
            bool aborted = rt_abort(handle);
            rt_detach(handle);
            free(buffer);
            rt_file_close(file);
            assert_true(aborted && !opened);
            rt_executor_free(executor);
            assert_int_equal(open_descriptors(), before);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_what_is_written_is_read),
    cmocka_unit_test(test_failures_are_answers),
    cmocka_unit_test(test_many_at_a_time),
    cmocka_unit_test(test_given_up),
};
TEST_MAIN_REACTORS(tests)
