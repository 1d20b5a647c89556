/* SPDX-License-Identifier: MIT
 *
 * Conservation laws under random histories: tasks that ask for something, are polled whether woken
 * or not, hold what they got, give it back, or give up at any moment. After every step a law of
 * the thing they ask for must hold; whoever was granted something was woken, once; and grants
 * follow the order of asking. What a law is about lies in the scene.
 */
#ifndef LAWS_H
#define LAWS_H

#include "counting.h"

#include "base/rng.h"

enum { PARTIES = 8, STEPS = 60000, EPOCH_STEPS = 300, SEEDS = 2, WANTS = 6 };

struct party {
    struct rt_wait wait;
    struct rt_cx cx;
    struct probe probe;
    int polls_before; /* of its task, when it was polled by hand last */
    uint64_t ticket;  /* counts the requests that have begun to wait */
    uint32_t wants;   /* of this request, or held */
    bool holds;
    int64_t received; /* words seen and lost */
    struct rt_broadcast_receiver listener;
    struct rt_watch_receiver observer;
};

struct scene {
    const struct law *law;
    struct rt_executor *executor;
    struct tc_rng rng;
    struct party parties[PARTIES];
    uint64_t tickets;
    struct rt_mutex mutex;
    struct rt_semaphore semaphore;
    struct rt_rwlock lock;
    struct rt_notify notify;
    struct rt_barrier barrier;
    struct rt_chan *chan;
    struct rt_broadcast *broadcast;
    struct rt_watch watch;
    int64_t made, used; /* notifications, messages, passages: whatever must add up */
    int64_t word;
};

struct law {
    const char *name;
    void (*begin)(struct scene *scene);
    void (*end)(struct scene *scene);
    rt_poll (*poll)(struct scene *scene, struct party *party);
    void (*drop)(struct scene *scene, struct party *party);
    void (*got)(struct scene *scene, struct party *party, rt_poll result);
    void (*give_back)(struct scene *scene, struct party *party); /* NULL: nothing is held */
    void (*other)(struct scene *scene); /* what nobody who waits does; NULL: nothing */
    void (*check)(struct scene *scene);
    bool unordered; /* grants need not follow the order of asking */
};

static inline uint64_t draw(struct scene *scene, uint64_t bound)
{
    return tc_rng_below(&scene->rng, bound);
}

/* How many parties' requests are in a state. */
static inline int64_t sum_of(const struct scene *scene, bool (*in)(const struct rt_wait *))
{
    int64_t sum = 0;
    for (int i = 0; i < PARTIES; i++)
        sum += in(&scene->parties[i].wait);
    return sum;
}

static inline int64_t waiting(const struct scene *scene)
{
    return sum_of(scene, rt_wait_is_waiting);
}

static inline int64_t granted(const struct scene *scene)
{
    return sum_of(scene, rt_wait_is_granted);
}

static inline void keep(struct scene *scene, struct party *party, rt_poll result)
{
    (void)scene;
    assert_int_equal(result, 0);
    party->holds = true;
}

/* poll and drop of an operation whose arguments stand in `scene` and `party` */
#define OPERATION(name, operation, ...)                                  \
    static rt_poll name##_poll(struct scene *scene, struct party *party) \
    {                                                                    \
        return operation##_poll(&party->wait, &party->cx, __VA_ARGS__);  \
    }                                                                    \
    static void name##_drop(struct scene *scene, struct party *party)    \
    {                                                                    \
        (void)scene;                                                     \
        operation##_drop(&party->wait, __VA_ARGS__);                     \
    }

/* -- the histories -- */

/* Woken once if it is no longer waiting, and not at all while it is. */
static inline void check_wake(const struct party *party)
{
    int wakes = party->probe.polls - party->polls_before + !!(party->cx.task->state & RT_QUEUED);
    if (!rt_wait_is_idle(&party->wait))
        assert_int_equal(wakes, !rt_wait_is_waiting(&party->wait));
}

/* Nobody waits who asked before somebody that has been granted what it asked for. */
static inline void check_order(const struct scene *scene)
{
    uint64_t first_waiting = UINT64_MAX, last_granted = 0;
    for (int i = 0; i < PARTIES; i++) {
        const struct party *party = &scene->parties[i];
        if (rt_wait_is_waiting(&party->wait) && party->ticket < first_waiting)
            first_waiting = party->ticket;
        if (rt_wait_is_granted(&party->wait) && party->ticket > last_granted)
            last_granted = party->ticket;
    }
    assert_true(first_waiting > last_granted);
}

static inline void check(struct scene *scene)
{
    for (int i = 0; i < PARTIES; i++)
        check_wake(&scene->parties[i]);
    if (!scene->law->unordered)
        check_order(scene);
    scene->law->check(scene);
}

static inline void poll(struct scene *scene, struct party *party)
{
    bool begins = rt_wait_is_idle(&party->wait), owed = rt_wait_is_granted(&party->wait);
    rt_run_ready(scene->executor);
    party->polls_before = party->probe.polls;
    if (begins) {
        party->wants = 1 + (uint32_t)draw(scene, WANTS);
        party->ticket = ++scene->tickets;
    }
    rt_poll result = scene->law->poll(scene, party);
    assert_true(!owed || scene->law->unordered || result != RT_PENDING); /* a promise is kept */
    if (result == RT_PENDING)
        return;
    rt_wait_init(&party->wait);
    scene->law->got(scene, party, result);
}

static inline void drop(struct scene *scene, struct party *party)
{
    scene->law->drop(scene, party);
    assert_true(rt_wait_is_idle(&party->wait));
}

static inline void give_back(struct scene *scene, struct party *party)
{
    party->holds = false;
    scene->law->give_back(scene, party);
}

static inline void step(struct scene *scene)
{
    struct party *party = &scene->parties[draw(scene, PARTIES)];
    uint64_t chance = draw(scene, 10);
    if (scene->law->other && chance < 3)
        scene->law->other(scene);
    else if (party->holds)
        give_back(scene, party);
    else if (rt_wait_is_idle(&party->wait) || chance < 7)
        poll(scene, party);
    else if (chance < 9)
        drop(scene, party);
    else
        rt_run_ready(scene->executor);
    check(scene);
}

/* All give up or give back, in a drawn order; then the law holds of nobody. */
static inline void end_epoch(struct scene *scene)
{
    size_t order[PARTIES];
    for (size_t i = 0; i < PARTIES; i++)
        order[i] = i;
    tc_rng_shuffle(&scene->rng, order, PARTIES);
    for (size_t i = 0; i < PARTIES; i++) {
        struct party *party = &scene->parties[order[i]];
        if (party->holds)
            give_back(scene, party);
        else if (!rt_wait_is_idle(&party->wait))
            drop(scene, party);
        check(scene);
    }
    if (scene->law->end)
        scene->law->end(scene);
    rt_executor_free(scene->executor);
}

static inline void begin_epoch(struct scene *scene, const struct law *law)
{
    struct tc_rng rng = scene->rng;
    *scene = (struct scene){.law = law, .rng = rng, .executor = new_executor()};
    for (int i = 0; i < PARTIES; i++) {
        struct party *party = &scene->parties[i];
        rt_wait_init(&party->wait);
        party->cx = cx_of(spawn_probe(scene->executor, &party->probe));
    }
    law->begin(scene);
}

static inline void play(const struct law *law)
{
    static struct scene scene;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        print_message("%s, seed %llu\n", law->name, (unsigned long long)seed);
        tc_rng_seed(&scene.rng, seed);
        for (int done = 0; done < STEPS; done += EPOCH_STEPS) {
            begin_epoch(&scene, law);
            for (int i = 0; i < EPOCH_STEPS; i++)
                step(&scene);
            end_epoch(&scene);
        }
    }
}

#endif
