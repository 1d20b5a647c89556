/* SPDX-License-Identifier: MIT
 *
 * switch-channel with computation: a value goes round a ring of N tasks joined by one-slot
 * channels, and whoever holds it computes for W nanoseconds before passing it on. Against W one
 * sees where the cost of a switch stops mattering.
 *
 * The computation is a chain of steps of a linear congruential generator (the multiplier and
 * increment of Knuth's MMIX, "The Art of Computer Programming" vol. 2, 3.3.4), in registers alone
 * and the same instructions in all models. How many steps W takes is calibrated when the round
 * begins; the result says how many (`steps`) and what they took (`computation`). The state of the
 * generator is the value that goes round, so that the answer proves that all of it was computed: a
 * whole lap is one step of another such generator, found by squaring (F. B. Brown, "Random Number
 * Generation with Arbitrary Strides", Trans. Am. Nucl. Soc. 71, 1994).
 *
 * Machines change speed for seconds at a time. So after each sample the computation is timed alone,
 * for a quarter as long, and `overhead` is what a hop took beyond it at that very moment. Work that
 * fills the caches is left out: it would charge tasks for what it evicts.
 */
#include "model.h"

#include "base/parse.h"

#include <stdlib.h>

/* x -> mul * x + add, modulo 2^64. */
struct affine {
    uint64_t mul, add;
};

static const struct affine one_step = {UINT64_C(6364136223846793005),
                                       UINT64_C(1442695040888963407)};

/* Values are never negative: what is below 2^63 does not depend on the bits above. */
enum { STOP = -1, ALONE_SHARE = 4 };

struct computation {
    uint64_t steps;    /* of each hop */
    struct affine lap; /* what a whole lap does to the value */
};

/* Not inlined, so that each model runs the same instructions. */
__attribute__((noinline)) static int64_t compute(int64_t value, uint64_t steps)
{
    uint64_t x = (uint64_t)value;
    for (uint64_t i = 0; i < steps; i++)
        x = x * one_step.mul + one_step.add;
    return (int64_t)((x + 1) & INT64_MAX); /* + 1: that even no step at all leaves its mark */
}

/* -- what the answer must be -- */

static struct affine after(struct affine first, struct affine second)
{
    return (struct affine){first.mul * second.mul, first.add * second.mul + second.add};
}

static struct affine power(struct affine base, uint64_t exponent)
{
    struct affine result = {1, 0};
    for (; exponent > 0; exponent /= 2) {
        if (exponent & 1)
            result = after(result, base);
        base = after(base, base);
    }
    return result;
}

static int64_t apply(struct affine map, int64_t value)
{
    return (int64_t)((map.mul * (uint64_t)value + map.add) & INT64_MAX);
}

/* -- calibration -- */

/* The least of some measurements in ns a step: an interruption makes it only longer. */
static double step_ns(void)
{
    enum { STEPS = 20000, TIMES = 20 };
    double best_ns = 1e9;
    int64_t value = 1;
    for (int i = 0; i < TIMES; i++) {
        uint64_t start_ns = tc_now_ns();
        value = compute(value, STEPS);
        double took_ns = (double)(tc_now_ns() - start_ns) / STEPS;
        if (took_ns < best_ns)
            best_ns = took_ns;
    }
    MUST(value >= 0);
    return best_ns > 0 ? best_ns : 1;
}

static struct computation calibrate(struct wl_round *round)
{
    struct tc_error err;
    uint64_t work_ns;
    if (tc_parse_duration(wl_param(round, "work"), "work", TC_NS_PER_S, &work_ns, &err) < 0)
        wl_wrong(round, "%s", err.text);
    struct computation it = {.steps = (uint64_t)((double)work_ns / step_ns() + 0.5)};
    it.lap = power(after(power(one_step, it.steps), (struct affine){1, 1}), wl_tasks(round));
    return it;
}

/* Ends a sample of `hops` hops: the computation alone is timed, then both are recorded. */
static void record(struct wl_round *round, const struct computation *it, uint64_t elapsed_ns,
                   uint64_t hops)
{
    uint64_t times = hops / ALONE_SHARE + 1;
    int64_t value = 1;
    uint64_t start_ns = tc_now_ns();
    for (uint64_t i = 0; i < times; i++)
        value = compute(value, it->steps);
    double alone_ns = (double)(tc_now_ns() - start_ns) / (double)times;
    MUST(value >= 0);
    wl_record_extra(round, "overhead", (double)elapsed_ns / (double)hops - alone_ns);
    wl_record_extra(round, "computation", alone_ns);
    wl_record_extra(round, "steps", (double)it->steps);
    wl_record(round, elapsed_ns, hops);
}

#ifdef MODEL_FLOOR

/* An indirect call a hop over memory laid out as in switch-channel's floor. */
struct slot {
    _Alignas(64) int64_t value;
};

struct frame {
    void (*step)(struct frame *frame);
    char between[48];
    uint64_t steps;
    struct slot *in, *out;
};

static void step(struct frame *frame)
{
    frame->out->value = compute(frame->in->value, frame->steps);
}

static void run(struct wl_round *round)
{
    struct computation it = calibrate(round);
    uint64_t tasks = wl_tasks(round), laps;
    int64_t expected = 1;
    struct slot *slots = wl_alloc(round, tasks, sizeof *slots);
    struct frame *frames = wl_alloc(round, tasks, sizeof *frames),
                 **ring = wl_alloc(round, tasks, sizeof *ring);
    for (uint64_t i = 0; i < tasks; i++) {
        ring[i] = &frames[i];
        frames[i] = (struct frame){
            .step = step, .steps = it.steps, .in = &slots[i], .out = &slots[(i + 1) % tasks]};
    }
    slots[0].value = expected;
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++)
            for (uint64_t i = 0; i < tasks; i++)
                ring[i]->step(ring[i]);
        record(round, &it, tc_now_ns() - start_ns, laps * tasks);
        expected = apply(power(it.lap, laps), expected);
        WL_EXPECT(round, slots[0].value, expected);
    }
    free(slots);
    free(frames);
    free(ring);
}

#else

TASK(relay, {
    chan_t in;
    chan_t out;
    uint64_t steps;
    int64_t value;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT(chan_recv(self->in, &self->value));
        if (self->value < 0)
            break;
        self->value = compute(self->value, self->steps);
        AWAIT(chan_send(self->out, self->value));
    }
    AWAIT(chan_send(self->out, self->value));
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    chan_t *ring;
    handle_t *handles;
    struct computation it;
    uint64_t tasks;
    uint64_t i;
    uint64_t laps;
    uint64_t lap;
    uint64_t start_ns;
    int64_t value;
    int64_t expected;
})
{
    TASK_BEGIN;
    for (uint64_t i = 1; i < self->tasks; i++)
        WL_TRY(self->round,
               SPAWN(relay, &self->handles[i],
                     {.in = self->ring[i - 1], .out = self->ring[i], .steps = self->it.steps}),
               i);
    self->value = self->expected = 1;
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            self->value = compute(self->value, self->it.steps);
            AWAIT(chan_send(self->ring[0], self->value));
            AWAIT(chan_recv(self->ring[self->tasks - 1], &self->value));
        }
        record(self->round, &self->it, tc_now_ns() - self->start_ns, self->laps * self->tasks);
        self->expected = apply(power(self->it.lap, self->laps), self->expected);
        WL_EXPECT(self->round, self->value, self->expected);
    }
    /* It ends each relay on its way round. */
    AWAIT(chan_send(self->ring[0], STOP));
    AWAIT(chan_recv(self->ring[self->tasks - 1], &self->value));
    for (self->i = 1; self->i < self->tasks; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    struct computation it = calibrate(round);
    chan_t *ring = wl_alloc(round, tasks, sizeof *ring);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    for (uint64_t i = 0; i < tasks; i++)
        if (!(ring[i] = chan_new(1)))
            wl_fail(round, -ENOMEM, "chan_new", i);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round, .ring = ring, .handles = handles, .it = it, .tasks = tasks}),
           0);
    for (uint64_t i = 0; i < tasks; i++)
        chan_free(ring[i]);
    free(handles);
    free(ring);
}

#endif

const struct workload work = {
    .name = "work",
    .question = "how much work between two waits makes the cost of a switch not matter?",
    .metrics = {{.name = "hop", .unit = "ns"},
                {.name = "overhead", .unit = "ns"},
                {.name = "computation", .unit = "ns"},
                {.name = "steps", .unit = "count"}},
    .params = {{"work", "0ns,100ns,1us,3us,10us,30us,100us,300us,1ms,...",
                "computation a hop; calibrated when the round begins"}},
    .sweeps = {{"quick", "async,threads", "one-core", "100", "work=1us|100us"},
               {"default", "", "one-core", "100", "work=0ns|1us|10us|100us"},
               {"full", "", "one-core", "100", "work=100ns|3us|30us|300us|1ms"},
               {"full", "async,threads", "free", "100", "work=0ns|1us|10us|100us|300us|1ms"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 100,
    .run = run,
};
