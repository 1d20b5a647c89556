/* SPDX-License-Identifier: MIT
 *
 * N tasks wait to read, each on its own end of a Unix socket pair. What the machine gave includes
 * the pairs, which the floor has too: the difference is what a task takes that waits for I/O. In
 * the end each is sent a byte of its own, which it must read.
 *
 * Two descriptors a task: RLIMIT_NOFILE bounds the number of tasks.
 */
#include "memory.h"

#include <sys/socket.h>
#include <unistd.h>

static void make_pair(struct wl_round *round, int fds[2], uint64_t index)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        wl_fail(round, -errno, "socketpair", index);
}

static uint8_t byte_for(uint64_t index)
{
    return (uint8_t)(index * 31 + 7);
}

static void send_byte(struct wl_round *round, int fd, uint64_t index)
{
    WL_EXPECT(round, send(fd, (uint8_t[]){byte_for(index)}, 1, MSG_NOSIGNAL), 1);
}

#ifdef MODEL_FLOOR

/* The pairs alone, and a touched cache line each. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    int *fds = wl_alloc(round, tasks, 2 * sizeof *fds);
    uint8_t byte;
    wl_memory_before(round);
    char *lines = wl_alloc(round, tasks, CACHE_LINE);
    for (uint64_t i = 0; i < tasks; i++)
        make_pair(round, &fds[2 * i], i);
    wl_memory_after(round);
    wl_record_extra(round, "tasks_alive", (double)tasks);
    for (uint64_t i = 0; i < tasks; i++) {
        send_byte(round, fds[2 * i + 1], i);
        WL_EXPECT(round, recv(fds[2 * i], &byte, 1, 0), 1);
        WL_EXPECT(round, byte, byte_for(i));
    }
    free(lines);
    free(fds);
}

#else

struct shared {
    struct wl_round *round;
    latch_t waiting, done;
};

TASK(reader, {
    struct shared *shared;
    io_t io;
    uint32_t index;
    uint8_t byte;
    int64_t count;
})
{
    TASK_BEGIN;
    latch_arrive(&self->shared->waiting);
    AWAIT_INTO(self->count, io_read(self->io, &self->byte, 1));
    WL_EXPECT(self->shared->round, self->count, 1);
    WL_EXPECT(self->shared->round, self->byte, byte_for(self->index));
    io_close(&self->io);
    latch_arrive(&self->shared->done);
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    int *far_ends;
    sleep_timer_t timer;
    uint64_t deadline_ns;
    uint64_t alive;
})
{
    TASK_BEGIN;
    wl_memory_before(self->round);
    for (self->alive = 0; self->alive < wl_tasks(self->round); self->alive++) {
        int fds[2];
        io_t io;
        make_pair(self->round, fds, self->alive);
        self->far_ends[self->alive] = fds[1];
        WL_TRY(self->round, io_open(fds[0], &io), self->alive);
        WL_TRY(
            self->round,
            SPAWN(reader, NULL, {.shared = self->shared, .io = io, .index = (uint32_t)self->alive}),
            self->alive);
    }
    AWAIT(latch_wait(&self->shared->waiting));
    self->deadline_ns = memory_settled_ns(self->round);
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    wl_memory_after(self->round);
    wl_record_extra(self->round, "tasks_alive", (double)self->alive);
    for (uint64_t i = 0; i < self->alive; i++)
        send_byte(self->round, self->far_ends[i], i);
    AWAIT(latch_wait(&self->shared->done));
    for (uint64_t i = 0; i < self->alive; i++)
        close(self->far_ends[i]);
    TASK_END;
}

static void run(struct wl_round *round)
{
    static struct shared shared; /* outlives the last thread's last step */
    shared.round = round;
    latch_init(&shared.waiting, wl_tasks(round));
    latch_init(&shared.done, wl_tasks(round));
    int *far_ends = wl_alloc(round, wl_tasks(round), sizeof *far_ends);
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared, .far_ends = far_ends}), 0);
    free(far_ends);
}

#endif

const struct workload memory_socket = {
    .name = "memory-socket",
    .question = "how much memory does a task take that waits to read from a socket?",
    .metrics = {WL_MEMORY_METRICS},
    .sweeps = {{"default", "async,floor", "free", "1000,8000", ""},
               {"default", "threads", "free", "1000", "stack=64KiB"},
               {"full", "async,floor", "free", "3000,5000", ""},
               {"full", "threads", "free", "4000", "stack=64KiB"},
               {"full", "threads", "free", "2000,8000", "stack=64KiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 1000,
    .tasks_max = UINT32_MAX,
    .run = run,
};
