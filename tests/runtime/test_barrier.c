/* SPDX-License-Identifier: MIT
 *
 * Barriers as rt/barrier.h documents them: one leader a generation, generations that never mix, and
 * arrivals that are taken back.
 */
#include "test_main.h"

#include "dies.h"
#include "stage.h"

#include "base/rng.h"

static rt_poll arrive(struct stage *stage, int who, struct rt_barrier *barrier)
{
    return POLL(stage, who, rt_barrier_wait, barrier);
}

static void test_the_last_leads(void **state)
{
    struct stage stage;
    struct rt_barrier barrier;
    (void)state;
    begin(&stage);
    rt_barrier_init(&barrier, 3);
    for (int generation = 0; generation < 3; generation++) {
        assert_int_equal(arrive(&stage, 0, &barrier), RT_PENDING);
        assert_int_equal(arrive(&stage, 1, &barrier), RT_PENDING);
        assert_int_equal(arrive(&stage, 0, &barrier), RT_PENDING); /* polled, not arrived again */
        assert_woken(&stage, 0);
        assert_int_equal(arrive(&stage, 2, &barrier), 1);
        assert_woken(&stage, 3);
        assert_int_equal(arrive(&stage, 0, &barrier), 0);
        assert_int_equal(arrive(&stage, 1, &barrier), 0);
    }
    rt_barrier_init(&barrier, 1);
    assert_int_equal(arrive(&stage, 0, &barrier), 1);
    assert_int_equal(arrive(&stage, 0, &barrier), 1);
    end(&stage);
}

/* The next generation arrives, and even completes, before the last one has run. */
static void test_generations_do_not_mix(void **state)
{
    struct stage stage;
    struct rt_barrier barrier;
    (void)state;
    begin(&stage);
    rt_barrier_init(&barrier, 2);
    assert_int_equal(arrive(&stage, 0, &barrier), RT_PENDING);
    assert_int_equal(arrive(&stage, 1, &barrier), 1);
    assert_int_equal(arrive(&stage, 1, &barrier), RT_PENDING); /* of the second generation */
    assert_int_equal(arrive(&stage, 2, &barrier), 1);          /* completes it */
    assert_int_equal(arrive(&stage, 2, &barrier), RT_PENDING); /* of the third */
    assert_woken(&stage, 3);
    assert_int_equal(arrive(&stage, 0, &barrier), 0); /* of the first, at last */
    assert_int_equal(arrive(&stage, 1, &barrier), 0);
    assert_int_equal(arrive(&stage, 2, &barrier), RT_PENDING);
    DROP(&stage, 2, rt_barrier_wait, &barrier);
    end(&stage);
}

static void test_an_arrival_is_taken_back(void **state)
{
    struct stage stage;
    struct rt_barrier barrier;
    (void)state;
    begin(&stage);
    rt_barrier_init(&barrier, 2);
    assert_int_equal(arrive(&stage, 0, &barrier), RT_PENDING);
    DROP(&stage, 0, rt_barrier_wait, &barrier);
    assert_int_equal(arrive(&stage, 1, &barrier), RT_PENDING); /* not the second: the first */
    assert_int_equal(arrive(&stage, 2, &barrier), 1);
    DROP(&stage, 1, rt_barrier_wait, &barrier); /* its generation is complete all the same */
    assert_int_equal(arrive(&stage, 0, &barrier), RT_PENDING);
    assert_int_equal(arrive(&stage, 3, &barrier), 1);
    assert_int_equal(arrive(&stage, 0, &barrier), 0);
    end(&stage);
}

/* -- tasks in step -- */

enum { PARTIES = 9, GENERATIONS = 300 };

struct march {
    struct rt_barrier barrier;
    int step[PARTIES], led[GENERATIONS];
};

struct marcher {
    RT_FRAME;
    struct march *march;
    struct tc_rng rng;
    int who, idle;
    int64_t leads;
};

static rt_poll marcher(void *frame, struct rt_cx *cx)
{
    struct marcher *self = frame;
    struct march *march = self->march;
    int *step = &march->step[self->who];
    RT_BEGIN(self, cx);
    for (; *step < GENERATIONS; ++*step) {
        for (self->idle = (int)tc_rng_below(&self->rng, 4); self->idle > 0; self->idle--)
            RT_AWAIT(rt_yield);
        RT_AWAIT_INTO(self->leads, rt_barrier_wait, &march->barrier);
        march->led[*step] += (int)self->leads;
        for (int who = 0; who < PARTIES; who++)
            assert_in_range(march->step[who], *step, *step + 1);
    }
    RT_END(0);
}

static void test_tasks_keep_in_step(void **state)
{
    struct rt_executor *executor = new_executor();
    static struct march march;
    struct rt_handle handles[PARTIES];
    (void)state;
    rt_barrier_init(&march.barrier, PARTIES);
    for (int who = 0; who < PARTIES; who++) {
        struct tc_rng rng;
        tc_rng_seed(&rng, (uint64_t)who);
        handles[who] = SPAWNED(executor, marcher, {.march = &march, .rng = rng, .who = who});
    }
    for (int who = 0; who < PARTIES; who++)
        assert_int_equal(rt_block_on(executor, handles[who]), 0);
    for (int generation = 0; generation < GENERATIONS; generation++)
        assert_int_equal(march.led[generation], 1);
    rt_executor_free(executor);
}

static void make_a_barrier_of_none(void)
{
    struct rt_barrier barrier;
    rt_barrier_init(&barrier, 0);
}

static void test_broken_promises_are_named(void **state)
{
    (void)state;
    dies(make_a_barrier_of_none);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_last_leads),
    cmocka_unit_test(test_generations_do_not_mix),
    cmocka_unit_test(test_an_arrival_is_taken_back),
    cmocka_unit_test(test_tasks_keep_in_step),
    cmocka_unit_test(test_broken_promises_are_named),
};
TEST_MAIN(tests)
