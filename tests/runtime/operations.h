/* SPDX-License-Identifier: MIT
 *
 * Every operation that a task can wait for, in one table, and a world with something to wait for in
 * each of them: a test of what all operations promise loops over the table.
 */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "composed_leaves.h"
#include "counting.h"
#include "sync_leaves.h"

#include "reactor.h"
#include "wheel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define FAR_DEADLINE_NS (tc_now_ns() + 3600 * TC_NS_PER_S)

/* Everything there is to wait for. */
struct world {
    struct rt_executor *executor;
    struct rt_cx outside; /* for operations that the test itself makes */
    struct probe bystander, target;
    struct rt_handle target_handle;
    struct rt_chan *empty, *full;
    struct rt_event event;
    struct rt_event_one one;
    struct rt_latch latch;
    struct sync_world sync;
    uint64_t deadline_ns;
    struct rt_io *reading, *writing, *listening;
    int reading_peer, writing_peer, caller;
    struct sockaddr_in address;
};

struct operation;

struct inner {
    RT_FRAME;
    struct rt_chan *chan;
    int64_t message;
};

/* A task that waits for one operation and counts. It looks at `give_up` at every poll, so it must
 * be polled for every wake: its waiter does not come first (rt/call.h). */
struct waiting {
    struct world *world;
    RT_FRAME;
    const struct operation *operation;
    struct probe *probe;
    bool *give_up;
    struct rt_timer timer;
    RT_CALLEE(inner) inner;
    struct rt_io *io;
    struct sync_waiting sync;
    struct composed composed;
    struct rt_interval interval;
    int64_t message;
    char byte;
};

struct operation {
    const char *name;
    rt_poll (*poll)(struct waiting *self, struct rt_wait *wait, struct rt_cx *cx);
    void (*drop)(struct waiting *self, struct rt_wait *wait);
    void (*wake)(struct world *world); /* makes it ready without polling who waits */
    int waiters;                       /* how many may wait at once */
};

/* -- the operations -- */

#define OPERATION(name, operation, ...)                                                      \
    static rt_poll name##_poll(struct waiting *self, struct rt_wait *wait, struct rt_cx *cx) \
    {                                                                                        \
        (void)self;                                                                          \
        return operation##_poll(wait, cx, ##__VA_ARGS__);                                    \
    }                                                                                        \
    static void name##_drop(struct waiting *self, struct rt_wait *wait)                      \
    {                                                                                        \
        (void)self;                                                                          \
        operation##_drop(wait, ##__VA_ARGS__);                                               \
    }

static struct rt_interval *interval_of(struct waiting *self)
{
    if (self->interval.period_ns == 0)
        rt_interval_init(&self->interval, self->world->deadline_ns, TC_NS_PER_S, RT_MISSED_SKIP);
    return &self->interval;
}

static rt_poll inner(void *frame, struct rt_cx *cx)
{
    struct inner *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_chan_recv, self->chan, &self->message);
    RT_END(0);
}

OPERATION(recv, rt_chan_recv, self->world->empty, &self->message)
OPERATION(send, rt_chan_send, self->world->full, 8)
OPERATION(call, rt_call, &self->inner.call, inner)
OPERATION(event, rt_event_wait, &self->world->event)
OPERATION(event_one, rt_event_one_wait, &self->world->one)
OPERATION(latch, rt_latch_wait, &self->world->latch)
OPERATION(sleep, rt_sleep_until, &self->timer, self->world->deadline_ns)
OPERATION(sleep_for, rt_sleep, &self->timer, 1800 * TC_NS_PER_S)
OPERATION(interval, rt_interval_tick, interval_of(self))
OPERATION(join, rt_join, self->world->target_handle)
OPERATION(yield, rt_yield)
OPERATION(read, rt_read, self->world->reading, &self->byte, 1)
OPERATION(write, rt_write, self->world->writing, &self->byte, 1)
OPERATION(accept, rt_accept, self->world->listening, &self->io)
OPERATION(connect, rt_connect, (struct sockaddr *)&self->world->address,
          sizeof self->world->address, &self->io)

/* -- what makes them ready -- */

static void wake_receiver(struct world *world)
{
    struct rt_wait wait;
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &world->outside, world->empty, 1), 0);
}

static void wake_sender(struct world *world)
{
    struct rt_wait wait;
    int64_t message;
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_recv_poll(&wait, &world->outside, world->full, &message), 0);
}

static void wake_event(struct world *world)
{
    rt_event_set(&world->event);
}

static void wake_event_one(struct world *world)
{
    rt_event_one_set(&world->one);
}

static void wake_latch(struct world *world)
{
    if (world->latch.missing)
        rt_latch_arrive(&world->latch);
}

static void wake_sleeper(struct world *world)
{
    rt__wheel_advance(world->executor->wheel, world->deadline_ns + TC_NS_PER_MS);
}

static void wake_joiner(struct world *world)
{
    rt_waker_wake(world->target.waker);
    run_one_lap(world->executor);
}

static void wake_nobody(struct world *world)
{
    (void)world;
}

static void look_at_descriptors(struct world *world)
{
    if (rt__reactor_parked(world->executor->reactor))
        rt__reactor_wait(world->executor->reactor, FAR_DEADLINE_NS);
}

static void wake_reader(struct world *world)
{
    assert_int_equal(write(world->reading_peer, "x", 1), 1);
    look_at_descriptors(world);
}

static void wake_writer(struct world *world)
{
    static char sink[65536];
    while (recv(world->writing_peer, sink, sizeof sink, MSG_DONTWAIT) > 0) {
    }
    look_at_descriptors(world);
}

static void wake_acceptor(struct world *world)
{
    world->caller = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(
        connect(world->caller, (struct sockaddr *)&world->address, sizeof world->address), 0);
    look_at_descriptors(world);
}

#define COMPOSED_OPERATION(name, ...) \
    OPERATION(name, composed_##name, &self->composed, self->world->empty)
#define COMPOSED_ROW(name, ...) {#name, name##_poll, name##_drop, wake_receiver, 3},
COMPOSED_LEAVES(COMPOSED_OPERATION)

#define SYNC (&self->world->sync)
#define OWN  (&self->sync)
#define SYNC_OPERATION(name, waiters, wakes, operation, ...)        \
    OPERATION(name, operation, __VA_ARGS__)                         \
    static void name##_wake(struct world *whole)                    \
    {                                                               \
        struct sync_world *world = &whole->sync;                    \
        __attribute__((unused)) struct rt_cx *cx = &whole->outside; \
        wakes;                                                      \
    }
#define SYNC_ROW(name, waiters, ...) {#name, name##_poll, name##_drop, name##_wake, waiters},
SYNC_LEAVES(SYNC_OPERATION)

static const struct operation operations[] = {
    SYNC_LEAVES(SYNC_ROW)
        COMPOSED_LEAVES(COMPOSED_ROW){"chan_recv", recv_poll, recv_drop, wake_receiver, 3},
    {"chan_send", send_poll, send_drop, wake_sender, 3},
    {"call", call_poll, call_drop, wake_receiver, 3},
    {"event_wait", event_poll, event_drop, wake_event, 3},
    {"event_one_wait", event_one_poll, event_one_drop, wake_event_one, 1},
    {"latch_wait", latch_poll, latch_drop, wake_latch, 3},
    {"sleep_until", sleep_poll, sleep_drop, wake_sleeper, 3},
    {"sleep", sleep_for_poll, sleep_for_drop, wake_sleeper, 3},
    {"interval_tick", interval_poll, interval_drop, wake_sleeper, 3},
    {"join", join_poll, join_drop, wake_joiner, 1},
    {"yield", yield_poll, yield_drop, wake_nobody, 3},
    {"read", read_poll, read_drop, wake_reader, 1},
    {"write", write_poll, write_drop, wake_writer, 1},
    {"accept", accept_poll, accept_drop, wake_acceptor, 1},
    {"connect", connect_poll, connect_drop, look_at_descriptors, 1},
};

/* -- the world -- */

static void open_sockets(struct world *world)
{
    int pair[2];
    static char filling[65536];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(rt_io_open(world->executor, pair[0], &world->reading), 0);
    world->reading_peer = pair[1];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(rt_io_open(world->executor, pair[0], &world->writing), 0);
    world->writing_peer = pair[1];
    while (send(pair[0], filling, sizeof filling, MSG_DONTWAIT) > 0) {
    }
    world->caller = -1;
    socklen_t length = sizeof world->address;
    world->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(rt_listen(world->executor, (struct sockaddr *)&world->address, length, 5,
                               &world->listening),
                     0);
    assert_int_equal(
        getsockname(rt_io_fd(world->listening), (struct sockaddr *)&world->address, &length), 0);
}

static void build_world(struct world *world)
{
    struct rt_wait wait;
    *world = (struct world){.executor = new_executor(), .target = {.finish_at = 2}};
    world->outside = (struct rt_cx){.executor = world->executor};
    world->outside.task = spawn_probe(world->executor, &world->bystander).task;
    world->target_handle = spawn_probe(world->executor, &world->target);
    world->empty = rt_chan_new(1);
    world->full = rt_chan_new(1);
    rt_event_init(&world->event);
    rt_event_one_init(&world->one);
    rt_latch_init(&world->latch, 1);
    build_sync(&world->sync);
    world->deadline_ns = FAR_DEADLINE_NS;
    open_sockets(world);
    rt_run_ready(world->executor);
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &world->outside, world->full, 7), 0);
}

/* What is freed here says itself (MUST) when somebody is still linked. */
static void end_world(struct world *world)
{
    rt_executor_free(world->executor);
    rt_chan_free(world->empty);
    rt_chan_free(world->full);
    assert_null(world->event.waiters.first);
    assert_null(world->latch.open.waiters.first);
    end_sync(&world->sync);
    assert_true(!world->one.state || world->one.state == RT_EVENT_ONE_SET);
    close(world->reading_peer);
    close(world->writing_peer);
    if (world->caller >= 0)
        close(world->caller);
    assert_counts(world->bystander, 1, 1);
    assert_int_equal(world->target.drops, world->target.polls < 2);
}

#endif
