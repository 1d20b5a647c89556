/* SPDX-License-Identifier: MIT
 *
 * Bytes go round a ring of N tasks, the driver among them, through descriptors; each adds one.
 * Shared by switch-pipe, switch-socket and switch-tcp, which differ in how a pair of descriptors is
 * made.
 *
 * With one byte on its way, tasks read with room for more than there can be, so that a read comes
 * back short and shows the stream to be drained; more than one byte is a wrong answer. With several
 * they read one at a time: tokens that meet would otherwise clump together and go round for the
 * price of one. The driver knows in which order they come and what each has become. Closing the
 * first descriptor ends the ring: each task that reads the end closes its own.
 */
#ifndef BYTE_RING_H
#define BYTE_RING_H

#include "model.h"

#include "ring.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 8 };

/* Makes a pair: reading from [0] gives what was written to [1]. 0 or a negative errno value. */
typedef int byte_ring_pair_fn(int fds[2]);

static int *byte_ring_open(struct wl_round *round, byte_ring_pair_fn *make_pair)
{
    uint64_t tasks = wl_tasks(round);
    int *fds = wl_alloc(round, tasks * 2, sizeof *fds);
    for (uint64_t i = 0; i < tasks; i++)
        WL_TRY(round, make_pair(&fds[2 * i]), i);
    return fds;
}

/* How many bytes a read asks for. */
static size_t byte_ring_room(uint64_t tokens)
{
    return tokens == 1 ? ROOM : 1;
}

#ifdef MODEL_FLOOR

/* One thread does every read and write, in the order in which the tasks would; several tokens one
 * after another, which takes as many. */
struct floor_ring {
    bool sockets;
    uint64_t tasks;
    size_t room;
    int *fds;
};

static inline ssize_t floor_read(const struct floor_ring *ring, uint64_t i, uint8_t *buffer)
{
    int fd = ring->fds[2 * i];
    return ring->sockets ? recv(fd, buffer, ring->room, 0) : read(fd, buffer, ring->room);
}

static inline ssize_t floor_write(const struct floor_ring *ring, uint64_t i, const uint8_t *byte)
{
    int fd = ring->fds[2 * i + 1];
    return ring->sockets ? send(fd, byte, 1, MSG_NOSIGNAL) : write(fd, byte, 1);
}

static void floor_lap(struct wl_round *round, const struct floor_ring *ring, uint64_t lap)
{
    uint8_t buffer[ROOM] = {(uint8_t)lap};
    for (uint64_t i = 0; i < ring->tasks; i++) {
        WL_EXPECT(round, floor_write(ring, i, buffer), 1);
        WL_EXPECT(round, floor_read(ring, i, buffer), 1);
        WL_EXPECT(round, buffer[0], (uint8_t)(lap + i));
        buffer[0]++;
    }
}

static void byte_ring_run(struct wl_round *round, byte_ring_pair_fn *make_pair, bool sockets)
{
    uint64_t tokens = ring_tokens(round), laps;
    struct floor_ring ring = {
        .sockets = sockets, .tasks = wl_tasks(round), .room = byte_ring_room(tokens)};
    ring.fds = byte_ring_open(round, make_pair);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps * tokens; lap++)
            floor_lap(round, &ring, lap);
        wl_record(round, tc_now_ns() - start_ns, laps * tokens * ring.tasks);
    }
    free(ring.fds);
}

#else

TASK(byte_relay, {
    struct wl_round *round;
    io_t in;
    io_t out;
    size_t room;
    int64_t count;
    uint8_t buffer[ROOM];
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->count, io_read(self->in, self->buffer, self->room));
        if (self->count == 0)
            break;
        WL_EXPECT(self->round, self->count, 1);
        self->buffer[0]++;
        AWAIT_INTO(self->count, io_write(self->out, self->buffer, 1));
        WL_EXPECT(self->round, self->count, 1);
    }
    io_close(&self->in);
    io_close(&self->out);
    TASK_END;
}

TASK(byte_driver, {
    struct wl_round *round;
    int *fds;
    handle_t *handles;
    uint64_t tasks;
    uint64_t tokens;
    io_t in;
    io_t out;
    uint64_t laps;
    uint64_t sent;
    uint64_t received;
    uint64_t i;
    uint64_t start_ns;
    size_t room;
    int64_t count;
    uint8_t buffer[ROOM];
})
{
    TASK_BEGIN;
    WL_TRY(self->round, io_open(self->fds[1], &self->out), 0);
    WL_TRY(self->round, io_open(self->fds[2 * (self->tasks - 1)], &self->in), 0);
    for (uint64_t i = 1; i < self->tasks; i++) {
        io_t in, out;
        WL_TRY(self->round, io_open(self->fds[2 * (i - 1)], &in), i);
        WL_TRY(self->round, io_open(self->fds[2 * i + 1], &out), i);
        WL_TRY(self->round,
               SPAWN(byte_relay, &self->handles[i],
                     {.round = self->round, .in = in, .out = out, .room = self->room}),
               i);
    }
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        self->sent = 0;
        for (self->received = 0; self->received < self->laps * self->tokens; self->received++) {
            /* As many as there are tokens set out at first, then one for each that has come. */
            while (self->sent < self->received + self->tokens &&
                   self->sent < self->laps * self->tokens) {
                self->buffer[0] = (uint8_t)self->sent;
                AWAIT_INTO(self->count, io_write(self->out, self->buffer, 1));
                WL_EXPECT(self->round, self->count, 1);
                self->sent++;
            }
            AWAIT_INTO(self->count, io_read(self->in, self->buffer, self->room));
            WL_EXPECT(self->round, self->count, 1);
            WL_EXPECT(self->round, self->buffer[0], (uint8_t)(self->received + self->tasks - 1));
        }
        wl_record(self->round, tc_now_ns() - self->start_ns,
                  self->laps * self->tokens * self->tasks);
    }
    io_close(&self->out);
    for (self->i = 1; self->i < self->tasks; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    AWAIT_INTO(self->count, io_read(self->in, self->buffer, self->room));
    WL_EXPECT(self->round, self->count, 0);
    io_close(&self->in);
    TASK_END;
}

static void byte_ring_run(struct wl_round *round, byte_ring_pair_fn *make_pair, bool sockets)
{
    (void)sockets; /* the runtimes find out for themselves */
    uint64_t tasks = wl_tasks(round), tokens = ring_tokens(round);
    int *fds = byte_ring_open(round, make_pair);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    WL_TRY(round,
           RUN(round, byte_driver,
               {.round = round,
                .fds = fds,
                .handles = handles,
                .tasks = tasks,
                .tokens = tokens,
                .room = byte_ring_room(tokens)}),
           0);
    free(handles);
    free(fds);
}

#endif
#endif
