/* SPDX-License-Identifier: MIT
 *
 * Every string of seven things that can happen to a task, against a model of a few lines: after
 * each of them the state word, the polls, the drops, the result and the fate of the block must be
 * what the model says. A waker that was made at the start is used throughout, so waking a task that
 * has ended, or a block that is free, is among them.
 */
#include "test_main.h"

#include "rt/rt.h"

enum event {
    WAKE,          /* by the waker */
    RUN,           /* everything that is ready; a poll returns pending */
    RUN_WAKING,    /* the same, its first poll having woken the task */
    FINISH,        /* the same, a poll finishing the task */
    FINISH_WAKING, /* the same, having woken the task before */
    RUN_ABORTING,  /* the same, the poll aborting its own task */
    ABORT,         /* from outside */
    DETACH,
    JOIN, /* a poll of the join */
    EVENTS
};

enum { LENGTH = 7, RESULT = 77 };

static const char *const names[EVENTS] = {"wake",   "run",           "run waking",
                                          "finish", "finish waking", "run aborting",
                                          "abort",  "detach",        "join"};

/* What the task does when polled, and what it counts. */
struct script {
    enum event doing;
    int polls, drops;
};

struct actor {
    struct script *script;
};

static rt_poll actor(void *frame, struct rt_cx *cx)
{
    struct script *script = ((struct actor *)frame)->script;
    if (!cx) {
        script->drops++;
        return 0;
    }
    script->polls++;
    enum event doing = script->doing;
    script->doing = RUN; /* once */
    if (doing == RUN_WAKING || doing == FINISH_WAKING)
        rt_task_wake(cx->task);
    if (doing == RUN_ABORTING)
        assert_true(rt__task_abort(cx->task));
    return doing == FINISH || doing == FINISH_WAKING ? RESULT : RT_PENDING;
}

/* -- the model -- */

struct model {
    bool queued, handle, ended;
    int64_t result;
    int polls, drops;
};

static void model_end(struct model *model, int64_t result)
{
    model->ended = true;
    model->result = result;
}

static void model_run(struct model *model, enum event event)
{
    bool polled = model->queued && !model->ended;
    model->queued = false;
    if (!polled)
        return;
    model->polls += 1 + (event == RUN_WAKING);
    if (event == FINISH || event == FINISH_WAKING)
        model_end(model, RESULT);
    if (event == RUN_ABORTING) {
        model->drops++;
        model_end(model, -ECANCELED);
    }
}

static void model_step(struct model *model, enum event event)
{
    if (event == WAKE)
        model->queued |= !model->ended;
    else if (event <= RUN_ABORTING)
        model_run(model, event);
    else if (event == ABORT && model->handle && !model->ended) {
        model->drops++;
        model_end(model, -ECANCELED);
    } else if (event == DETACH || (event == JOIN && model->ended))
        model->handle = false;
}

/* -- the task -- */

static struct rt_executor *executor;
static struct rt_task *outside; /* who joins */

struct subject {
    struct script script;
    struct rt_handle handle;
    struct rt_waker waker;
    struct rt_wait join;
    struct model model;
};

static void begin(struct subject *subject)
{
    *subject = (struct subject){.model = {.queued = true, .handle = true}};
    assert_int_equal(RT_SPAWN(executor, actor, &subject->handle, {.script = &subject->script}), 0);
    struct rt_cx cx = {.task = subject->handle.task};
    subject->waker = rt_waker_of(&cx);
    rt_wait_init(&subject->join);
}

static void join(struct subject *subject)
{
    struct rt_cx cx = {.task = outside, .executor = executor};
    rt_poll result = rt_join_poll(&subject->join, &cx, subject->handle);
    assert_int_equal(result, subject->model.ended ? subject->model.result : RT_PENDING);
}

/* Does to the task what the model has been told; the handle as it was before. */
static void step(struct subject *subject, enum event event, bool had_handle, bool had_ended)
{
    if (event == WAKE)
        rt_waker_wake(subject->waker);
    else if (event <= RUN_ABORTING) {
        subject->script.doing = event;
        rt_run_ready(executor);
    } else if (!had_handle)
        return;
    else if (event == ABORT)
        assert_int_equal(rt_abort(subject->handle), !had_ended);
    else if (event == DETACH)
        rt_join_drop(&subject->join, subject->handle);
    else
        join(subject);
}

static bool agrees(const struct subject *subject)
{
    const struct model *model = &subject->model;
    const struct rt_task *task = subject->handle.task;
    if (subject->script.polls != model->polls || subject->script.drops != model->drops)
        return false;
    bool gone = model->ended && !model->handle && !model->queued;
    if (!!(task->state & RT_FREE) != gone ||
        (task->generation != subject->waker.generation) != gone)
        return false;
    return gone || (!!(task->state & RT_QUEUED) == model->queued &&
                    !!(task->state & RT_DONE) == model->ended &&
                    !!(task->state & RT_HANDLE) == model->handle);
}

static void play(const enum event *events)
{
    struct subject subject;
    begin(&subject);
    for (int i = 0; i < LENGTH; i++) {
        struct model before = subject.model;
        model_step(&subject.model, events[i]);
        step(&subject, events[i], before.handle, before.ended);
        if (agrees(&subject))
            continue;
        for (int k = 0; k <= i; k++)
            print_error("%s%s", k ? ", " : "", names[events[k]]);
        fail_msg(": task and model differ");
    }
    if (subject.model.handle) {
        rt_abort(subject.handle);
        rt_detach(subject.handle);
    } else if (!subject.model.ended) {
        rt__task_abort(subject.handle.task);
    }
    rt_run_ready(executor);
    assert_int_equal(executor->live, 1); /* who joins */
}

static rt_poll wait_for_ever(void *frame, struct rt_cx *cx)
{
    (void)frame, (void)cx;
    return RT_PENDING;
}

struct wait_for_ever {
    char nothing;
};

static void test_every_string_of_events(void **state)
{
    (void)state;
    struct rt_handle handle;
    executor = rt_executor_new(NULL);
    assert_non_null(executor);
    assert_int_equal(RT_SPAWN(executor, wait_for_ever, &handle, {0}), 0);
    outside = handle.task;
    rt_run_ready(executor);
    enum event events[LENGTH] = {0};
    int at;
    do {
        play(events);
        for (at = LENGTH - 1; at >= 0 && ++events[at] == EVENTS; at--)
            events[at] = 0;
    } while (at >= 0);
    rt_executor_free(executor);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_string_of_events)};
TEST_MAIN(tests)
