/* SPDX-License-Identifier: MIT
 *
 * Every operation given up at every moment: never polled, pending, woken but not polled, finished;
 * by the executor's end and by the future that awaits it. Each drop happens exactly once, and
 * nothing stays linked: what was waited for can be woken and freed afterwards, and no descriptor
 * is left open.
 */
#include "test_main.h"

#include "operations.h"
#include "reactors.h"

#include <dirent.h>

static int open_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    assert_non_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* -- the tasks -- */

static rt_poll wait_for_poll(struct rt_wait *wait, struct rt_cx *cx, struct waiting *self)
{
    return self->operation->poll(self, wait, cx);
}

static void wait_for_drop(struct rt_wait *wait, struct waiting *self)
{
    self->operation->drop(self, wait);
    self->probe->result++; /* how often the operation itself was dropped */
    assert_true(self->operation->poll != connect_poll || !self->io);
}

static rt_poll waiting(void *frame, struct rt_cx *cx)
{
    struct waiting *self = frame;
    if (!cx) {
        self->probe->drops++;
    } else {
        self->probe->polls++;
        if (*self->give_up) {
            wait_for_drop(&self->rt_wait, self);
            return 0;
        }
    }
    RT_BEGIN(self, cx);
    RT_AWAIT(wait_for, self);
    if (self->io)
        rt_io_close(self->io);
    RT_END(0);
}

struct scene {
    struct world world;
    const struct operation *operation;
    struct probe probes[3];
    struct rt_handle handles[3];
    bool give_up;
};

static void begin(struct scene *scene, const struct operation *operation)
{
    *scene = (struct scene){.operation = operation};
    build_world(&scene->world);
    for (int i = 0; i < operation->waiters; i++)
        assert_int_equal(RT_SPAWN(scene->world.executor, waiting, &scene->handles[i],
                                  {.world = &scene->world,
                                   .operation = operation,
                                   .probe = &scene->probes[i],
                                   .give_up = &scene->give_up,
                                   .inner.frame.chan = scene->world.empty}),
                         0);
}

/* Polls each waiter once. */
static void poll_once(struct scene *scene)
{
    run_one_lap(scene->world.executor);
    for (int i = 0; i < scene->operation->waiters; i++)
        assert_counts(scene->probes[i], 1, 0);
}

/* Has every waiter poll once more and give up its operation. */
static void give_up(struct scene *scene)
{
    scene->give_up = true;
    for (int i = 0; i < scene->operation->waiters; i++) {
        rt_task_wake(scene->handles[i].task);
        rt_detach(scene->handles[i]);
    }
    run_one_lap(scene->world.executor);
}

static void end(struct scene *scene, int polls, int drops, int operation_drops)
{
    end_world(&scene->world);
    for (int i = 0; i < scene->operation->waiters; i++) {
        if (scene->probes[i].polls != polls || scene->probes[i].drops != drops ||
            scene->probes[i].result != operation_drops)
            fail_msg("%s, waiter %d: %d polls, %d drops, %d drops of the operation; expected %d, "
                     "%d, %d",
                     scene->operation->name, i, scene->probes[i].polls, scene->probes[i].drops,
                     (int)scene->probes[i].result, polls, drops, operation_drops);
    }
}

#define FOR_EACH_OPERATION(operation)                    \
    for (const struct operation *operation = operations; \
         operation < operations + TC_COUNT_OF(operations); operation++)

static void test_freed_before_the_first_poll(void **state)
{
    struct scene scene;
    (void)state;
    FOR_EACH_OPERATION(operation)
    {
        begin(&scene, operation);
        end(&scene, 0, 1, 0); /* the frame is dropped; its operation had not begun */
    }
}

static void test_freed_while_pending(void **state)
{
    struct scene scene;
    (void)state;
    FOR_EACH_OPERATION(operation)
    {
        begin(&scene, operation);
        poll_once(&scene);
        end(&scene, 1, 1, 1);
    }
}

static void test_freed_when_woken_but_not_polled(void **state)
{
    struct scene scene;
    (void)state;
    FOR_EACH_OPERATION(operation)
    {
        begin(&scene, operation);
        poll_once(&scene);
        operation->wake(&scene.world);
        assert_true(scene.handles[0].task->state & RT_QUEUED);
        end(&scene, 1, 1, 1);
    }
}

static void test_freed_when_finished_but_not_joined(void **state)
{
    struct scene scene;
    (void)state;
    FOR_EACH_OPERATION(operation)
    {
        begin(&scene, operation);
        poll_once(&scene);
        for (int i = 0; i < operation->waiters; i++) {
            operation->wake(&scene.world);
            rt_run_ready(scene.world.executor);
            assert_true(scene.handles[i].task->state & RT_DONE);
        }
        end(&scene, 2, 0, 0);
    }
}

/* Given up by a future that goes on: waking what it waited for reaches nobody. */
static void test_given_up_while_pending(void **state)
{
    struct scene scene;
    (void)state;
    FOR_EACH_OPERATION(operation)
    {
        begin(&scene, operation);
        poll_once(&scene);
        give_up(&scene);
        assert_int_equal(rt__wheel_next_ns(scene.world.executor->wheel), TC_NEVER);
        assert_int_equal(rt__reactor_parked(scene.world.executor->reactor), 0);
        operation->wake(&scene.world);
        rt_run_ready(scene.world.executor);
        end(&scene, 2, 0, 1);
    }
}

static void test_given_up_when_woken(void **state)
{
    struct scene scene;
    (void)state;
    FOR_EACH_OPERATION(operation)
    {
        begin(&scene, operation);
        poll_once(&scene);
        operation->wake(&scene.world);
        give_up(&scene);
        rt_run_ready(scene.world.executor);
        end(&scene, 2, 0, 1);
    }
}

/* All of them at once in one executor, pending. */
static void test_freed_with_everything_pending(void **state)
{
    struct world world;
    struct probe probes[TC_COUNT_OF(operations)] = {{0}};
    bool never = false;
    (void)state;
    build_world(&world);
    for (size_t i = 0; i < TC_COUNT_OF(operations); i++)
        assert_int_equal(RT_SPAWN(world.executor, waiting, NULL,
                                  {.world = &world,
                                   .operation = &operations[i],
                                   .probe = &probes[i],
                                   .give_up = &never,
                                   .inner.frame.chan = world.empty}),
                         0);
    run_one_lap(world.executor);
    for (size_t i = 0; i < TC_COUNT_OF(operations); i++)
        assert_counts(probes[i], 1, 0);
    end_world(&world);
    for (size_t i = 0; i < TC_COUNT_OF(operations); i++)
        assert_counts(probes[i], 1, 1);
}

static void test_no_descriptor_stays_open(void **state)
{
    int before = open_descriptors();
    test_freed_while_pending(state);
    test_freed_when_woken_but_not_polled(state);
    test_given_up_while_pending(state);
    test_given_up_when_woken(state);
    assert_int_equal(open_descriptors(), before);
}

static void test_executor_free_ignores_null(void **state)
{
    (void)state;
    rt_executor_free(NULL);
    rt_chan_free(NULL);
    assert_int_equal(rt_io_close(NULL), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_freed_before_the_first_poll),
    cmocka_unit_test(test_freed_while_pending),
    cmocka_unit_test(test_freed_when_woken_but_not_polled),
    cmocka_unit_test(test_freed_when_finished_but_not_joined),
    cmocka_unit_test(test_given_up_while_pending),
    cmocka_unit_test(test_given_up_when_woken),
    cmocka_unit_test(test_freed_with_everything_pending),
    cmocka_unit_test(test_no_descriptor_stays_open),
    cmocka_unit_test(test_executor_free_ignores_null),
};
TEST_MAIN_REACTORS(tests)
