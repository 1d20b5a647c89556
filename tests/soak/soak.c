/* SPDX-License-Identifier: MIT
 *
 * Whether the runtime can go on for ever: a billion switches and ten million cancellations on one
 * executor, in rounds that each do a bit of everything, with the memory and descriptors in use the
 * same after the last round as after the first ones. By hand, through `make soak`; a minute or two.
 *
 *     soak [--reactor epoll|uring] [--switches N] [--cancellations N]
 */
#include "rt/rt.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 200, WARM_ROUNDS = 20, RING = 100, WAITERS = 1000, GROUP = 100 };

struct totals {
    uint64_t switches, cancellations, messages, sleeps, jobs;
};

/* -- switches: a value round a ring of channels, and yields -- */

struct relay {
    RT_FRAME;
    struct rt_chan *in, *out;
    int64_t value;
};

static rt_poll relay(void *frame, struct rt_cx *cx)
{
    struct relay *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_TRY(rt_chan_recv, self->in, &self->value);
        RT_AWAIT(rt_yield);
        RT_TRY(rt_chan_send, self->out, self->value + 1);
    }
    RT_END(0);
}

struct ring {
    RT_FRAME;
    struct rt_group relays;
    struct rt_chan *chans[RING];
    uint64_t laps, lap;
    int64_t value;
};

static rt_poll ring(void *frame, struct rt_cx *cx)
{
    struct ring *self = frame;
    RT_BEGIN(self, cx);
    rt_group_init(&self->relays, cx->executor, 0);
    for (int i = 0; i < RING; i++)
        MUST((self->chans[i] = rt_chan_new(1)));
    for (int i = 1; i < RING; i++)
        MUST(RT_SPAWN_INTO(&self->relays, relay,
                           {.in = self->chans[i - 1], .out = self->chans[i]}) == 0);
    for (self->lap = 0; self->lap < self->laps; self->lap++) {
        RT_TRY(rt_chan_send, self->chans[0], 0);
        RT_TRY(rt_chan_recv, self->chans[RING - 1], &self->value);
        MUST(self->value == RING - 1);
    }
    RT_END_FINALLY(0, {
        rt_group_abort(&self->relays);
        for (int i = 0; i < RING; i++)
            rt_chan_free(self->chans[i]);
    });
}

/* -- cancellations: tasks that wait for one thing or another are aborted, some of them twice -- */

struct waiter {
    RT_FRAME;
    struct rt_chan *chan;
    struct rt_event *event;
    struct rt_timer timer;
    uint64_t deadline_ns;
    int64_t message;
    unsigned kind;
};

static rt_poll waiter(void *frame, struct rt_cx *cx)
{
    struct waiter *self = frame;
    RT_BEGIN(self, cx);
    self->deadline_ns = rt_now_ns(cx->executor) + TC_NS_PER_S;
    if (self->kind == 0)
        RT_AWAIT(rt_chan_recv, self->chan, &self->message);
    else if (self->kind == 1)
        RT_AWAIT(rt_event_wait, self->event);
    else if (self->kind == 2)
        RT_AWAIT(rt_sleep_until, &self->timer, self->deadline_ns);
    RT_END(0);
}

struct canceller {
    RT_FRAME;
    struct rt_handle handles[WAITERS];
    struct rt_chan *chan;
    struct rt_event event;
    uint64_t rounds, round;
    int64_t result;
    int i;
};

static rt_poll canceller(void *frame, struct rt_cx *cx)
{
    struct canceller *self = frame;
    RT_BEGIN(self, cx);
    MUST((self->chan = rt_chan_new(1)));
    rt_event_init(&self->event);
    for (self->round = 0; self->round < self->rounds; self->round++) {
        for (int i = 0; i < WAITERS; i++)
            MUST(RT_SPAWN(cx->executor, waiter, &self->handles[i],
                          {.chan = self->chan, .event = &self->event, .kind = (unsigned)i % 3}) ==
                 0);
        if (self->round % 2 == 0)
            RT_AWAIT(rt_yield); /* otherwise they are cancelled before their first poll */
        for (int i = 0; i < WAITERS; i++)
            MUST(rt_abort(self->handles[i]) && !rt_abort(self->handles[i]));
        for (self->i = 0; self->i < WAITERS; self->i++) {
            RT_AWAIT_INTO(self->result, rt_join, self->handles[self->i]);
            MUST(self->result == -ECANCELED);
        }
    }
    RT_END_FINALLY(0, { rt_chan_free(self->chan); });
}

/* -- a little of the rest: bytes, sleeps, jobs for the pool -- */

struct talker {
    RT_FRAME;
    struct rt_io *io;
    int64_t count;
    int left;
    char byte;
    bool first;
};

static rt_poll talker(void *frame, struct rt_cx *cx)
{
    struct talker *self = frame;
    RT_BEGIN(self, cx);
    for (; self->left > 0; self->left--) {
        if (self->first)
            RT_TRY(rt_write, self->io, &self->byte, 1);
        RT_TRY_INTO(self->count, rt_read, self->io, &self->byte, 1);
        MUST(self->count == 1);
        if (!self->first)
            RT_TRY(rt_write, self->io, &self->byte, 1);
    }
    RT_END_FINALLY(0, { rt_io_close(self->io); });
}

static int64_t add_one(void *data)
{
    return ++*(int64_t *)data;
}

struct errands {
    RT_FRAME;
    struct rt_group talkers;
    struct rt_timer timer;
    uint64_t deadline_ns;
    int64_t value, result;
    int i;
};

static void start_talkers(struct errands *self, struct rt_cx *cx)
{
    int fds[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    for (int i = 0; i < 2; i++) {
        struct rt_io *io;
        MUST(rt_io_open(cx->executor, fds[i], &io) == 0);
        MUST(RT_SPAWN_INTO(&self->talkers, talker, {.io = io, .left = 100, .first = i == 0}) == 0);
    }
}

static rt_poll errands(void *frame, struct rt_cx *cx)
{
    struct errands *self = frame;
    RT_BEGIN(self, cx);
    rt_group_init(&self->talkers, cx->executor, 0);
    for (int i = 0; i < GROUP; i++)
        start_talkers(self, cx);
    self->deadline_ns = rt_now_ns(cx->executor) + TC_NS_PER_MS;
    RT_AWAIT(rt_sleep_until, &self->timer, self->deadline_ns);
    for (self->i = 0; self->i < 20; self->i++) {
        RT_AWAIT_INTO(self->result, rt_blocking, add_one, &self->value, sizeof self->value);
        MUST(self->result == self->i + 1);
    }
    RT_AWAIT_INTO(self->result, rt_group_wait, &self->talkers);
    MUST(self->result == 0);
    RT_END_FINALLY(0, { rt_group_abort(&self->talkers); });
}

/* -- what must not grow -- */

struct usage {
    long resident_pages;
    int descriptors;
};

static struct usage usage_now(void)
{
    struct usage usage = {0};
    long size;
    FILE *statm = fopen("/proc/self/statm", "r");
    MUST(statm && fscanf(statm, "%ld %ld", &size, &usage.resident_pages) == 2);
    fclose(statm);
    DIR *fds = opendir("/proc/self/fd");
    MUST(fds);
    while (readdir(fds))
        usage.descriptors++;
    closedir(fds);
    return usage;
}

static void run_round(struct rt_executor *executor, uint64_t laps, uint64_t cancel_rounds)
{
    struct rt_handle handle;
    MUST(RT_SPAWN(executor, ring, &handle, {.laps = laps}) == 0);
    MUST(rt_block_on(executor, handle) == 0);
    MUST(RT_SPAWN(executor, canceller, &handle, {.rounds = cancel_rounds}) == 0);
    MUST(rt_block_on(executor, handle) == 0);
    MUST(RT_SPAWN(executor, errands, &handle, {.value = 0}) == 0);
    MUST(rt_block_on(executor, handle) == 0);
    MUST(executor->live == 0);
}

static int soak(struct rt_executor *executor, uint64_t switches, uint64_t cancellations)
{
    /* A lap is RING hops of two switches each: the yield, and the message. */
    uint64_t laps = switches / ROUNDS / (2 * RING), rounds = cancellations / ROUNDS / WAITERS;
    struct usage warm = {0}, now = {0};
    for (int round = 0; round < ROUNDS; round++) {
        run_round(executor, laps + 1, rounds + 1);
        now = usage_now();
        if (round == WARM_ROUNDS)
            warm = now;
        if (round % 20 == 19)
            (void)fprintf(stderr,
                          "round %d of %d: %ld pages resident, %d descriptors, %llu polls\n",
                          round + 1, ROUNDS, now.resident_pages, now.descriptors,
                          (unsigned long long)executor->polls);
    }
    bool grew = now.resident_pages > warm.resident_pages + warm.resident_pages / 100 + 16 ||
                now.descriptors != warm.descriptors;
    printf("%llu switches, %llu cancellations, %llu polls: memory and descriptors %s\n",
           (unsigned long long)(laps + 1) * ROUNDS * 2 * RING,
           (unsigned long long)(rounds + 1) * ROUNDS * WAITERS, (unsigned long long)executor->polls,
           grew ? "GREW" : "did not grow");
    return grew;
}

static uint64_t number(const char *option, const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (*end || value == 0) {
        (void)fprintf(stderr, "soak: %s takes a number, not '%s'\n", option, text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    uint64_t switches = UINT64_C(1000000000), cancellations = 10000000;
    struct tc_error error = {""};
    struct rt_config config = {.error = &error};
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--switches") == 0)
            switches = number(argv[i], value);
        else if (strcmp(argv[i], "--cancellations") == 0)
            cancellations = number(argv[i], value);
        else if (strcmp(argv[i], "--reactor") == 0 &&
                 (strcmp(value, "epoll") == 0 || strcmp(value, "uring") == 0))
            config.reactor = *value == 'u' ? RT_REACTOR_URING : RT_REACTOR_EPOLL;
        else {
            (void)fprintf(stderr, "usage: soak [--reactor epoll|uring] [--switches N] "
                                  "[--cancellations N]\n");
            return 2;
        }
    }
    struct rt_executor *executor = rt_executor_new(&config);
    if (!executor) {
        (void)fprintf(stderr, "soak: no executor: %s\n",
                      error.text[0] ? error.text : strerror(errno));
        return 2;
    }
    int grew = soak(executor, switches, cancellations);
    rt_executor_free(executor);
    return grew;
}
