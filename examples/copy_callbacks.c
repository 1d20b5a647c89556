/* SPDX-License-Identifier: MIT
 *
 * Copies with callbacks: an event loop on poll(2) that calls a function when a descriptor can be
 * read or written. The loop of a copy is nowhere to be seen: it is the circle in which
 * read_some() and write_some() ask to be called, and what it needs to remember travels in `data`.
 * An error can show when something is asked for or when it is done; both must be led to the one
 * place that ends the copy. (A pipe that can be written takes BUFFER_SIZE bytes without blocking:
 * they are less than PIPE_BUF.)
 */
#include "copy.h"

#include <poll.h>

/* -- the event loop -- */

typedef void then_fn(void *data);

/* What is asked for: `then` is called once, when the descriptor is ready. */
struct ask {
    then_fn *then; /* NULL when nothing is asked for */
    void *data;
};

struct loop {
    struct pollfd *fds; /* one place a copy, for it waits for one thing at a time */
    struct ask *asks;
    int count;
};

static void when_ready(struct loop *loop, int place, int fd, short events, then_fn *then,
                       void *data)
{
    loop->fds[place] = (struct pollfd){.fd = fd, .events = events};
    loop->asks[place] = (struct ask){then, data};
}

static void run(struct loop *loop)
{
    for (;;) {
        int asked = 0;
        for (int i = 0; i < loop->count; i++)
            asked += loop->asks[i].then != NULL;
        if (!asked)
            return;
        if (poll(loop->fds, (nfds_t)loop->count, -1) < 0)
            continue; /* a signal */
        for (int i = 0; i < loop->count; i++) {
            struct ask ask = loop->asks[i];
            if (!ask.then || !loop->fds[i].revents)
                continue;
            loop->asks[i].then = NULL;
            loop->fds[i].fd = -1;
            ask.then(ask.data); /* it may ask for more */
        }
    }
}

/* -- a copy -- */

struct copy {
    struct loop *loop;
    int place;
    struct pair pair;
    int64_t total, result;
    ssize_t size, at;
    char buffer[BUFFER_SIZE];
};

static void read_some(void *data);

static void end(struct copy *self, int64_t result)
{
    close(self->pair.from);
    close(self->pair.to);
    self->result = result;
}

static void write_some(void *data)
{
    struct copy *self = data;
    ssize_t count = write(self->pair.to, self->buffer + self->at, (size_t)(self->size - self->at));
    if (count < 0) {
        end(self, -errno);
        return;
    }
    self->at += count;
    self->total += count;
    if (self->at < self->size)
        when_ready(self->loop, self->place, self->pair.to, POLLOUT, write_some, self);
    else
        when_ready(self->loop, self->place, self->pair.from, POLLIN, read_some, self);
}

static void read_some(void *data)
{
    struct copy *self = data;
    self->size = read(self->pair.from, self->buffer, BUFFER_SIZE);
    if (self->size <= 0) {
        end(self, self->size < 0 ? -errno : self->total);
        return;
    }
    self->at = 0;
    when_ready(self->loop, self->place, self->pair.to, POLLOUT, write_some, self);
}

int main(int argc, char **argv)
{
    int count = count_pairs(argc, &argv), failed = 0;
    struct copy *copies = must_allocate((size_t)count, sizeof *copies);
    struct loop loop = {.fds = must_allocate((size_t)count, sizeof *loop.fds),
                        .asks = must_allocate((size_t)count, sizeof *loop.asks),
                        .count = count};
    for (int i = 0; next_pair(&copies[i].pair, &argv); i++) {
        copies[i].loop = &loop;
        copies[i].place = i;
        when_ready(&loop, i, copies[i].pair.from, POLLIN, read_some, &copies[i]);
    }
    run(&loop);
    for (int i = 0; i < count; i++)
        failed |= tell(&copies[i].pair, copies[i].result);
    free(loop.asks);
    free(loop.fds);
    free(copies);
    return failed;
}
