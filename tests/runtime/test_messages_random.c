/* SPDX-License-Identifier: MIT
 *
 * Random histories of what is told: notifications, reserved places, broadcasts, watches. Each is
 * received as often as it must be, and whoever waits has seen all there is. (Sending and receiving
 * on channels is in test_chan_random.c, every order of a oneshot in test_oneshot.c.)
 */
#include "test_main.h"

#include "laws.h"

enum { CAPACITY = 3 };

/* -- notify: made are those that were neither merged with a kept one nor for all -- */

static bool granted_one(const struct rt_wait *wait)
{
    return rt_wait_is_granted(wait) && wait->granted;
}

static rt_poll notify_poll(struct scene *scene, struct party *party)
{
    bool kept = rt_wait_is_idle(&party->wait) && scene->notify.kept;
    scene->used += kept || granted_one(&party->wait);
    return rt_notify_wait_poll(&party->wait, &party->cx, &scene->notify);
}

static void notify_drop(struct scene *scene, struct party *party)
{
    if (granted_one(&party->wait))
        scene->made -= scene->notify.kept; /* passed on to be merged */
    rt_notify_wait_drop(&party->wait, &scene->notify);
}

static void notify_begin(struct scene *scene)
{
    rt_notify_init(&scene->notify);
}

static void notify_other(struct scene *scene)
{
    if (draw(scene, 5) == 0) {
        rt_notify_all(&scene->notify);
        assert_int_equal(waiting(scene), 0);
        return;
    }
    scene->made += waiting(scene) > 0 || !scene->notify.kept;
    rt_notify_one(&scene->notify);
}

static void notify_got(struct scene *scene, struct party *party, rt_poll result)
{
    (void)scene, (void)party;
    assert_int_equal(result, 0);
}

static void notify_check(struct scene *scene)
{
    assert_int_equal(scene->made - scene->used, sum_of(scene, granted_one) + scene->notify.kept);
    assert_false(scene->notify.kept && waiting(scene));
}

/* -- reserved places -- */

OPERATION(reserve, rt_chan_reserve, scene->chan)

static void reserve_begin(struct scene *scene)
{
    scene->chan = rt_chan_new(CAPACITY);
}

static void reserve_end(struct scene *scene)
{
    rt_chan_free(scene->chan);
}

static void reserve_finish(struct scene *scene, struct party *party)
{
    (void)party;
    if (draw(scene, 3))
        rt_chan_commit(scene->chan, ++scene->made);
    else
        rt_chan_unreserve(scene->chan);
}

static void reserve_other(struct scene *scene)
{
    int64_t message;
    int expected = scene->made == scene->used ? -EAGAIN : 0;
    assert_int_equal(rt_chan_try_recv(scene->chan, &message), expected);
    if (expected == 0)
        assert_int_equal(message, ++scene->used);
}

static void reserve_check(struct scene *scene)
{
    int64_t taken = granted(scene);
    for (int i = 0; i < PARTIES; i++)
        taken += scene->parties[i].holds;
    assert_int_equal(scene->chan->places + taken + scene->made - scene->used, CAPACITY);
    assert_false(scene->chan->places && waiting(scene));
}

/* -- broadcast and watch: the n-th word sent is n -- */

OPERATION(broadcast, rt_broadcast_recv, &party->listener, &scene->word)

static void broadcast_begin(struct scene *scene)
{
    scene->broadcast = rt_broadcast_new(CAPACITY);
    for (int i = 0; i < PARTIES; i++)
        rt_broadcast_subscribe(scene->broadcast, &scene->parties[i].listener);
}

static void broadcast_end(struct scene *scene)
{
    rt_broadcast_free(scene->broadcast);
}

static void broadcast_got(struct scene *scene, struct party *party, rt_poll result)
{
    party->received += result > 0 ? result : 1;
    assert_int_equal(party->listener.next, party->received);
    if (result == 0)
        assert_int_equal(scene->word, party->received);
    else
        assert_int_equal(party->received, scene->made - CAPACITY);
}

static void broadcast_other(struct scene *scene)
{
    assert_int_equal(rt_broadcast_send(scene->broadcast, ++scene->made), 0);
}

static void broadcast_check(struct scene *scene)
{
    for (int i = 0; i < PARTIES; i++)
        if (rt_wait_is_waiting(&scene->parties[i].wait))
            assert_int_equal(scene->parties[i].listener.next, scene->made);
}

OPERATION(watch, rt_watch_changed, &party->observer, &scene->word)

static void watch_begin(struct scene *scene)
{
    rt_watch_init(&scene->watch, 0);
    for (int i = 0; i < PARTIES; i++)
        rt_watch_subscribe(&scene->watch, &scene->parties[i].observer);
}

static void watch_got(struct scene *scene, struct party *party, rt_poll result)
{
    assert_int_equal(result, 0);
    assert_int_equal(scene->word, scene->made);
    assert_int_equal(party->observer.seen, scene->made);
}

static void watch_other(struct scene *scene)
{
    assert_int_equal(rt_watch_send(&scene->watch, ++scene->made), 0);
}

static void watch_check(struct scene *scene)
{
    for (int i = 0; i < PARTIES; i++)
        if (rt_wait_is_waiting(&scene->parties[i].wait))
            assert_int_equal(scene->parties[i].observer.seen, scene->made);
}

static const struct law laws[] = {
    {.name = "notify",
     .begin = notify_begin,
     .poll = notify_poll,
     .drop = notify_drop,
     .got = notify_got,
     .other = notify_other,
     .check = notify_check},
    {.name = "chan_reserve",
     .begin = reserve_begin,
     .end = reserve_end,
     .poll = reserve_poll,
     .drop = reserve_drop,
     .got = keep,
     .give_back = reserve_finish,
     .other = reserve_other,
     .check = reserve_check},
    {.name = "broadcast",
     .begin = broadcast_begin,
     .end = broadcast_end,
     .poll = broadcast_poll,
     .drop = broadcast_drop,
     .got = broadcast_got,
     .other = broadcast_other,
     .check = broadcast_check},
    {.name = "watch",
     .begin = watch_begin,
     .poll = watch_poll,
     .drop = watch_drop,
     .got = watch_got,
     .other = watch_other,
     .check = watch_check},
};

static void test_nothing_told_is_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(laws); i++)
        play(&laws[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_nothing_told_is_lost),
};
TEST_MAIN(tests)
