/* SPDX-License-Identifier: MIT
 *
 * Two tasks answer each other, each on a PU of its own: what it costs to hand over to another task
 * as a matter of where the two are. With a placement for every pair of PUs it is a map of the
 * machine. The task that asks is on the first PU of the placement, the one that answers on the
 * second; on a placement of one PU both are on that. A model whose tasks share a thread is on the
 * first. An operation is one hop, so both directions are in it.
 *
 * The floor has no scheduler: on one PU a loop that does both sides' work; on two PUs two threads
 * that never sleep, so that a hop is what a cache line (or the pipe's two calls) needs from the one
 * to the other. That is a limit for whoever may burn a CPU; waking a sleeper cannot reach it. With
 * bind=none there are no two PUs to speak of, and the floor is the loop.
 */
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Tasks read with room for more than the one byte that can be there, as switch-pipe does. */
enum { ROOM = 8, FREE = -1 };

struct pair {
    struct wl_round *round;
    bool pipe;
    int cpus[2]; /* FREE where it is not bound */
    cpu_set_t started_on;
};

static int bind_thread(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    return cpu != FREE && sched_setaffinity(0, sizeof set, &set) < 0 ? -errno : 0;
}

/* The first two PUs that we were left, or twice the one. */
static void choose_cpus(struct pair *pair)
{
    int found = 0;
    WL_TRY(pair->round,
           sched_getaffinity(0, sizeof pair->started_on, &pair->started_on) < 0 ? -errno : 0, 0);
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
        if (CPU_ISSET((size_t)cpu, &pair->started_on))
            pair->cpus[found++] = cpu;
    if (found == 1)
        pair->cpus[1] = pair->cpus[0];
}

static void open_pair(struct pair *pair, struct wl_round *round)
{
    *pair = (struct pair){.round = round, .cpus = {FREE, FREE}};
    pair->pipe = strcmp(wl_param(round, "by"), "pipe") == 0;
    if (strcmp(wl_param(round, "bind"), "own") == 0)
        choose_cpus(pair);
    WL_TRY(round, bind_thread(pair->cpus[0]), 0);
}

/* What is read of the process afterwards is where it was put, not where its first task was. */
static void close_pair(struct pair *pair)
{
    if (pair->cpus[0] != FREE)
        WL_TRY(pair->round,
               sched_setaffinity(0, sizeof pair->started_on, &pair->started_on) < 0 ? -errno : 0,
               0);
}

static int make_pipe(int fds[2], int flags)
{
    return pipe2(fds, O_CLOEXEC | flags) < 0 ? -errno : 0;
}

#ifdef MODEL_FLOOR

#include <pthread.h>

/* One direction. A slot is new when it differs from what was taken last: each question and each
 * answer differs from the one before. */
struct way {
    _Alignas(64) int64_t slot;
    _Alignas(64) int64_t taken; /* the reader's */
    int fds[2];
};

struct ways {
    struct way there, back;
    const struct pair *pair;
    bool stop;
};

static void put(const struct pair *pair, struct way *way, uint8_t value)
{
    if (pair->pipe)
        WL_EXPECT(pair->round, write(way->fds[1], &value, 1), 1);
    else
        __atomic_store_n(&way->slot, value, __ATOMIC_RELEASE);
}

static bool take(const struct pair *pair, struct way *way, uint8_t *value)
{
    uint8_t buffer[ROOM];
    if (pair->pipe) {
        ssize_t length = read(way->fds[0], buffer, ROOM);
        if (length < 0 && errno == EAGAIN)
            return false;
        WL_EXPECT(pair->round, length, 1);
        *value = buffer[0];
        return true;
    }
    int64_t now = __atomic_load_n(&way->slot, __ATOMIC_ACQUIRE);
    if (now == way->taken)
        return false;
    *value = (uint8_t)(way->taken = now);
    return true;
}

/* The other side; false when there is no question. */
static bool answer(struct ways *ways)
{
    uint8_t value;
    if (!take(ways->pair, &ways->there, &value))
        return false;
    put(ways->pair, &ways->back, (uint8_t)(value + 1));
    return true;
}

static void *answer_all(void *argument)
{
    struct ways *ways = argument;
    WL_TRY(ways->pair->round, bind_thread(ways->pair->cpus[1]), 1);
    while (!__atomic_load_n(&ways->stop, __ATOMIC_RELAXED))
        answer(ways);
    return NULL;
}

/* `together`: this thread answers itself. */
static void ask_all(struct ways *ways, bool together)
{
    const struct pair *pair = ways->pair;
    uint64_t laps;
    uint8_t asked = 0, answered = 0;
    while ((laps = wl_next_sample(pair->round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++) {
            put(pair, &ways->there, ++asked);
            if (together)
                WL_EXPECT(pair->round, answer(ways), true);
            while (!take(pair, &ways->back, &answered)) {
            }
            WL_EXPECT(pair->round, answered, (uint8_t)(asked + 1));
        }
        wl_record(pair->round, tc_now_ns() - start_ns, laps * 2);
    }
}

static void open_way(const struct pair *pair, struct way *way)
{
    if (pair->pipe)
        WL_TRY(pair->round, make_pipe(way->fds, O_NONBLOCK), 0);
}

static void close_way(const struct pair *pair, struct way *way)
{
    for (int i = 0; pair->pipe && i < 2; i++)
        close(way->fds[i]);
}

static void run(struct wl_round *round)
{
    struct pair pair;
    struct ways *ways = wl_alloc(round, 1, sizeof *ways);
    pthread_t other;
    open_pair(&pair, round);
    bool together = pair.cpus[0] == pair.cpus[1];
    ways->pair = &pair;
    open_way(&pair, &ways->there);
    open_way(&pair, &ways->back);
    if (!together)
        WL_TRY(round, -pthread_create(&other, NULL, answer_all, ways), 1);
    ask_all(ways, together);
    __atomic_store_n(&ways->stop, true, __ATOMIC_RELAXED);
    if (!together)
        pthread_join(other, NULL);
    close_way(&pair, &ways->there);
    close_way(&pair, &ways->back);
    close_pair(&pair);
    free(ways);
}

#else

TASK(answerer, {
    const struct pair *pair;
    chan_t questions;
    chan_t answers;
    io_t in;
    io_t out;
    int64_t value;
    int64_t code;
    uint8_t buffer[ROOM];
})
{
    TASK_BEGIN;
    if (!MODEL_ONE_THREAD)
        WL_TRY(self->pair->round, bind_thread(self->pair->cpus[1]), 1);
    while (self->pair->pipe) {
        AWAIT_INTO(self->code, io_read(self->in, self->buffer, ROOM));
        if (self->code == 0)
            break;
        WL_EXPECT(self->pair->round, self->code, 1);
        self->buffer[0]++;
        AWAIT_INTO(self->code, io_write(self->out, self->buffer, 1));
        WL_EXPECT(self->pair->round, self->code, 1);
    }
    while (!self->pair->pipe) {
        AWAIT_INTO(self->code, chan_recv(self->questions, &self->value));
        if (self->code < 0)
            break;
        AWAIT(chan_send(self->answers, self->value + 1));
    }
    if (self->pair->pipe) {
        io_close(&self->in);
        io_close(&self->out);
    }
    TASK_END;
}

TASK(asker, {
    const struct pair *pair;
    chan_t questions;
    chan_t answers;
    int there[2];
    int back[2];
    handle_t other;
    io_t in;
    io_t out;
    uint64_t laps;
    uint64_t lap;
    uint64_t start_ns;
    int64_t value;
    int64_t code;
    uint8_t buffer[ROOM];
})
{
    TASK_BEGIN;
    struct wl_round *round = self->pair->round;
    io_t in = IO_NONE, out = IO_NONE;
    if (self->pair->pipe) {
        WL_TRY(round, io_open(self->there[0], &in), 1);
        WL_TRY(round, io_open(self->back[1], &out), 1);
        WL_TRY(round, io_open(self->there[1], &self->out), 0);
        WL_TRY(round, io_open(self->back[0], &self->in), 0);
    }
    WL_TRY(round,
           SPAWN(answerer, &self->other,
                 {.pair = self->pair,
                  .questions = self->questions,
                  .answers = self->answers,
                  .in = in,
                  .out = out}),
           1);
    while ((self->laps = wl_next_sample(self->pair->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->lap = 0; !self->pair->pipe && self->lap < self->laps; self->lap++) {
            AWAIT(chan_send(self->questions, (int64_t)self->lap));
            AWAIT(chan_recv(self->answers, &self->value));
            WL_EXPECT(self->pair->round, self->value, self->lap + 1);
        }
        for (self->lap = 0; self->pair->pipe && self->lap < self->laps; self->lap++) {
            self->buffer[0] = (uint8_t)self->lap;
            AWAIT_INTO(self->code, io_write(self->out, self->buffer, 1));
            WL_EXPECT(self->pair->round, self->code, 1);
            AWAIT_INTO(self->code, io_read(self->in, self->buffer, ROOM));
            WL_EXPECT(self->pair->round, self->code, 1);
            WL_EXPECT(self->pair->round, self->buffer[0], (uint8_t)(self->lap + 1));
        }
        wl_record(self->pair->round, tc_now_ns() - self->start_ns, self->laps * 2);
    }
    if (self->pair->pipe)
        io_close(&self->out);
    else
        chan_close(self->questions);
    AWAIT(task_join(self->other));
    if (self->pair->pipe)
        io_close(&self->in);
    TASK_END;
}

static void run(struct wl_round *round)
{
    struct pair pair;
    int there[2] = {FREE, FREE}, back[2] = {FREE, FREE};
    open_pair(&pair, round);
    chan_t questions = chan_new(1), answers = chan_new(1);
    if (!questions || !answers)
        wl_fail(round, -ENOMEM, "chan_new", 0);
    if (pair.pipe) {
        WL_TRY(round, make_pipe(there, 0), 0);
        WL_TRY(round, make_pipe(back, 0), 0);
    }
    WL_TRY(round,
           RUN(round, asker,
               {.pair = &pair,
                .questions = questions,
                .answers = answers,
                .there = {there[0], there[1]},
                .back = {back[0], back[1]}}),
           0);
    chan_free(questions);
    chan_free(answers);
    close_pair(&pair);
}

#endif

const struct workload switch_pair = {
    .name = "switch-pair",
    .question = "what does it cost to hand over to a task on another PU, and which one?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .params = {{"by", "channel,pipe", "what carries question and answer"},
               {"bind", "own,none",
                "own: each thread on a PU of its own; none: wherever the placement allows"}},
    .sweeps = {{"quick", "threads,floor", "pairs:2", "2", ""},
               {"default", "threads,floor", "pairs:4", "2", "by=channel|pipe"},
               {"default", "async", "one-core", "2", "by=channel|pipe"},
               {"full", "threads,floor", "pairs", "2", "by=channel|pipe"},
               {"full", "threads", "same-cache,free", "2", "by=channel|pipe;bind=none"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 2,
    .tasks_max = 2,
    .run = run,
};
