/* SPDX-License-Identifier: MIT
 *
 * Posts from other threads: none is lost, each thread's keep their order, whether the executor is
 * awake or asleep; it sleeps while its inbox is open and nothing else is to do, and a sleep is
 * ended by one call and not by more.
 */
#include "test_main.h"

#include "counting.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PRODUCERS = 2 };

/* A task that waits until all posts have arrived. */
struct collector {
    RT_FRAME;
    struct rt_event_one *done;
};

static rt_poll collector(void *frame, struct rt_cx *cx)
{
    struct collector *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_event_one_wait, self->done);
    RT_END(0);
}

/* Never lets the executor sleep. */
struct spinner {
    RT_FRAME;
    uint64_t turns;
};

static rt_poll spinner(void *frame, struct rt_cx *cx)
{
    struct spinner *self = frame;
    RT_BEGIN(self, cx);
    for (;; self->turns++)
        RT_AWAIT(rt_yield);
    RT_END(0);
}

struct stage {
    struct rt_executor *executor;
    struct rt_event_one done;
    uint64_t expected, arrived, next[PRODUCERS];
    int posts; /* of each producer */
    bool slowly;
};

struct numbered {
    struct rt_post post;
    struct stage *stage;
    uint64_t producer, number;
};

static void arrive(struct rt_post *post, struct rt_executor *executor)
{
    struct numbered *self = TC_CONTAINER_OF(post, struct numbered, post);
    struct stage *stage = self->stage;
    assert_ptr_equal(executor, stage->executor);
    assert_int_equal(self->number, stage->next[self->producer]++);
    if (++stage->arrived == stage->expected)
        rt_event_one_set(&stage->done);
    free(self);
}

static void *produce(void *argument)
{
    struct numbered *first = argument;
    struct stage *stage = first->stage;
    uint64_t producer = first->producer;
    free(first);
    for (int i = 0; i < stage->posts; i++) {
        struct numbered *post = malloc(sizeof *post);
        *post = (struct numbered){
            .post.run = arrive, .stage = stage, .producer = producer, .number = (uint64_t)i};
        rt_post(stage->executor, &post->post);
        if (stage->slowly)
            usleep(50); /* so that the executor goes to sleep in between */
    }
    return NULL;
}

static void run_stage(int posts, bool slowly, bool busy)
{
    struct stage stage = {.executor = new_executor(),
                          .expected = (uint64_t)posts * PRODUCERS,
                          .posts = posts,
                          .slowly = slowly};
    pthread_t threads[PRODUCERS];
    rt_event_one_init(&stage.done);
    rt_inbox_open(stage.executor);
    for (uint64_t i = 0; i < PRODUCERS; i++) {
        struct numbered *first = malloc(sizeof *first);
        *first = (struct numbered){.stage = &stage, .producer = i};
        assert_int_equal(pthread_create(&threads[i], NULL, produce, first), 0);
    }
    if (busy)
        SPAWN_DETACHED(stage.executor, spinner, {.turns = 0});
    assert_int_equal(
        rt_block_on(stage.executor, SPAWNED(stage.executor, collector, {.done = &stage.done})), 0);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(threads[i], NULL);
    rt_inbox_close(stage.executor);
    assert_int_equal(stage.arrived, stage.expected);
    rt_executor_free(stage.executor);
}

static void test_none_is_lost_and_all_are_in_order(void **state)
{
    (void)state;
    run_stage(100000, false, false);
    run_stage(100000, false, true);
}

static void test_none_is_lost_when_it_sleeps_in_between(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
        run_stage(100, true, false);
}

/* -- what it costs -- */

static int notifications;

int eventfd_write(int fd, eventfd_t value)
{
    __atomic_fetch_add(&notifications, 1, __ATOMIC_RELAXED);
    return write(fd, &value, sizeof value) == sizeof value ? 0 : -1;
}

ssize_t write(int fd, const void *buffer, size_t size)
{
    if (size == sizeof(eventfd_t))
        __atomic_fetch_add(&notifications, 1, __ATOMIC_RELAXED);
    return syscall(SYS_write, fd, buffer, size);
}

static void test_no_call_while_it_is_awake(void **state)
{
    (void)state;
    struct stage stage = {.executor = new_executor(), .expected = 1000};
    rt_event_one_init(&stage.done);
    rt_inbox_open(stage.executor);
    notifications = 0;
    for (uint64_t i = 0; i < stage.expected; i++) {
        struct numbered *post = malloc(sizeof *post);
        *post = (struct numbered){.post.run = arrive, .stage = &stage, .number = i};
        rt_post(stage.executor, &post->post);
    }
    assert_int_equal(notifications, 0);
    assert_int_equal(
        rt_block_on(stage.executor, SPAWNED(stage.executor, collector, {.done = &stage.done})), 0);
    rt_inbox_close(stage.executor);
    rt_executor_free(stage.executor);
}

static void *post_one_late(void *argument)
{
    struct stage *stage = argument;
    usleep(20000);
    struct numbered *posts[2];
    for (uint64_t i = 0; i < 2; i++) {
        posts[i] = malloc(sizeof *posts[i]);
        *posts[i] = (struct numbered){.post.run = arrive, .stage = stage, .number = i};
    }
    rt_post(stage->executor, &posts[0]->post);
    rt_post(stage->executor, &posts[1]->post);
    return NULL;
}

static void test_a_sleep_is_ended_by_at_most_one_call_a_post(void **state)
{
    (void)state;
    struct stage stage = {.executor = new_executor(), .expected = 2};
    pthread_t thread;
    rt_event_one_init(&stage.done);
    rt_inbox_open(stage.executor);
    notifications = 0;
    assert_int_equal(pthread_create(&thread, NULL, post_one_late, &stage), 0);
    assert_int_equal(
        rt_block_on(stage.executor, SPAWNED(stage.executor, collector, {.done = &stage.done})), 0);
    pthread_join(thread, NULL);
    assert_in_range(notifications, 0, 2);
    rt_inbox_close(stage.executor);
    rt_executor_free(stage.executor);
}

static void test_closed_it_names_a_deadlock(void **state)
{
    (void)state;
    struct rt_executor *executor = new_executor();
    struct rt_event_one never;
    rt_event_one_init(&never);
    rt_inbox_open(executor);
    rt_inbox_close(executor);
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, collector, {.done = &never})),
                     -EDEADLK);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_none_is_lost_and_all_are_in_order),
    cmocka_unit_test(test_none_is_lost_when_it_sleeps_in_between),
    cmocka_unit_test(test_no_call_while_it_is_awake),
    cmocka_unit_test(test_a_sleep_is_ended_by_at_most_one_call_a_post),
    cmocka_unit_test(test_closed_it_names_a_deadlock),
};
TEST_MAIN(tests)
