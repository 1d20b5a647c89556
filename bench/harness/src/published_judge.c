/* SPDX-License-Identifier: MIT
 *
 * From published figures and a result to verdicts; the rules stand at enum tc_verdict.
 */
#include "base/status.h"
#include "harness/format.h"
#include "harness/published.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *tc_verdict_name(enum tc_verdict verdict)
{
    static const char *const names[TC_VERDICTS] = {
        [TC_HOLDS] = "holds",
        [TC_SMALLER] = "smaller here",
        [TC_LARGER] = "larger here",
        [TC_NO_DIFFERENCE] = "no difference here",
        [TC_DIFFERS] = "a difference here",
        [TC_REVERSED] = "reversed",
        [TC_NOT_JUDGED] = "not judged",
        [TC_NOT_MEASURED] = "not measured",
    };
    return names[verdict];
}

/* -- rules -- */

/* An open end does not bound anything. */
static double low_end(struct tc_range range)
{
    return isnan(range.low) ? 0 : range.low;
}

static double high_end(struct tc_range range)
{
    return isnan(range.high) ? INFINITY : range.high;
}

/* 1: threads are dearer, -1: async is, 0: about the same. */
static int direction_of(struct tc_range ratio)
{
    if (low_end(ratio) > TC_ABOUT_THE_SAME)
        return 1;
    return high_end(ratio) < 1 / TC_ABOUT_THE_SAME ? -1 : 0;
}

/* Size against size; by how much may be larger or smaller. */
static enum tc_verdict judge_size(struct tc_range published, double here)
{
    if (here < low_end(published) / TC_AGREES_WITHIN)
        return TC_SMALLER;
    return here > high_end(published) * TC_AGREES_WITHIN ? TC_LARGER : TC_HOLDS;
}

enum tc_verdict tc_judge_ratio(struct tc_range published, double here)
{
    if (!isfinite(here) || here <= 0)
        return TC_NOT_JUDGED;
    int direction = direction_of(published);
    int here_direction = direction_of((struct tc_range){here, here});
    if (direction == 0)
        return here_direction == 0 ? TC_HOLDS : TC_DIFFERS;
    if (here_direction == 0)
        return TC_NO_DIFFERENCE;
    if (here_direction != direction)
        return TC_REVERSED;
    if (direction < 0) /* seen from the other side it is the same rule */
        return judge_size((struct tc_range){1 / published.high, 1 / published.low}, 1 / here);
    return judge_size(published, here);
}

/* -- how many at once -- */

struct capacity {
    uint64_t reached, stopped_at; /* 0: none */
    const struct tc_measurement *stop;
};

static struct capacity capacity_of(const tc_json *cell, const struct tc_results *results)
{
    struct capacity capacity = {0};
    const char *workload = tcj_text(tcj_get(cell, "workload"), "");
    const char *model = tcj_text(tcj_get(cell, "model"), "");
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (strcmp(m->cell.workload, workload) != 0 || strcmp(m->cell.model, model) != 0)
            continue;
        if (m->status == TC_OK && m->round_count > 0 && m->cell.tasks > capacity.reached)
            capacity.reached = m->cell.tasks;
        if ((m->status == TC_LIMITED || m->status == TC_FAILED) &&
            (!capacity.stop || m->cell.tasks < capacity.stopped_at)) {
            capacity.stop = m;
            capacity.stopped_at = m->cell.tasks;
        }
    }
    if (capacity.stopped_at <= capacity.reached)
        capacity.stop = NULL; /* it was no lack of room: more were alive elsewhere */
    return capacity;
}

static enum tc_verdict judge_reached(const struct tc_finding *finding, double reached, bool stopped)
{
    bool at_least = strcmp(finding->claim, "at_least") == 0;
    double claimed = low_end(finding->published);
    if (reached >= claimed)
        return at_least ? TC_HOLDS : TC_LARGER;
    if (!stopped)
        return TC_NOT_MEASURED;
    return !at_least && reached >= claimed / TC_AGREES_WITHIN ? TC_HOLDS : TC_SMALLER;
}

static void judge_capacity(struct tc_finding *finding, const tc_json *cell,
                           const struct tc_results *results)
{
    struct capacity capacity = capacity_of(cell, results);
    char reached[32], tried[32];
    tc_format_count(capacity.reached, reached, sizeof reached);
    if (capacity.reached > 0)
        finding->here = (double)capacity.reached;
    finding->verdict = judge_reached(finding, (double)capacity.reached, capacity.stop != NULL);
    if (capacity.stop)
        snprintf(finding->note, sizeof finding->note, "%s were alive, %s were not: %s", reached,
                 tc_format_count(capacity.stopped_at, tried, sizeof tried),
                 capacity.stop->reason ? capacity.stop->reason : "no reason was given");
    else if (capacity.reached == 0)
        snprintf(finding->note, sizeof finding->note, "%s was not run with %s",
                 tcj_text(tcj_get(cell, "workload"), ""), tcj_text(tcj_get(cell, "model"), ""));
    else
        snprintf(finding->note, sizeof finding->note, "%s is the most that was tried", reached);
}

/* -- one figure -- */

static struct tc_range read_range(const tc_json *figure)
{
    struct tc_range range = {NAN, NAN};
    if (tcj_read_number(tcj_get(figure, "value"), &range.low)) {
        range.high = range.low;
        return range;
    }
    tcj_read_number(tcj_get(figure, "low"), &range.low);
    tcj_read_number(tcj_get(figure, "high"), &range.high);
    return range;
}

static void read_figure(struct tc_finding *finding, const tc_json *figure)
{
    *finding = (struct tc_finding){
        .id = tcj_text(tcj_get(figure, "id"), ""),
        .source = tcj_text(tcj_get(tcj_get(figure, "source"), "name"), ""),
        .repository = tcj_text(tcj_get(tcj_get(figure, "source"), "repository"), NULL),
        .operation = tcj_text(tcj_get(figure, "operation"), ""),
        .model = tcj_text(tcj_get(figure, "model"), ""),
        .unit = tcj_text(tcj_get(figure, "unit"), ""),
        .conditions = tcj_text(tcj_get(figure, "conditions"), ""),
        .pair = tcj_text(tcj_get(figure, "pair"), NULL),
        .claim = tcj_text(tcj_get(figure, "claim"), "cost"),
        .published = read_range(figure),
        .here = NAN,
        .published_ratio = {NAN, NAN},
        .here_ratio = {NAN, NAN},
        .verdict = TC_NOT_MEASURED};
}

static bool is_capacity(const struct tc_finding *finding)
{
    return strncmp(finding->claim, "at_", 3) == 0;
}

static void measure(struct tc_finding *finding, const tc_json *figure,
                    const struct tc_results *results)
{
    const tc_json *cell = tcj_get(figure, "cell");
    if (is_capacity(finding))
        judge_capacity(finding, cell, results);
    else
        finding->here = tc_published_value(cell, results, finding->note, sizeof finding->note);
}

/* -- pairs -- */

static const struct tc_finding *pair_of(const struct tc_findings *findings,
                                        const struct tc_finding *finding)
{
    for (size_t i = 0; finding->pair && i < findings->count; i++)
        if (strcmp(findings->items[i].id, finding->pair) == 0)
            return &findings->items[i];
    return NULL;
}

static void pair_ratios(struct tc_finding *finding, const struct tc_finding *pair)
{
    bool is_async = strcmp(finding->model, "async") == 0;
    const struct tc_finding *async = is_async ? finding : pair;
    const struct tc_finding *threads = is_async ? pair : finding;
    double here = threads->here / async->here;
    finding->here_ratio = (struct tc_range){here, here};
    finding->published_ratio = (struct tc_range){threads->published.low / async->published.high,
                                                 threads->published.high / async->published.low};
}

/* A figure that says a ratio is judged as one; its own value is the ratio here. */
static void judge_stated_ratio(struct tc_finding *finding, const struct tc_finding *pair)
{
    double here = pair->here / finding->here;
    finding->published_ratio = finding->published;
    finding->here_ratio = (struct tc_range){here, here};
    finding->here = here;
    finding->verdict = isfinite(here) ? tc_judge_ratio(finding->published, here) : TC_NOT_MEASURED;
}

static void explain_missing_pair(struct tc_finding *finding, const struct tc_finding *pair)
{
    char why[sizeof pair->note]; /* copied: that the two are not one, compilers can't know */
    memcpy(why, pair->note, sizeof why);
    finding->verdict = TC_NOT_MEASURED;
    if (finding->note[0] == '\0')
        snprintf(finding->note, sizeof finding->note, "no ratio without %s: %.300s", pair->model,
                 why);
}

static void judge_pair(struct tc_finding *finding, const struct tc_finding *pair)
{
    if (strcmp(finding->claim, "ratio") == 0) {
        judge_stated_ratio(finding, pair);
        return;
    }
    if (is_capacity(finding))
        return; /* the most that each side was asked for: a ratio of the two would measure the plan
                 */
    pair_ratios(finding, pair);
    if (isnan(finding->here) || isnan(pair->here))
        explain_missing_pair(finding, pair);
    else
        finding->verdict = tc_judge_ratio(finding->published_ratio, finding->here_ratio.low);
}

static void judge_alone(struct tc_finding *finding)
{
    if (is_capacity(finding))
        return;
    if (isnan(finding->here))
        finding->verdict = TC_NOT_MEASURED;
    else if (strcmp(finding->claim, "cost") == 0 && strcmp(finding->unit, "B") == 0)
        finding->verdict = judge_size(finding->published, finding->here);
    else
        finding->verdict = TC_NOT_JUDGED;
}

void tc_findings_make(struct tc_findings *findings, const tc_json *published,
                      const struct tc_results *results)
{
    const tc_json *figures = tcj_get(published, "figures");
    findings->count = tcj_size(figures);
    findings->items = calloc(findings->count + 1, sizeof *findings->items);
    MUST(findings->items);
    for (size_t i = 0; i < findings->count; i++) {
        read_figure(&findings->items[i], tcj_at(figures, i));
        measure(&findings->items[i], tcj_at(figures, i), results);
    }
    for (size_t i = 0; i < findings->count; i++) {
        const struct tc_finding *pair = pair_of(findings, &findings->items[i]);
        if (pair)
            judge_pair(&findings->items[i], pair);
        else
            judge_alone(&findings->items[i]);
    }
}

void tc_findings_clear(struct tc_findings *findings)
{
    free(findings->items);
    *findings = (struct tc_findings){0};
}
