/* SPDX-License-Identifier: MIT
 *
 * Random histories of what is held: mutexes, semaphores, reader-writer locks, barriers. No permit
 * is lost or invented, nobody holds what another does, whoever waits could not be served.
 */
#include "test_main.h"

#include "laws.h"

enum { TOTAL = WANTS };

/* Held, and granted but not yet polled for. */
static int64_t held_or_granted(const struct scene *scene, uint32_t least)
{
    int64_t sum = 0;
    for (int i = 0; i < PARTIES; i++) {
        const struct party *party = &scene->parties[i];
        if ((party->holds || rt_wait_is_granted(&party->wait)) && party->wants >= least)
            sum += party->wants;
    }
    return sum;
}

/* -- mutex -- */

OPERATION(mutex, rt_mutex_lock, &scene->mutex)

static void mutex_begin(struct scene *scene)
{
    rt_mutex_init(&scene->mutex);
}

static void barging_begin(struct scene *scene)
{
    rt_mutex_init_barging(&scene->mutex);
}

static void mutex_unlock(struct scene *scene, struct party *party)
{
    (void)party;
    rt_mutex_unlock(&scene->mutex);
}

static void mutex_check(struct scene *scene)
{
    const struct rt_mutex *mutex = &scene->mutex;
    int64_t owners = 0;
    for (int i = 0; i < PARTIES; i++) {
        const struct party *party = &scene->parties[i];
        if (!party->holds && (mutex->barging || !rt_wait_is_granted(&party->wait)))
            continue;
        owners++;
        assert_ptr_equal(mutex->owner, party->cx.task);
    }
    assert_int_equal(owners, mutex->owner != NULL);
    if (waiting(scene)) /* somebody will pass it on, or was told to try */
        assert_true(mutex->owner || granted(scene));
}

/* -- semaphore -- */

OPERATION(semaphore, rt_semaphore_acquire, &scene->semaphore, party->wants)

static void semaphore_begin(struct scene *scene)
{
    rt_semaphore_init(&scene->semaphore, TOTAL);
}

static void semaphore_release(struct scene *scene, struct party *party)
{
    rt_semaphore_release(&scene->semaphore, party->wants);
}

static bool first_fits(const struct rt_semaphore *semaphore)
{
    return semaphore->waiters.first &&
           TC_CONTAINER_OF(semaphore->waiters.first, struct rt_wait, link)->wanted <=
               semaphore->permits;
}

static void semaphore_check(struct scene *scene)
{
    assert_int_equal((int64_t)scene->semaphore.permits + held_or_granted(scene, 0), TOTAL);
    assert_false(first_fits(&scene->semaphore));
}

/* -- rwlock: who wants TOTAL writes -- */

static rt_poll rwlock_poll(struct scene *scene, struct party *party)
{
    return party->wants == TOTAL ? rt_rwlock_write_poll(&party->wait, &party->cx, &scene->lock)
                                 : rt_rwlock_read_poll(&party->wait, &party->cx, &scene->lock);
}

static void rwlock_drop(struct scene *scene, struct party *party)
{
    if (party->wants == TOTAL)
        rt_rwlock_write_drop(&party->wait, &scene->lock);
    else
        rt_rwlock_read_drop(&party->wait, &scene->lock);
}

static void rwlock_begin(struct scene *scene)
{
    rt_rwlock_init(&scene->lock);
}

static void rwlock_unlock(struct scene *scene, struct party *party)
{
    if (party->wants == TOTAL)
        rt_rwlock_write_unlock(&scene->lock);
    else
        rt_rwlock_read_unlock(&scene->lock);
}

static void rwlock_check(struct scene *scene)
{
    int64_t writing = held_or_granted(scene, TOTAL), all = held_or_granted(scene, 0);
    assert_true(writing == 0 || (writing == TOTAL && all == TOTAL));
    assert_int_equal(scene->lock.shares.permits == 0, writing != 0);
    assert_int_equal(scene->lock.shares.permits == RT_RWLOCK_READERS, all == 0);
    assert_false(first_fits(&scene->lock.shares));
}

/* -- barrier: made are the places to pass in complete generations -- */

OPERATION(barrier_plain, rt_barrier_wait, &scene->barrier)

static void barrier_drop(struct scene *scene, struct party *party)
{
    scene->used += rt_wait_is_granted(&party->wait);
    barrier_plain_drop(scene, party);
}

static void barrier_begin(struct scene *scene)
{
    rt_barrier_init(&scene->barrier, 2 + (uint32_t)draw(scene, PARTIES - 1));
}

static void barrier_got(struct scene *scene, struct party *party, rt_poll result)
{
    (void)party;
    scene->made += result == 1 ? scene->barrier.parties : 0;
    scene->used++;
}

static void barrier_check(struct scene *scene)
{
    assert_int_equal(scene->barrier.missing + waiting(scene), scene->barrier.parties);
    assert_int_equal(scene->made - scene->used, granted(scene));
}

static const struct law laws[] = {
    {.name = "mutex",
     .begin = mutex_begin,
     .poll = mutex_poll,
     .drop = mutex_drop,
     .got = keep,
     .give_back = mutex_unlock,
     .check = mutex_check},
    {.name = "mutex, barging",
     .begin = barging_begin,
     .poll = mutex_poll,
     .drop = mutex_drop,
     .got = keep,
     .give_back = mutex_unlock,
     .check = mutex_check,
     .unordered = true},
    {.name = "semaphore",
     .begin = semaphore_begin,
     .poll = semaphore_poll,
     .drop = semaphore_drop,
     .got = keep,
     .give_back = semaphore_release,
     .check = semaphore_check},
    {.name = "rwlock",
     .begin = rwlock_begin,
     .poll = rwlock_poll,
     .drop = rwlock_drop,
     .got = keep,
     .give_back = rwlock_unlock,
     .check = rwlock_check},
    {.name = "barrier",
     .begin = barrier_begin,
     .poll = barrier_plain_poll,
     .drop = barrier_drop,
     .got = barrier_got,
     .check = barrier_check},
};

static void test_nothing_held_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(laws); i++)
        play(&laws[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing_held_is_lost),
};
TEST_MAIN(tests)
