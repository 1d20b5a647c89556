/* SPDX-License-Identifier: MIT
 *
 * From the claims document and a result to cases and verdicts.
 *
 * A claim's "test" names the cells of one side ("over") by patterns, and what is changed in each of
 * them to find the other side ("under"). The rule says what is accepted. Claims about how many
 * tasks can live are judged by the most that were alive.
 */
#include "harness/claims.h"

#include "harness/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *tc_claim_verdict_name(enum tc_claim_verdict verdict)
{
    static const char *const names[TC_CLAIM_VERDICTS] = {
        [TC_CLAIM_HOLDS] = "holds",
        [TC_CLAIM_FAILS] = "fails",
        [TC_CLAIM_DEPENDS] = "depends",
        [TC_CLAIM_UNDECIDED] = "undecided",
        [TC_CLAIM_NOT_MEASURED] = "not measured",
    };
    return names[verdict];
}

static bool rule_is(const struct tc_claim *claim, const char *rule)
{
    return strcmp(claim->rule, rule) == 0;
}

/* -- reading -- */

static double number_or_nan(const tc_json *object, const char *key)
{
    double number = NAN;
    return tcj_read_number(tcj_get(object, key), &number) ? number : NAN;
}

/* Costs, ratios and sizes agree within a factor, as with the published figures; two costs are the
 * same within another; an order and a target are taken at their word. */
static struct tc_range accepted_range(const struct tc_claim *claim)
{
    struct tc_range range = claim->claimed;
    if (rule_is(claim, "order"))
        return (struct tc_range){1, NAN};
    if (rule_is(claim, "same"))
        return (struct tc_range){1 / TC_ABOUT_THE_SAME, TC_ABOUT_THE_SAME};
    if (rule_is(claim, "target"))
        return range;
    return (struct tc_range){range.low / TC_AGREES_WITHIN, range.high * TC_AGREES_WITHIN};
}

static struct tc_claim read_claim(const tc_json *item)
{
    const tc_json *test = tcj_get(item, "test");
    struct tc_claim claim = {
        .id = tcj_text(tcj_get(item, "id"), ""),
        .source = tcj_text(tcj_get(item, "source"), ""),
        .text = tcj_text(tcj_get(item, "claim"), ""),
        .conditions = tcj_text(tcj_get(item, "conditions"), ""),
        .rule = tcj_text(tcj_get(test, "rule"), ""),
        .unit = tcj_text(tcj_get(item, "unit"), "ratio"),
        .claimed = {number_or_nan(item, "low"), number_or_nan(item, "high")},
        .here = {NAN, NAN, NAN, 0},
        .verdict = TC_CLAIM_NOT_MEASURED,
    };
    claim.unit_here = tcj_get(test, "under") ? "ratio" : claim.unit;
    claim.accepted = accepted_range(&claim);
    return claim;
}

/* -- which cells -- */

/* An absent list lets everything through. */
static bool listed(const tc_json *list, const char *word)
{
    for (size_t i = 0; i < tcj_size(list); i++)
        if (strcmp(tcj_text(tcj_at(list, i), ""), word) == 0)
            return true;
    return list == NULL;
}

static bool within(const tc_json *range, double number)
{
    double low = -INFINITY, high = INFINITY;
    tcj_read_number(tcj_at(range, 0), &low);
    tcj_read_number(tcj_at(range, 1), &high);
    return number >= low && number <= high;
}

/* What a cell has no choice of, or had none of when the file was written, can't be another. */
static bool parameters_fit(const tc_json *parameters, const struct tc_cell *cell)
{
    for (void *it = tcj_first(parameters); it; it = tcj_next(parameters, it)) {
        const char *value = tc_cell_param(cell, tcj_key(it));
        if (value && !listed(tcj_value(it), value))
            return false;
    }
    return true;
}

static const char *first_metric(const tc_json *side)
{
    return tcj_text(tcj_at(tcj_get(side, "metrics"), 0), "");
}

static bool fits(const tc_json *side, const struct tc_measurement *m)
{
    return m->status == TC_OK && strcmp(m->metric, first_metric(side)) == 0 &&
           listed(tcj_get(side, "workloads"), m->cell.workload) &&
           strcmp(tcj_text(tcj_get(side, "model"), ""), m->cell.model) == 0 &&
           listed(tcj_get(side, "placements"), m->cell.placement) &&
           within(tcj_get(side, "tasks"), (double)m->cell.tasks) &&
           parameters_fit(tcj_get(side, "parameters"), &m->cell);
}

/* The other side's measurement: the same cell but for what `under` names. */
static const struct tc_measurement *other_side(const tc_json *under, const struct tc_measurement *m,
                                               const struct tc_results *results)
{
    struct tc_cell like = {0};
    int64_t tasks = 0;
    tc_cell_copy(&like, &m->cell);
    tcj_read_integer(tcj_get(under, "tasks"), &tasks);
    const tc_json *parameters = tcj_get(under, "parameters");
    for (void *it = tcj_first(parameters); it; it = tcj_next(parameters, it))
        tc_cell_set_param(&like, tcj_key(it), tcj_text(tcj_value(it), ""));
    const struct tc_measurement *found =
        tc_counterpart(results, &like, tcj_text(tcj_get(under, "model"), like.model),
                       tcj_text(tcj_get(under, "placement"), NULL), (uint64_t)tasks,
                       tcj_get(under, "metrics") ? first_metric(under) : m->metric);
    tc_cell_clear(&like);
    return found;
}

/* -- figures -- */

/* All metrics of the cell of `m` added up, less those of the model `minus`, if there is one. */
static struct tc_series figure_of(const tc_json *metrics, const struct tc_measurement *m,
                                  const char *minus, const struct tc_results *results)
{
    struct tc_series sum = tc_series_of(m);
    for (size_t i = 1; i < tcj_size(metrics); i++)
        sum = tc_series_combine(
            sum, '+',
            tc_series_of(tc_results_lookup(results, &m->cell, tcj_text(tcj_at(metrics, i), ""))));
    if (minus)
        sum = tc_series_combine(
            sum, '-', tc_series_of(tc_counterpart(results, &m->cell, minus, NULL, 0, m->metric)));
    return sum;
}

static bool make_case(const tc_json *test, const struct tc_measurement *m,
                      const struct tc_results *results, struct tc_case *out)
{
    const tc_json *under = tcj_get(test, "under");
    const char *minus = tcj_text(tcj_get(test, "minus"), NULL);
    const tc_json *metrics = tcj_get(tcj_get(test, "over"), "metrics");
    *out = (struct tc_case){.over = m};
    if (under && !(out->under = other_side(under, m, results)))
        return false;
    struct tc_series series = figure_of(metrics, m, minus, results);
    if (under)
        series = tc_series_combine(
            series, '/',
            figure_of(tcj_get(under, "metrics") ? tcj_get(under, "metrics") : metrics, out->under,
                      minus, results));
    out->effect = tc_series_effect(&series);
    tc_series_free(&series);
    return isfinite(out->effect.value);
}

/* An order is decided by the interval where there is one; what has a tolerance, by the figure. */
static int outcome_of(const struct tc_claim *claim, const struct tc_effect *effect)
{
    bool strict = rule_is(claim, "order");
    double low = strict && isfinite(effect->low) ? effect->low : effect->value;
    double high = strict && isfinite(effect->high) ? effect->high : effect->value;
    double least = isnan(claim->accepted.low) ? -INFINITY : claim->accepted.low;
    double most = isnan(claim->accepted.high) ? INFINITY : claim->accepted.high;
    if (low >= least && high <= most)
        return 1;
    return high < least || low > most ? -1 : 0;
}

static int by_effect(const void *left, const void *right)
{
    const struct tc_case *a = left, *b = right;
    return (a->effect.value > b->effect.value) - (a->effect.value < b->effect.value);
}

static void collect_cases(struct tc_claim *claim, const tc_json *test,
                          const struct tc_results *results)
{
    claim->cases = calloc(results->measurement_count + 1, sizeof *claim->cases);
    MUST(claim->cases);
    for (size_t i = 0; i < results->measurement_count; i++) {
        struct tc_case *next = &claim->cases[claim->case_count];
        if (!fits(tcj_get(test, "over"), &results->measurements[i]) ||
            !make_case(test, &results->measurements[i], results, next))
            continue;
        next->outcome = outcome_of(claim, &next->effect);
        claim->case_count++;
    }
    qsort(claim->cases, claim->case_count, sizeof *claim->cases, by_effect);
}

/* -- verdicts -- */

static void say_what_is_missing(struct tc_claim *claim, const tc_json *test)
{
    const tc_json *over = tcj_get(test, "over");
    const char *needs = tcj_text(tcj_get(test, "needs"), NULL);
    char workloads[200] = "";
    for (size_t i = 0, used = 0; i < tcj_size(tcj_get(over, "workloads")) && used < 150; i++)
        used +=
            (size_t)snprintf(workloads + used, sizeof workloads - used, "%s%.40s", i ? ", " : "",
                             tcj_text(tcj_at(tcj_get(over, "workloads"), i), ""));
    if (needs)
        snprintf(claim->on, sizeof claim->on, "needs %s", needs);
    else
        snprintf(claim->on, sizeof claim->on, "no such cells of %s with %s in this file", workloads,
                 tcj_text(tcj_get(over, "model"), ""));
}

static void judge_cases(struct tc_claim *claim)
{
    size_t holds = 0, fails = 0;
    for (size_t i = 0; i < claim->case_count; i++) {
        holds += claim->cases[i].outcome > 0;
        fails += claim->cases[i].outcome < 0;
    }
    claim->here = claim->cases[claim->case_count / 2].effect;
    claim->verdict = holds && fails ? TC_CLAIM_DEPENDS
                     : holds        ? TC_CLAIM_HOLDS
                     : fails        ? TC_CLAIM_FAILS
                                    : TC_CLAIM_UNDECIDED;
    if (claim->verdict == TC_CLAIM_DEPENDS)
        tc_claim_explain(claim, claim->on, sizeof claim->on);
}

static double most_alive(const char *model, const struct tc_results *results)
{
    double reached = 0;
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (m->status == TC_OK && strcmp(m->cell.model, model) == 0 &&
            strcmp(m->metric, "tasks_alive") == 0)
            reached = fmax(reached, m->summary.median);
    }
    return reached;
}

/* Whether the cell met a limit above `reached`, or is the search for one that ended there. */
static bool is_refusal(const struct tc_measurement *m, double reached)
{
    if (m->status == TC_LIMITED)
        return (double)m->cell.tasks > reached;
    return m->status == TC_OK && m->limit && strcmp(m->metric, "tasks_alive") == 0 &&
           m->summary.median >= reached;
}

/* The cell with the fewest tasks that shows where it stopped, or NULL. */
static const struct tc_measurement *refused(const char *model, double reached,
                                            const struct tc_results *results)
{
    const struct tc_measurement *stop = NULL;
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (strcmp(m->cell.model, model) == 0 && is_refusal(m, reached) &&
            (!stop || m->cell.tasks < stop->cell.tasks))
            stop = m;
    }
    return stop;
}

/* So many tasks at once: the most that were alive, whichever workload made them. */
static void judge_capacity(struct tc_claim *claim, const char *model,
                           const struct tc_results *results)
{
    double reached = most_alive(model, results);
    const struct tc_measurement *stop = refused(model, reached, results);
    bool at_least = rule_is(claim, "at_least"), enough = reached >= claim->claimed.low;
    bool near = reached >= claim->accepted.low; /* stopped about where it was said to stop */
    char count[32];
    if (reached == 0)
        return;
    claim->here.value = reached;
    if (enough)
        claim->verdict = at_least ? TC_CLAIM_HOLDS : TC_CLAIM_FAILS;
    else if (stop)
        claim->verdict = !at_least && near ? TC_CLAIM_HOLDS : TC_CLAIM_FAILS;
    if (stop)
        snprintf(claim->on, sizeof claim->on, "%s tasks were refused: %s",
                 tc_format_count(stop->cell.tasks, count, sizeof count),
                 stop->reason ? stop->reason
                              : tcj_text(tcj_get(stop->limit, "name"), "no reason was given"));
    else
        snprintf(claim->on, sizeof claim->on, "%s is the most that was tried",
                 tc_format_count((uint64_t)reached, count, sizeof count));
}

static void judge(struct tc_claim *claim, const tc_json *test, const struct tc_results *results)
{
    say_what_is_missing(claim, test);
    if (strncmp(claim->rule, "at_", 3) == 0) {
        judge_capacity(claim, tcj_text(tcj_get(tcj_get(test, "over"), "model"), ""), results);
        return;
    }
    if (!tcj_get(test, "over"))
        return;
    collect_cases(claim, test, results);
    if (claim->case_count > 0) {
        claim->on[0] = '\0';
        judge_cases(claim);
    }
}

void tc_claims_make(struct tc_claims *claims, const tc_json *document,
                    const struct tc_results *results)
{
    const tc_json *items = tcj_get(document, "claims");
    claims->count = tcj_size(items);
    claims->items = calloc(claims->count + 1, sizeof *claims->items);
    MUST(claims->items);
    for (size_t i = 0; i < claims->count; i++) {
        claims->items[i] = read_claim(tcj_at(items, i));
        judge(&claims->items[i], tcj_get(tcj_at(items, i), "test"), results);
    }
}

void tc_claims_clear(struct tc_claims *claims)
{
    for (size_t i = 0; i < claims->count; i++)
        free(claims->items[i].cases);
    free(claims->items);
    *claims = (struct tc_claims){0};
}
