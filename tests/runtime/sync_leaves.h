/* SPDX-License-Identifier: MIT
 *
 * Everything of the sync set that a task can wait for, one row each, and a world in which each of
 * them has to wait. What is in the table is tested for what all operations promise, by hand in
 * test_sync_leaves.c and as tasks in test_teardown.c, whose table (operations.h) takes them over.
 */
#ifndef SYNC_LEAVES_H
#define SYNC_LEAVES_H

#include "counting.h"

struct sync_world {
    struct rt_mutex mutex, barging;
    struct rt_rwlock read, write;
    struct rt_semaphore semaphore;
    struct rt_notify notify;
    struct rt_barrier barrier;
    struct rt_oneshot oneshot;
    struct rt_chan *crowded;
    struct rt_broadcast *broadcast;
    struct rt_watch watch;
};

/* What a waiting task needs of its own. */
struct sync_waiting {
    struct rt_broadcast_receiver listener;
    struct rt_watch_receiver observer;
    int64_t word;
};

/* ROW(name, how many may wait at once, what makes the next of them ready, operation, arguments...).
 * In the arguments SYNC stands for the world and OWN for what is the task's own; what makes ready
 * finds `world` and `cx`, and whoever was made ready before still holds what it got. */
#define SYNC_LEAVES(ROW)                                                                        \
    ROW(mutex_lock, 3, rt_mutex_unlock(&world->mutex), rt_mutex_lock, &SYNC->mutex)             \
    ROW(mutex_lock_barging, 3, rt_mutex_unlock(&world->barging), rt_mutex_lock, &SYNC->barging) \
    ROW(rwlock_read, 3, let_readers_in(world), rt_rwlock_read, &SYNC->read)                     \
    ROW(rwlock_write, 3, rt_rwlock_write_unlock(&world->write), rt_rwlock_write, &SYNC->write)  \
    ROW(semaphore_acquire, 3, rt_semaphore_release(&world->semaphore, 2), rt_semaphore_acquire, \
        &SYNC->semaphore, 2)                                                                    \
    ROW(notify_wait, 3, rt_notify_one(&world->notify), rt_notify_wait, &SYNC->notify)           \
    ROW(barrier_wait, 3, arrive_last(world, cx), rt_barrier_wait, &SYNC->barrier)               \
    ROW(oneshot_recv, 1, rt_oneshot_send(&world->oneshot, 1), rt_oneshot_recv, &SYNC->oneshot,  \
        &OWN->word)                                                                             \
    ROW(chan_reserve, 3, give_a_place(world), rt_chan_reserve, SYNC->crowded)                   \
    ROW(broadcast_recv, 3, rt_broadcast_send(world->broadcast, 1), rt_broadcast_recv,           \
        listener_of(SYNC, OWN), &OWN->word)                                                     \
    ROW(watch_changed, 3, rt_watch_send(&world->watch, 1), rt_watch_changed,                    \
        observer_of(SYNC, OWN), &OWN->word)

static inline struct rt_broadcast_receiver *listener_of(struct sync_world *world,
                                                        struct sync_waiting *own)
{
    if (!own->listener.broadcast)
        rt_broadcast_subscribe(world->broadcast, &own->listener);
    return &own->listener;
}

static inline struct rt_watch_receiver *observer_of(struct sync_world *world,
                                                    struct sync_waiting *own)
{
    if (!own->observer.watch)
        rt_watch_subscribe(&world->watch, &own->observer);
    return &own->observer;
}

static inline void let_readers_in(struct sync_world *world)
{
    if (world->read.shares.permits == 0)
        rt_rwlock_write_unlock(&world->read);
}

/* Where the others already wait. */
static inline void arrive_last(struct sync_world *world, struct rt_cx *cx)
{
    struct rt_wait wait;
    rt_wait_init(&wait);
    if (world->barrier.missing == 1)
        assert_int_equal(rt_barrier_wait_poll(&wait, cx, &world->barrier), 1);
}

/* The place of the message that is there, or the one reserved last. */
static inline void give_a_place(struct sync_world *world)
{
    int64_t message;
    if (rt_chan_try_recv(world->crowded, &message) != 0)
        rt_chan_unreserve(world->crowded);
}

/* -- the world -- */

static inline void build_sync(struct sync_world *world)
{
    rt_mutex_init(&world->mutex);
    rt_mutex_init_barging(&world->barging);
    rt_rwlock_init(&world->read);
    rt_rwlock_init(&world->write);
    rt_semaphore_init(&world->semaphore, 0);
    rt_notify_init(&world->notify);
    rt_barrier_init(&world->barrier, 4);
    rt_oneshot_init(&world->oneshot);
    rt_watch_init(&world->watch, 0);
    world->crowded = rt_chan_new(1);
    world->broadcast = rt_broadcast_new(4);
    assert_true(rt_mutex_try_lock(&world->mutex) && rt_mutex_try_lock(&world->barging));
    assert_true(rt_rwlock_try_write(&world->read) && rt_rwlock_try_write(&world->write));
    assert_int_equal(rt_chan_try_send(world->crowded, 7), 0);
}

/* Nobody is linked any more, and nobody who was dropped is still counted. */
static inline void end_sync(struct sync_world *world)
{
    assert_null(world->mutex.waiters.first);
    assert_null(world->barging.waiters.first);
    assert_null(world->read.shares.waiters.first);
    assert_null(world->write.shares.waiters.first);
    assert_null(world->semaphore.waiters.first);
    assert_null(world->notify.waiters.first);
    assert_null(world->barrier.waiters.first);
    assert_null(world->watch.waiters.first);
    assert_int_equal(world->barrier.missing, world->barrier.parties);
    assert_true(!world->oneshot.state || !rt__oneshot_is_empty(&world->oneshot));
    rt_chan_free(world->crowded);
    rt_broadcast_free(world->broadcast);
}

#endif
