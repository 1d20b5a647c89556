/* SPDX-License-Identifier: MIT
 *
 * map, map_err and and_then: values, errors, waiting in either half, and being given up there.
 */
#include "test_main.h"

#include "branches.h"

/* A future of a future: a function that is asynchronous does not fit rt_map. */
_Static_assert(!__builtin_types_compatible_p(rt_step_fn *, int64_t (*)(int64_t)),
               "mapping to a future is refused by the compiler");

/* An operation with any result: waits for the event, then gives the value. */
struct gift {
    struct rt_event event;
    int64_t value;
    int polls, drops;
};

static rt_poll give_poll(struct rt_wait *wait, struct rt_cx *cx, struct gift *gift, int64_t plus)
{
    gift->polls++;
    rt_poll result = rt_event_wait_poll(wait, cx, &gift->event);
    return result == RT_PENDING ? RT_PENDING : gift->value + plus;
}

static void give_drop(struct rt_wait *wait, struct gift *gift, int64_t plus)
{
    (void)plus;
    gift->drops++;
    rt_event_wait_drop(wait, &gift->event);
}

static int64_t twice(int64_t value)
{
    return 2 * value;
}

static int64_t explain(int64_t error)
{
    assert_true(error < 0);
    return error == -EPIPE ? 0 : -EDOM;
}

enum kind { MAP, MAP_ERR, BOTH, AND_THEN, KINDS };

struct chained {
    RT_FRAME;
    enum kind kind;
    struct gift *one, *other;
    struct rt_then then;
};

static rt_poll chained(void *frame, struct rt_cx *cx)
{
    struct chained *self = frame;
    int64_t result = 0;
    RT_BEGIN(self, cx);
    if (self->kind == MAP)
        RT_AWAIT_INTO(result, rt_map, twice, give, self->one, 0);
    else if (self->kind == MAP_ERR)
        RT_AWAIT_INTO(result, rt_map_err, explain, give, self->one, 0);
    else if (self->kind == BOTH)
        RT_AWAIT_INTO(result, rt_map, twice, rt_map_err, explain, give, self->one, 0);
    else
        RT_AWAIT_INTO(result, rt_and_then, &self->then, (give, self->one, 0),
                      (rt_map, twice, give, self->other, self->then.value));
    RT_END(result);
}

/* What comes of it when both gifts are given, before (or else after) they are waited for. */
static int64_t outcome(enum kind kind, int64_t one, int64_t other, bool before)
{
    struct rt_executor *executor = new_executor();
    struct gift gifts[2] = {{.value = one}, {.value = other}};
    struct rt_handle handle =
        SPAWNED(executor, chained, {.kind = kind, .one = &gifts[0], .other = &gifts[1]});
    for (int i = 0; i < 2; i++) {
        if (!before)
            rt_run_ready(executor);
        rt_event_set(&gifts[i].event);
    }
    int64_t result = rt_block_on(executor, handle);
    bool goes_on = kind == AND_THEN && one >= 0;
    assert_int_equal(gifts[0].polls, 1 + !before);
    assert_int_equal(gifts[1].polls, goes_on * (1 + !before));
    assert_int_equal(gifts[0].drops + gifts[1].drops, 0);
    rt_executor_free(executor);
    return result;
}

static void test_results(void **state)
{
    (void)state;
    for (int before = 0; before <= 1; before++) {
        assert_int_equal(outcome(MAP, 21, 0, before), 42);
        assert_int_equal(outcome(MAP, 0, 0, before), 0);
        assert_int_equal(outcome(MAP, -EIO, 0, before), -EIO);
        assert_int_equal(outcome(MAP_ERR, 21, 0, before), 21);
        assert_int_equal(outcome(MAP_ERR, -EIO, 0, before), -EDOM);
        assert_int_equal(outcome(MAP_ERR, -EPIPE, 0, before), 0);
        assert_int_equal(outcome(BOTH, 3, 0, before), 6);
        assert_int_equal(outcome(BOTH, -EPIPE, 0, before), 0);
        assert_int_equal(outcome(BOTH, -EIO, 0, before), -EDOM);
        assert_int_equal(outcome(AND_THEN, 5, 2, before), 14); /* the first's value goes in */
        assert_int_equal(outcome(AND_THEN, -EIO, 2, before), -EIO);
        assert_int_equal(outcome(AND_THEN, 0, -EIO, before), -EIO);
    }
}

/* Given up in either half: that operation alone is dropped. */
static void test_dropped_while_it_waits(void **state)
{
    (void)state;
    for (enum kind kind = MAP; kind < KINDS; kind++) {
        for (int given = 0; given <= (kind == AND_THEN); given++) {
            struct rt_executor *executor = new_executor();
            struct gift gifts[2] = {{.value = 1}, {.value = 1}};
            struct rt_handle handle =
                SPAWNED(executor, chained, {.kind = kind, .one = &gifts[0], .other = &gifts[1]});
            if (given)
                rt_event_set(&gifts[0].event);
            rt_run_ready(executor);
            assert_true(rt_abort(handle));
            assert_int_equal(gifts[0].drops, !given);
            assert_int_equal(gifts[1].drops, given);
            for (int i = 0; i < 2; i++)
                assert_null(gifts[i].event.waiters.first);
            rt_executor_free(executor);
        }
    }
}

/* Where an operation is expected: under a deadline, and with one in either half. */
struct hurried {
    RT_FRAME;
    struct gift *gift;
    bool outside;
    struct rt_timeout timeout;
    struct rt_then then;
};

static rt_poll hurried(void *frame, struct rt_cx *cx)
{
    struct hurried *self = frame;
    int64_t result = 0;
    RT_BEGIN(self, cx);
    if (self->outside)
        RT_AWAIT_INTO(result, rt_timeout, &self->timeout, 0, rt_map, twice, give, self->gift, 0);
    else
        RT_AWAIT_INTO(result, rt_and_then, &self->then, (rt_yield),
                      (rt_timeout, &self->timeout, 0, give, self->gift, 0));
    RT_END(result);
}

static void test_with_deadlines(void **state)
{
    (void)state;
    for (int outside = 0; outside <= 1; outside++) {
        for (int given = 0; given <= 1; given++) {
            struct rt_executor *executor = new_executor();
            struct gift gift = {.value = 4, .event.set = given};
            struct rt_handle handle =
                SPAWNED(executor, hurried, {.gift = &gift, .outside = outside});
            int64_t expected = given ? 4 << outside : -ETIMEDOUT;
            assert_int_equal(rt_block_on(executor, handle), expected);
            assert_int_equal(gift.drops, !given);
            rt_executor_free(executor);
        }
    }
}

static void test_polled_after_its_end_it_aborts(void **state)
{
    struct rt_executor *executor = new_executor();
    struct rt_cx cx = {.executor = executor, .budget = 2};
    struct gift gift = {.event.set = true};
    struct probe host = {0};
    struct rt_then then;
    struct rt_wait wait;
    (void)state;
    cx.task = spawn_probe(executor, &host).task;
    rt_wait_init(&wait);
    assert_int_equal(rt_and_then_poll(&wait, &cx, &then, (give, &gift, 1), (give, &gift, 2)), 2);
    assert_true(
        ABORTS_SAYING("rt_and_then", (void)rt_and_then_poll(&wait, &cx, &then, (give, &gift, 1),
                                                            (give, &gift, 2))));
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_results),
    cmocka_unit_test(test_dropped_while_it_waits),
    cmocka_unit_test(test_with_deadlines),
    cmocka_unit_test(test_polled_after_its_end_it_aborts),
};
TEST_MAIN(tests)
