/* SPDX-License-Identifier: MIT
 *
 * Files: the public operations, and the calls that the blocking pool makes for the epoll reactor.
 */
#include "file.h"

#include "blocking.h"
#include "reactor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- how long a descriptor stays -- */

void rt__file_release(struct rt_file *file)
{
    if (!file || --file->users > 0 || !file->closing)
        return;
    close(file->fd);
    RT_SEE(rt__see_object(RT_FILES, -1));
    free(file);
}

void rt__file_discard(enum rt_file_what what, struct rt_file *file, int64_t result)
{
    if (what == RT_FILE_OPEN && result >= 0)
        close((int)result);
    rt__file_release(file);
}

void rt_file_close(struct rt_file *file)
{
    if (!file)
        return;
    file->closing = true;
    file->users++;
    rt__file_release(file);
}

int rt_file_fd(const struct rt_file *file)
{
    return file->fd;
}

/* -- through the blocking pool -- */

/* What a thread of the pool is told; the body follows. */
struct head {
    enum rt_file_what what;
    struct rt_file *file;
    int fd, flags;
    mode_t mode;
    uint64_t offset;
    size_t size;
};

static ssize_t make_call(const struct head *head, void *body)
{
    switch (head->what) {
    case RT_FILE_OPEN:
        return open(body, head->flags, head->mode);
    case RT_FILE_READ:
        return pread(head->fd, body, head->size, (off_t)head->offset);
    case RT_FILE_WRITE:
        return pwrite(head->fd, body, head->size, (off_t)head->offset);
    case RT_FILE_SYNC:
        return fsync(head->fd);
    }
    return -1;
}

static int64_t run(void *data)
{
    struct head *head = data;
    ssize_t result;
    do
        result = make_call(head, head + 1);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : result;
}

static void discard(void *data, int64_t result)
{
    const struct head *head = data;
    rt__file_discard(head->what, head->file, result);
}

rt_poll rt__pool_file_poll(struct rt_wait *wait, struct rt_cx *cx, const struct rt_file_call *call)
{
    struct head head = {.what = call->what,
                        .file = call->file,
                        .fd = call->file ? call->file->fd : -1,
                        .flags = call->flags,
                        .mode = call->mode,
                        .offset = call->offset,
                        .size = call->size};
    struct rt_blocking_job job = {.fn = run,
                                  .discard = discard,
                                  .head = &head,
                                  .head_size = sizeof head,
                                  .in = call->in,
                                  .out = call->out,
                                  .body_size = call->size,
                                  .counted = true};
    bool out = rt__blocking_is_out(wait);
    rt_poll result = rt__blocking_job_poll(wait, cx, &job);
    if (result == RT_PENDING && !out && rt__blocking_is_out(wait))
        rt__file_use(call->file);
    else if (result != RT_PENDING && out)
        rt__file_release(call->file);
    return result;
}

void rt__pool_file_drop(struct rt_wait *wait, struct rt_reactor *reactor)
{
    (void)reactor;
    rt__blocking_job_drop(wait);
}

/* -- the operations -- */

static rt_poll poll_call(struct rt_wait *wait, struct rt_cx *cx, const struct rt_file_call *call)
{
    if (call->offset > INT64_MAX) /* io_uring takes -1 for the current position */
        return -EINVAL;
    return cx->executor->reactor->ops->file(wait, cx, call);
}

static void drop_call(struct rt_wait *wait)
{
    struct rt_reactor *reactor;
    if (rt_wait_is_idle(wait))
        return;
    reactor = wait->task->executor->reactor;
    reactor->ops->file_drop(wait, reactor);
}

static rt_poll keep_open(int fd, struct rt_file **file)
{
    *file = calloc(1, sizeof **file);
    if (!*file) {
        close(fd);
        return -ENOMEM;
    }
    RT_SEE(rt__see_object(RT_FILES, 1));
    (*file)->fd = fd;
    return 0;
}

rt_poll rt_file_open_poll(struct rt_wait *wait, struct rt_cx *cx, const char *path, int flags,
                          mode_t mode, struct rt_file **file)
{
    struct rt_file_call call = {.what = RT_FILE_OPEN,
                                .flags = flags | O_CLOEXEC,
                                .mode = mode,
                                .size = strlen(path) + 1,
                                .in = path};
    rt_poll result = poll_call(wait, cx, &call);
    return result >= 0 ? keep_open((int)result, file) : result;
}

void rt_file_open_drop(struct rt_wait *wait, const char *path, int flags, mode_t mode,
                       struct rt_file **file)
{
    (void)path, (void)flags, (void)mode, (void)file;
    drop_call(wait);
}

static size_t at_most(size_t size)
{
    return size < RT_FILE_BYTES_MAX ? size : RT_FILE_BYTES_MAX;
}

rt_poll rt_file_read_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_file *file,
                          void *buffer, size_t size, uint64_t offset)
{
    struct rt_file_call call = {
        .what = RT_FILE_READ, .file = file, .offset = offset, .size = at_most(size), .out = buffer};
    return poll_call(wait, cx, &call);
}

void rt_file_read_drop(struct rt_wait *wait, struct rt_file *file, void *buffer, size_t size,
                       uint64_t offset)
{
    (void)file, (void)buffer, (void)size, (void)offset;
    drop_call(wait);
}

rt_poll rt_file_write_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_file *file,
                           const void *buffer, size_t size, uint64_t offset)
{
    struct rt_file_call call = {
        .what = RT_FILE_WRITE, .file = file, .offset = offset, .size = at_most(size), .in = buffer};
    return poll_call(wait, cx, &call);
}

void rt_file_write_drop(struct rt_wait *wait, struct rt_file *file, const void *buffer, size_t size,
                        uint64_t offset)
{
    (void)file, (void)buffer, (void)size, (void)offset;
    drop_call(wait);
}

rt_poll rt_file_sync_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_file *file)
{
    return poll_call(wait, cx, &(struct rt_file_call){.what = RT_FILE_SYNC, .file = file});
}

void rt_file_sync_drop(struct rt_wait *wait, struct rt_file *file)
{
    (void)file;
    drop_call(wait);
}
