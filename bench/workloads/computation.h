/* SPDX-License-Identifier: MIT
 *
 * Computation of a known length, for workloads whose tasks work between their waits: a chain of
 * steps of a linear congruential generator (the multiplier and increment of Knuth's MMIX, "The Art
 * of Computer Programming" vol. 2, 3.3.4), in registers alone and the same instructions in all
 * models. How many steps a time takes is calibrated when the round begins. Work that fills the
 * caches is left out: it would charge tasks for what it evicts.
 */
#ifndef COMPUTATION_H
#define COMPUTATION_H

#include "harness/workload.h"

#include "base/clock.h"
#include "base/parse.h"
#include "base/status.h"

/* x -> mul * x + add, modulo 2^64. */
struct affine {
    uint64_t mul, add;
};

static const struct affine one_step = {UINT64_C(6364136223846793005),
                                       UINT64_C(1442695040888963407)};

/* Never negative: what is below 2^63 does not depend on the bits above. Not inlined, so that each
 * model runs the same instructions. */
__attribute__((noinline)) static int64_t compute(int64_t value, uint64_t steps)
{
    uint64_t x = (uint64_t)value;
    for (uint64_t i = 0; i < steps; i++)
        x = x * one_step.mul + one_step.add;
    return (int64_t)((x + 1) & INT64_MAX); /* + 1: that even no step at all leaves its mark */
}

/* -- what the answer must be -- */

static inline struct affine affine_after(struct affine first, struct affine second)
{
    return (struct affine){first.mul * second.mul, first.add * second.mul + second.add};
}

/* By squaring (F. B. Brown, "Random Number Generation with Arbitrary Strides", Trans. Am. Nucl.
 * Soc. 71, 1994). */
static inline struct affine affine_power(struct affine base, uint64_t exponent)
{
    struct affine result = {1, 0};
    for (; exponent > 0; exponent /= 2) {
        if (exponent & 1)
            result = affine_after(result, base);
        base = affine_after(base, base);
    }
    return result;
}

/* What `times` calls of compute(), each on the result of the one before, do to a value. */
static inline struct affine computation_repeated(uint64_t steps, uint64_t times)
{
    return affine_power(affine_after(affine_power(one_step, steps), (struct affine){1, 1}), times);
}

static inline int64_t affine_apply(struct affine map, int64_t value)
{
    return (int64_t)((map.mul * (uint64_t)value + map.add) & INT64_MAX);
}

/* -- how long it takes -- */

/* The least of some measurements in ns a step: an interruption makes it only longer. */
static double computation_step_ns(void)
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

/* The steps that take as long as the parameter `name` says, at most a second. */
static uint64_t computation_steps(struct wl_round *round, const char *name)
{
    struct tc_error err;
    uint64_t wanted_ns;
    if (tc_parse_duration(wl_param(round, name), name, TC_NS_PER_S, &wanted_ns, &err) < 0)
        wl_wrong(round, "%s", err.text);
    return wanted_ns ? (uint64_t)((double)wanted_ns / computation_step_ns() + 0.5) : 0;
}

#endif
