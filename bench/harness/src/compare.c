/* SPDX-License-Identifier: MIT
 *
 * A comparison from start to end, and what is said of each row. Which rows there are is
 * compare_rows.c, their numbers are compare_judge.c.
 */
#include "harness/compare.h"

#include "base/status.h"
#include "compare_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [TC_WORSE] = "worse",
    [TC_BETTER] = "better",
    [TC_SAME] = "same",
    [TC_UNCLEAR] = "unclear",
    [TC_NOT_JUDGED] = "not judged",
    [TC_NOT_COMPARABLE] = "not comparable",
};

const char *tc_change_name(enum tc_change change)
{
    return names[change];
}

/* -- judging -- */

static void set_ratio(struct tc_compared *row, const struct tc__shift *shift)
{
    row->raw_ratio = row->new_value / row->base_value;
    row->ratio = exp(shift->shift);
    row->low = exp(shift->low);
    row->high = exp(shift->high);
    if (!tc_more_is_better(row->base))
        return;
    row->ratio = 1 / row->ratio;
    row->low = exp(-shift->high);
    row->high = exp(-shift->low);
}

/* No logarithm of 0: only "both are 0" can be said. */
static void judge_undefined(struct tc_compared *row)
{
    bool zero = row->base_value == 0 && row->new_value == 0;
    row->change = zero ? TC_SAME : TC_NOT_COMPARABLE;
    snprintf(row->reason, sizeof row->reason, "%s",
             zero ? "both are 0" : "there is no ratio to a round of 0 or less");
}

static void judge_row(struct tc__maker *maker, size_t index, double slope)
{
    struct tc_compared *row = &maker->out->rows[index];
    const struct tc__sides *sides = &maker->sides[index];
    if (row->change == TC_NOT_COMPARABLE)
        return;
    row->base_rounds = sides->base.count;
    row->new_rounds = sides->new.count;
    if (sides->base.undefined || sides->new.undefined) {
        judge_undefined(row);
        return;
    }
    struct tc__shift shift = tc__judge(sides, slope, maker->rules->min_effect);
    set_ratio(row, &shift);
    row->adjusted = shift.adjusted;
    if (row->change == TC_NOT_JUDGED)
        return;
    row->p = shift.p;
    if (shift.confounded)
        snprintf(row->reason, sizeof row->reason,
                 "the machine ran at another speed, and no file shows this cell at both");
    else if (isnan(row->low))
        snprintf(row->reason, sizeof row->reason, "too few rounds for an interval");
}

static void adjust_for_many(struct tc_comparison *out)
{
    double *p = malloc((out->count + 1) * sizeof *p);
    MUST(p);
    for (size_t i = 0; i < out->count; i++)
        p[i] = out->rows[i].p;
    tc_holm(p, out->count);
    for (size_t i = 0; i < out->count; i++)
        out->rows[i].p = p[i] > 0.5 ? 1 : 2 * p[i]; /* NaN stays NaN */
    free(p);
}

/* A change among noisy rounds is one to look at twice: `--rerun` does. */
static void note_noise(struct tc_compared *row)
{
    const struct tc_measurement *sides[] = {row->new, row->base};
    for (size_t i = 0; i < 2 && !*row->reason; i++)
        if (sides[i]->quality.verdict == TC_NOISY && sides[i]->quality.reasons.count > 0)
            snprintf(row->reason, sizeof row->reason, "noisy: %.150s",
                     sides[i]->quality.reasons.items[0]);
}

static void conclude(const struct tc__maker *maker, struct tc_compared *row)
{
    double least = 1 + maker->rules->min_effect;
    if (row->change != TC_UNCLEAR)
        return;
    if (row->p < maker->rules->alpha)
        row->change = (row->ratio > 1) == tc_more_is_better(row->base) ? TC_BETTER : TC_WORSE;
    else if (!*row->reason && row->low >= 1 / least && row->high <= least)
        row->change = TC_SAME;
    if (row->change == TC_WORSE || row->change == TC_BETTER)
        note_noise(row);
}

/* -- together -- */

static void judge_together(struct tc__maker *maker, double slope)
{
    struct tc_together *all = &maker->out->together;
    double least = 1 + maker->rules->min_effect;
    struct tc__shift shift = tc__judge_together(maker, slope, &all->rows);
    all->ratio = exp(shift.shift);
    all->low = exp(shift.low);
    all->high = exp(shift.high);
    all->p = shift.p > 0.5 ? 1 : 2 * shift.p;
    all->change = TC_UNCLEAR;
    if (all->p < maker->rules->alpha)
        all->change = all->ratio > 1 ? TC_WORSE : TC_BETTER;
    else if (all->low >= 1 / least && all->high <= least)
        all->change = TC_SAME;
}

/* -- all -- */

static void split_speeds(struct tc__maker *maker)
{
    const struct tc_results *both[] = {maker->base, maker->new};
    if (maker->out->differences.same_machine) {
        maker->base_split = maker->new_split = tc__speed_split(both, 2);
    } else {
        maker->base_split = tc__speed_split(&both[0], 1);
        maker->new_split = tc__speed_split(&both[1], 1);
    }
}

void tc_compare(struct tc_comparison *out, const struct tc_results *base,
                const struct tc_results *new, const struct tc_compare_rules *rules)
{
    struct tc__maker maker = {.base = base, .new = new, .rules = rules, .out = out};
    *out = (struct tc_comparison){0};
    tc_differences_find(&out->differences, base, new);
    split_speeds(&maker);
    tc__add_figures(&maker);
    if (!out->differences.same_machine)
        tc__add_ratios(&maker);
    double slope = tc__common_slope(maker.sides, out->count);
    for (size_t i = 0; i < out->count; i++)
        judge_row(&maker, i, slope);
    judge_together(&maker, slope);
    adjust_for_many(out);
    for (size_t i = 0; i < out->count; i++) {
        conclude(&maker, &out->rows[i]);
        out->changes[out->rows[i].change]++;
        tc__series_clear(&maker.sides[i].base);
        tc__series_clear(&maker.sides[i].new);
    }
    free(maker.sides);
    out->only_base = tc__alone(&maker, base, new, &out->only_base_count);
    out->only_new = tc__alone(&maker, new, base, &out->only_new_count);
}

void tc_comparison_clear(struct tc_comparison *comparison)
{
    tc_differences_clear(&comparison->differences);
    free(comparison->rows);
    free((void *)comparison->only_base);
    free((void *)comparison->only_new);
    *comparison = (struct tc_comparison){0};
}
