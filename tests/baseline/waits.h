/* SPDX-License-Identifier: MIT
 *
 * Every kind of wait of the baseline, one row each, in a world where none of what they wait for is
 * there: the wait, and the act that brings what it waits for.
 */
#ifndef WAITS_H
#define WAITS_H

#include "threads.h"

#include <netinet/in.h>

/* Everything there is to wait for, none of it there. */
struct world {
    struct tb_chan *empty, *full;
    struct tb_event event;
    struct tb_event_one event_one;
    struct tb_latch latch;
    struct tb_semaphore semaphore;
    struct tb_notify notify;
    struct tb_oneshot oneshot;
    struct tb_broadcast *broadcast;
    struct tb_broadcast_receiver receiver;
    struct tb_watch watch;
    struct tb_watch_receiver observer;
    struct tb_group group;
    struct tb_event members_end;
    struct tb_handle other; /* a thread that runs until `other_ends` */
    bool joined;
    struct tb_event other_ends;
    struct tb_io ends[2], filled[2], pipe[2], listener, client;
};

static int64_t wait_for_event(void *frame)
{
    return tb_event_wait(*(struct tb_event **)frame);
}

static int64_t wait_for_own_event(void *frame)
{
    return tb_event_wait(frame);
}

static void open_streams(struct world *world)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char bytes[4096] = {0};
    int pair[2], more[2], ends[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0 &&
         socketpair(AF_UNIX, SOCK_STREAM, 0, more) == 0);
    while (send(more[0], bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
    for (int i = 0; i < 2; i++) {
        MUST(tb_io_open(pair[i], &world->ends[i]) == 0);
        MUST(tb_io_open(more[i], &world->filled[i]) == 0);
        MUST(tb_io_open(ends[i], &world->pipe[i]) == 0);
    }
    MUST(tb_listen((struct sockaddr *)&any, sizeof any, 1, &world->listener) == 0);
}

static void build(struct world *world)
{
    world->empty = tb_chan_new(1);
    world->full = tb_chan_new(1);
    tb_chan_send(world->full, 5);
    tb_event_init(&world->event);
    tb_event_one_init(&world->event_one);
    tb_latch_init(&world->latch, 1);
    tb_semaphore_init(&world->semaphore, 1);
    tb_notify_init(&world->notify);
    tb_oneshot_init(&world->oneshot);
    world->broadcast = tb_broadcast_new(4);
    tb_broadcast_subscribe(world->broadcast, &world->receiver);
    tb_watch_init(&world->watch, 1);
    tb_watch_subscribe(&world->watch, &world->observer);
    tb_event_init(&world->members_end);
    struct tb_event *end = &world->members_end;
    tb_group_init(&world->group, &spawner, 1);
    MUST(tb_group_spawn(&world->group, wait_for_event, &end, sizeof end) == 0);
    tb_event_init(&world->other_ends);
    world->other = start(wait_for_own_event, &world->other_ends);
    open_streams(world);
}

static void take_down(struct world *world)
{
    tb_event_set(&world->members_end);
    tb_event_set(&world->other_ends);
    MUST(tb_group_wait(&world->group) == 0);
    MUST(world->joined || tb_join(world->other) == 0);
    tb_group_destroy(&world->group);
    tb_chan_free(world->empty);
    tb_chan_free(world->full);
    tb_broadcast_free(world->broadcast);
    tb_event_destroy(&world->event);
    tb_event_one_destroy(&world->event_one);
    tb_latch_destroy(&world->latch);
    tb_semaphore_destroy(&world->semaphore);
    tb_notify_destroy(&world->notify);
    tb_oneshot_destroy(&world->oneshot);
    tb_watch_destroy(&world->watch);
    for (int i = 0; i < 2; i++) {
        tb_io_close(&world->ends[i]);
        tb_io_close(&world->filled[i]);
        tb_io_close(&world->pipe[i]);
    }
    tb_io_close(&world->listener);
    if (world->client.fd)
        tb_io_close(&world->client);
}

/* -- one row each kind of wait: waiting, and bringing what it waits for -- */

static int64_t word; /* what was received; of no interest */

static int64_t recv_(struct world *world)
{
    return tb_chan_recv(world->empty, &word);
}
static void bring_message(struct world *world)
{
    tb_chan_send(world->empty, 1);
}

static int64_t send_(struct world *world)
{
    return tb_chan_send(world->full, 2);
}
static int64_t reserve(struct world *world)
{
    return tb_chan_reserve(world->full);
}
static void bring_place(struct world *world)
{
    tb_chan_recv(world->full, &word);
}

static int64_t select_(struct world *world)
{
    struct tb_chan *third = tb_chan_new(1), *channels[] = {third, world->empty};
    int64_t index = tb_select_recv(channels, 2, &word);
    tb_chan_free(third);
    return index == 1 ? 0 : index;
}

static int64_t event(struct world *world)
{
    return tb_event_wait(&world->event);
}
static void bring_event(struct world *world)
{
    tb_event_set(&world->event);
}

static int64_t event_one(struct world *world)
{
    return tb_event_one_wait(&world->event_one);
}
static void bring_event_one(struct world *world)
{
    tb_event_one_set(&world->event_one);
}

static int64_t latch(struct world *world)
{
    return tb_latch_wait(&world->latch);
}
static void bring_latch(struct world *world)
{
    tb_latch_arrive(&world->latch);
}

static int64_t semaphore(struct world *world)
{
    return tb_semaphore_acquire(&world->semaphore, 2);
}
static void bring_permit(struct world *world)
{
    tb_semaphore_release(&world->semaphore, 1);
}

static int64_t notify(struct world *world)
{
    return tb_notify_wait(&world->notify);
}
static void bring_notification(struct world *world)
{
    tb_notify_one(&world->notify);
}

static int64_t oneshot(struct world *world)
{
    return tb_oneshot_recv(&world->oneshot, &word);
}
static void bring_word(struct world *world)
{
    tb_oneshot_send(&world->oneshot, 1);
}

static int64_t broadcast(struct world *world)
{
    return tb_broadcast_recv(&world->receiver, &word);
}
static void bring_broadcast(struct world *world)
{
    tb_broadcast_send(world->broadcast, 1);
}

static int64_t watch(struct world *world)
{
    return tb_watch_changed(&world->observer, &word);
}
static void bring_change(struct world *world)
{
    tb_watch_send(&world->watch, 2);
}

static int64_t group_wait(struct world *world)
{
    return tb_group_wait(&world->group);
}
static int64_t group_room(struct world *world)
{
    return tb_group_room(&world->group);
}
static void bring_members_end(struct world *world)
{
    tb_event_set(&world->members_end);
}

static int64_t join(struct world *world)
{
    int64_t err = tb_join(world->other);
    world->joined = err == 0;
    return err;
}
static void bring_end(struct world *world)
{
    tb_event_set(&world->other_ends);
}

static int64_t read_socket(struct world *world)
{
    char byte;
    int64_t count = tb_read(&world->ends[0], &byte, 1);
    return count > 0 ? 0 : count;
}
static void bring_byte(struct world *world)
{
    MUST(tb_write(&world->ends[1], "x", 1) == 1);
}

static int64_t read_pipe(struct world *world)
{
    char bytes[3];
    int64_t count = tb_read_exact(&world->pipe[0], bytes, 3);
    return count == 3 ? 0 : count;
}
static void bring_bytes(struct world *world)
{
    MUST(tb_write_all(&world->pipe[1], "xyz", 3) == 3);
}

static int64_t write_socket(struct world *world)
{
    int64_t count = tb_write(&world->filled[0], "x", 1);
    return count > 0 ? 0 : count;
}
static void drain(struct world *world)
{
    char bytes[65536];
    while (recv(world->filled[1].fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
}

static int64_t accept_(struct world *world)
{
    struct tb_io accepted;
    int64_t err = tb_accept(&world->listener, &accepted);
    if (!err)
        tb_io_close(&accepted);
    return err;
}
static void bring_connection(struct world *world)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    MUST(getsockname(world->listener.fd, (struct sockaddr *)&address, &length) == 0);
    MUST(tb_connect((struct sockaddr *)&address, length, &world->client) == 0);
}

static const struct row {
    const char *name;
    int64_t (*wait)(struct world *world);
    void (*bring)(struct world *world);
} rows[] = {
    {"recv", recv_, bring_message},
    {"send", send_, bring_place},
    {"reserve", reserve, bring_place},
    {"select", select_, bring_message},
    {"event", event, bring_event},
    {"event_one", event_one, bring_event_one},
    {"latch", latch, bring_latch},
    {"semaphore", semaphore, bring_permit},
    {"notify", notify, bring_notification},
    {"oneshot", oneshot, bring_word},
    {"broadcast", broadcast, bring_broadcast},
    {"watch", watch, bring_change},
    {"group_wait", group_wait, bring_members_end},
    {"group_room", group_room, bring_members_end},
    {"join", join, bring_end},
    {"read socket", read_socket, bring_byte},
    {"read pipe", read_pipe, bring_bytes},
    {"write socket", write_socket, drain},
    {"accept", accept_, bring_connection},
};

#endif
