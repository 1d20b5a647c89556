/* SPDX-License-Identifier: MIT
 *
 * N files read whole, each by a task of its own, and the wait for all of them. The files are in the
 * page cache, so that what is measured is the way there and back: a thread calls pread(2); a task
 * can't wait for a file to be ready, as files always are, so a runtime moves the call to a thread
 * or to io_uring. What is read is added up and compared.
 *
 * The files have no name from the moment they are made (in TMPDIR, or /tmp) and are opened through
 * /proc/self/fd: none can be left behind.
 */
#include "model.h"

#include "base/parse.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What stands in a file, and what all of it adds up to. */
static uint64_t word_at(uint64_t file, uint64_t index)
{
    return (file + 1) * UINT64_C(0x9e3779b97f4a7c15) + index;
}

static uint64_t sum_of(const uint64_t *words, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += words[i];
    return sum;
}

static uint64_t sum_expected(uint64_t file, size_t count)
{
    return count * word_at(file, 0) + (uint64_t)count * (count - 1) / 2;
}

static void check(struct wl_round *round, const uint64_t *words, size_t bytes, uint64_t file)
{
    if (sum_of(words, bytes / sizeof *words) != sum_expected(file, bytes / sizeof *words))
        wl_wrong(round, "file %llu was not read as it was written", (unsigned long long)file);
}

static size_t file_bytes(struct wl_round *round)
{
    uint64_t bytes;
    struct tc_error err;
    if (tc_parse_bytes(wl_param(round, "size"), "size", UINT64_C(1) << 30, &bytes, &err) < 0)
        wl_wrong(round, "%s", err.text);
    if (bytes == 0 || bytes % sizeof(uint64_t) != 0)
        wl_wrong(round, "size '%s' is not some words of 8 bytes", wl_param(round, "size"));
    return (size_t)bytes;
}

/* A file without a name, written; `words` is room for its contents. */
static int make_file(struct wl_round *round, uint64_t *words, size_t bytes, uint64_t file)
{
    char path[4096];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/taskcost-XXXXXX", folder && *folder ? folder : "/tmp");
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        wl_fail(round, -errno, "making a file in TMPDIR", file);
    unlink(path);
    for (size_t i = 0; i < bytes / sizeof *words; i++)
        words[i] = word_at(file, i);
    for (size_t done = 0; done < bytes;) {
        ssize_t written = pwrite(fd, (char *)words + done, bytes - done, (off_t)done);
        if (written < 0)
            wl_fail(round, -errno, "writing a file in TMPDIR", file);
        done += (size_t)written;
    }
    return fd;
}

#ifdef MODEL_FLOOR

/* One thread reads them one after another. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    size_t bytes = file_bytes(round);
    int *fds = wl_alloc(round, tasks, sizeof *fds);
    uint64_t *words = wl_alloc(round, bytes, 1);
    for (uint64_t i = 0; i < tasks; i++)
        fds[i] = make_file(round, words, bytes, i);
    for (struct wl_request request; wl_next_request(round, &request);) {
        struct timespec due = tc_timespec(request.due_ns);
        while (wl_is_open(round) &&
               clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
            ;
        wl_request_start(round, &request);
        for (uint64_t i = 0; i < tasks; i++) {
            WL_EXPECT(round, pread(fds[i], words, bytes, 0), bytes);
            check(round, words, bytes, i);
            memset(words, 0, sizeof *words);
        }
        wl_request_end(round, &request);
    }
    wl_record_load(round, tasks);
    free(words);
    free(fds);
}

#else

struct shared {
    struct wl_round *round;
    size_t bytes;
    latch_t read;
    bool stop;
};

/* Reads its file each time it is told to go. */
TASK(reader, {
    struct shared *shared;
    event_one_t *go;
    uint64_t index;
    file_t file;
    uint64_t *words;
    size_t done;
    int64_t count;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->shared->stop)
            break;
        for (self->done = 0; self->done < self->shared->bytes; self->done += (size_t)self->count) {
            AWAIT_INTO(self->count, file_read(self->file, (char *)self->words + self->done,
                                              self->shared->bytes - self->done, self->done));
            if (self->count == 0)
                wl_wrong(self->shared->round, "file %llu ends too early",
                         (unsigned long long)self->index);
            WL_TRY(self->shared->round, self->count, self->index);
        }
        check(self->shared->round, self->words, self->shared->bytes, self->index);
        memset(self->words, 0, sizeof *self->words); /* or not reading would go unnoticed */
        latch_arrive(&self->shared->read);
    }
    file_close(&self->file);
    free(self->words);
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    event_one_t *go;
    handle_t *handles;
    uint64_t *words;
    char path[32];
    int fd;
    file_t file;
    struct wl_request request;
    sleep_timer_t timer;
    uint64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (self->i = 0; self->i < wl_tasks(self->round); self->i++) {
        self->words = wl_alloc(self->round, self->shared->bytes, 1);
        self->fd = make_file(self->round, self->words, self->shared->bytes, self->i);
        snprintf(self->path, sizeof self->path, "/proc/self/fd/%d", self->fd);
        AWAIT_INTO(self->result, file_open(self->path, O_RDONLY, 0, &self->file));
        WL_TRY(self->round, self->result, self->i);
        close(self->fd);
        event_one_init(&self->go[self->i]);
        WL_TRY(self->round,
               SPAWN(reader, &self->handles[self->i],
                     {.shared = self->shared,
                      .go = &self->go[self->i],
                      .index = self->i,
                      .file = self->file,
                      .words = self->words}),
               self->i);
    }
    while (wl_next_request(self->round, &self->request)) {
        if (wl_is_open(self->round))
            AWAIT(sleep_until(&self->timer, self->request.due_ns));
        wl_request_start(self->round, &self->request);
        latch_reset(&self->shared->read, wl_tasks(self->round));
        for (uint64_t i = 0; i < wl_tasks(self->round); i++)
            event_one_set(&self->go[i]);
        AWAIT(latch_wait(&self->shared->read));
        wl_request_end(self->round, &self->request);
    }
    wl_record_load(self->round, wl_tasks(self->round));
    self->shared->stop = true;
    for (self->i = 0; self->i < wl_tasks(self->round); self->i++) {
        event_one_set(&self->go[self->i]);
        AWAIT(task_join(self->handles[self->i]));
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    struct shared shared = {.round = round, .bytes = file_bytes(round)};
    event_one_t *go = wl_alloc(round, tasks, sizeof *go);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    latch_init(&shared.read, 0);
    WL_TRY(round,
           RUN(round, driver, {.round = round, .shared = &shared, .go = go, .handles = handles}),
           0);
    free(handles);
    free(go);
}

#endif

const struct workload fanout_file = {
    .name = "fanout-file",
    .question = "how long does it take to read N files that are in memory?",
    .metrics = {WL_LOAD_METRICS},
    .params = {WL_LOAD_PARAMS, {"size", "64KiB,4KiB,1MiB,...", "of each file"}},
    .sweeps = {{"default", "", "one-core", "100", ""},
               {"full", "", "one-core", "1000", "size=4KiB"},
               {"full", "", "all", "100", ""},
               {"full", "", "one-core", "100", "size=1MiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 100,
    .run = run,
};
