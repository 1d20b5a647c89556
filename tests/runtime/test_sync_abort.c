/* SPDX-License-Identifier: MIT
 *
 * A task that uses everything of the sync set, aborted at every await in turn, pending or woken:
 * its clean-ups give back what it holds, the operation it waits for hands on what it was granted,
 * and those that it worked with find nothing missing.
 */
#include "test_main.h"

#include "counting.h"

enum { PERMITS = 3, PLACES = 2, AWAITS = 11 };

struct world {
    struct rt_mutex mutex;
    struct rt_semaphore semaphore;
    struct rt_rwlock lock;
    struct rt_notify notify;
    struct rt_barrier barrier;
    struct rt_oneshot question;
    struct rt_chan *chan;
    struct rt_broadcast *broadcast;
    struct rt_watch watch;
    int64_t sent, received;
    int clean_ups;
};

/* Whatever a task holds; given back at its end, whichever that is. */
struct held {
    bool mutex, share, place;
    uint32_t permits;
};

static void give_back(struct world *world, struct held *held)
{
    if (held->mutex)
        rt_mutex_unlock(&world->mutex);
    if (held->share)
        rt_rwlock_read_unlock(&world->lock);
    if (held->place)
        rt_chan_unreserve(world->chan);
    rt_semaphore_release(&world->semaphore, held->permits);
    *held = (struct held){false};
}

struct visitor {
    RT_FRAME;
    struct world *world;
    struct held held;
    struct rt_broadcast_receiver listener;
    struct rt_watch_receiver observer;
    int64_t word;
};

static rt_poll visitor(void *frame, struct rt_cx *cx)
{
    struct visitor *self = frame;
    struct world *world = self->world;
    struct held *held = &self->held;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_mutex_lock, &world->mutex);
    held->mutex = true;
    RT_AWAIT(rt_semaphore_acquire, &world->semaphore, 2);
    held->permits = 2;
    RT_AWAIT(rt_rwlock_read, &world->lock);
    held->share = true;
    RT_AWAIT(rt_chan_reserve, world->chan);
    held->place = true;
    RT_AWAIT(rt_yield); /* holding one of each */
    held->place = false;
    rt_chan_commit(world->chan, 1);
    world->sent++;
    give_back(world, held);
    rt_broadcast_subscribe(world->broadcast, &self->listener);
    rt_watch_subscribe(&world->watch, &self->observer);
    RT_AWAIT(rt_notify_wait, &world->notify);
    RT_AWAIT(rt_broadcast_recv, &self->listener, &self->word);
    RT_AWAIT(rt_watch_changed, &self->observer, &self->word);
    RT_AWAIT(rt_oneshot_recv, &world->question, &self->word);
    RT_AWAIT(rt_barrier_wait, &world->barrier);
    RT_AWAIT(rt_chan_recv, world->chan, &self->word);
    world->received++;
    RT_END_FINALLY(0, {
        give_back(world, held);
        world->clean_ups++;
    });
}

struct resident {
    RT_FRAME;
    struct world *world;
    int laps;
};

/* Receives what nobody wants. */
static void drain(struct world *world)
{
    int64_t word;
    while (rt_chan_try_recv(world->chan, &word) == 0)
        world->received++;
}

/* Holds everything, for a while each time, so that the visitor has to wait for it, and then makes
 * all the events that the visitor waits for. */
static rt_poll resident(void *frame, struct rt_cx *cx)
{
    struct resident *self = frame;
    struct world *world = self->world;
    RT_BEGIN(self, cx);
    for (self->laps = 0; self->laps < 3; self->laps++) {
        RT_AWAIT(rt_mutex_lock, &world->mutex);
        RT_AWAIT(rt_yield);
        rt_mutex_unlock(&world->mutex);
        RT_AWAIT(rt_semaphore_acquire, &world->semaphore, PERMITS);
        RT_AWAIT(rt_yield);
        rt_semaphore_release(&world->semaphore, PERMITS);
        RT_AWAIT(rt_rwlock_write, &world->lock);
        RT_AWAIT(rt_yield);
        rt_rwlock_write_unlock(&world->lock);
        RT_AWAIT(rt_chan_send, world->chan, 2);
        world->sent++;
        RT_AWAIT(rt_yield);
        drain(world);
    }
    for (self->laps = 0; self->laps < 3; self->laps++) {
        rt_notify_one(&world->notify);
        RT_AWAIT(rt_yield);
        rt_broadcast_send(world->broadcast, 1);
        RT_AWAIT(rt_yield);
        rt_watch_send(&world->watch, 1);
        RT_AWAIT(rt_yield);
    }
    rt_oneshot_send(&world->question, 1);
    RT_END(0);
}

struct partner {
    RT_FRAME;
    struct world *world;
    int naps;
};

/* Meets the visitor, or whoever comes instead, at the barrier, and then sends: sooner or later. */
static rt_poll partner(void *frame, struct rt_cx *cx)
{
    struct partner *self = frame;
    RT_BEGIN(self, cx);
    for (; self->naps > 0; self->naps--)
        RT_AWAIT(rt_yield);
    RT_AWAIT(rt_barrier_wait, &self->world->barrier);
    RT_AWAIT(rt_yield);
    RT_AWAIT(rt_chan_send, self->world->chan, 3);
    self->world->sent++;
    RT_END(0);
}

static void build(struct world *world)
{
    *world = (struct world){.chan = rt_chan_new(PLACES), .broadcast = rt_broadcast_new(4)};
    rt_mutex_init(&world->mutex);
    rt_semaphore_init(&world->semaphore, PERMITS);
    rt_rwlock_init(&world->lock);
    rt_notify_init(&world->notify);
    rt_barrier_init(&world->barrier, 2);
    rt_oneshot_init(&world->question);
    rt_watch_init(&world->watch, 0);
}

/* Everything is as if nobody had ever come, but for the messages that are still there. */
static void check_and_end(struct world *world)
{
    drain(world);
    assert_int_equal(world->sent, world->received);
    assert_int_equal(world->chan->places, PLACES);
    assert_null(world->mutex.owner);
    assert_int_equal(world->semaphore.permits, PERMITS);
    assert_true(rt_rwlock_try_write(&world->lock));
    assert_null(world->notify.waiters.first);
    assert_null(world->watch.waiters.first);
    assert_true(!world->question.state || !rt__oneshot_is_empty(&world->question));
    assert_int_equal(world->clean_ups, 1);
    rt_chan_free(world->chan);
    rt_broadcast_free(world->broadcast);
}

/* In the visitor's place. */
static void pass_the_barrier(struct world *world, struct rt_cx cx)
{
    struct rt_wait wait;
    rt_wait_init(&wait);
    assert_int_equal(rt_barrier_wait_poll(&wait, &cx, &world->barrier), 1);
}

/* Aborts the visitor after so many laps, and notes where it was; false when it had ended by then.
 */
static bool aborted_after(int laps, uint64_t seed, uint64_t *awaits)
{
    struct rt_executor *executor = rt_executor_new(&(struct rt_config){.order_seed = seed});
    struct rt_handle visits, residents[2], partners;
    struct world world;
    build(&world);
    residents[0] = SPAWNED(executor, resident, {.world = &world});
    visits = SPAWNED(executor, visitor, {.world = &world});
    residents[1] = SPAWNED(executor, resident, {.world = &world});
    partners = SPAWNED(executor, partner, {.world = &world, .naps = (int)seed});
    for (int i = 0; i < laps; i++)
        run_one_lap(executor);
    uint32_t resume = ((struct visitor *)visits.task->frame)->rt_wait.resume;
    bool aborted = rt_abort(visits);
    *awaits |= aborted ? UINT64_C(1) << (resume & 63) : 0;
    assert_int_equal(rt_block_on(executor, visits), aborted ? -ECANCELED : 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(rt_block_on(executor, residents[i]), 0);
    rt_run_ready(executor);
    if (world.barrier.missing == 1) /* the partner still waits for the visitor */
        pass_the_barrier(&world, cx_of(partners));
    assert_int_equal(rt_block_on(executor, partners), 0);
    check_and_end(&world);
    rt_executor_free(executor);
    return aborted;
}

static void test_aborted_at_every_await(void **state)
{
    uint64_t awaits = 0; /* a bit for each, from wherever the compiler counts */
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++)
        for (int laps = 0; aborted_after(laps, seed, &awaits); laps++) {
        }
    assert_int_equal(__builtin_popcountll(awaits), 1 + AWAITS); /* and the beginning */
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_aborted_at_every_await),
};
TEST_MAIN(tests)
