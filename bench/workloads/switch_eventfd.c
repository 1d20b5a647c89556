/* SPDX-License-Identifier: MIT
 *
 * A value round a ring of tasks through eventfds, the lightest thing that both a thread and a
 * reactor can wait for: a counter in the kernel. A write adds to it and a read takes all of it, so
 * that there is one value on its way and no more; it is its number plus one, as a counter of 0
 * can't be read.
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* No value comes near it, and it is below what a counter holds. */
#define STOP (UINT64_C(1) << 62)

static int *open_ring(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    int *fds = wl_alloc(round, tasks, sizeof *fds);
    for (uint64_t i = 0; i < tasks; i++)
        if ((fds[i] = eventfd(0, EFD_CLOEXEC)) < 0)
            wl_fail(round, -errno, "eventfd", i);
    return fds;
}

#ifdef MODEL_FLOOR

/* One thread does every write and read, in the order in which the tasks would. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps;
    int *fds = open_ring(round);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++) {
            uint64_t value = lap;
            for (uint64_t i = 0; i < tasks; i++) {
                value++;
                WL_EXPECT(round, write(fds[i], &value, sizeof value), sizeof value);
                WL_EXPECT(round, read(fds[i], &value, sizeof value), sizeof value);
            }
            WL_EXPECT(round, value, lap + tasks);
        }
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
    }
    free(fds);
}

#else

TASK(relay, {
    struct wl_round *round;
    io_t in;
    io_t out;
    uint64_t value;
    int64_t count;
})
{
    TASK_BEGIN;
    while (self->value != STOP) {
        AWAIT_INTO(self->count, io_read(self->in, &self->value, sizeof self->value));
        WL_EXPECT(self->round, self->count, sizeof self->value);
        self->value += self->value != STOP;
        AWAIT_INTO(self->count, io_write(self->out, &self->value, sizeof self->value));
        WL_EXPECT(self->round, self->count, sizeof self->value);
    }
    io_close(&self->in);
    TASK_END;
}

/* Each eventfd is written through a duplicate, which is its writer's own. */
static int duplicate(struct wl_round *round, int fd, uint64_t index)
{
    int copy = dup(fd);
    if (copy < 0)
        wl_fail(round, -errno, "dup", index);
    return copy;
}

TASK(driver, {
    struct wl_round *round;
    int *fds;
    handle_t *handles;
    io_t *outs;
    uint64_t tasks;
    io_t in;
    uint64_t laps;
    uint64_t lap;
    uint64_t start_ns;
    uint64_t i;
    uint64_t value;
    int64_t count;
})
{
    TASK_BEGIN;
    for (uint64_t i = 0; i < self->tasks; i++)
        WL_TRY(self->round, io_open(duplicate(self->round, self->fds[i], i), &self->outs[i]), i);
    WL_TRY(self->round, io_open(self->fds[self->tasks - 1], &self->in), 0);
    for (uint64_t i = 1; i < self->tasks; i++) {
        io_t in;
        WL_TRY(self->round, io_open(self->fds[i - 1], &in), i);
        WL_TRY(
            self->round,
            SPAWN(relay, &self->handles[i], {.round = self->round, .in = in, .out = self->outs[i]}),
            i);
    }
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            self->value = self->lap + 1;
            AWAIT_INTO(self->count, io_write(self->outs[0], &self->value, sizeof self->value));
            WL_EXPECT(self->round, self->count, sizeof self->value);
            AWAIT_INTO(self->count, io_read(self->in, &self->value, sizeof self->value));
            WL_EXPECT(self->round, self->count, sizeof self->value);
            WL_EXPECT(self->round, self->value, self->lap + self->tasks);
        }
        wl_record(self->round, tc_now_ns() - self->start_ns, self->laps * self->tasks);
    }
    self->value = STOP; /* ends each relay on its way round */
    AWAIT(io_write(self->outs[0], &self->value, sizeof self->value));
    AWAIT(io_read(self->in, &self->value, sizeof self->value));
    WL_EXPECT(self->round, self->value, STOP);
    for (self->i = 1; self->i < self->tasks; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    for (self->i = 0; self->i < self->tasks; self->i++)
        io_close(&self->outs[self->i]);
    io_close(&self->in);
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    int *fds = open_ring(round);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    io_t *outs = wl_alloc(round, tasks, sizeof *outs);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round, .fds = fds, .handles = handles, .outs = outs, .tasks = tasks}),
           0);
    free(outs);
    free(handles);
    free(fds);
}

#endif

const struct workload switch_eventfd = {
    .name = "switch-eventfd",
    .question = "what does it cost to wake another task through a counter in the kernel?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .sweeps = {{"default", "", "one-core", "100", ""},
               {"full", "async,threads", "free", "100", ""},
               {"full", "", "one-core", "2,1000", ""},
               {"full", "async,threads", "all", "100", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 100,
    .run = run,
};
