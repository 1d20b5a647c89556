/* SPDX-License-Identifier: MIT
 *
 * What a worker printed, checked against docs/protocol.md and added to the document. Checked whole
 * before anything is added, so that a worker that breaks off in the middle adds nothing.
 */
#include "base/status.h"
#include "harness/results.h"
#include "results_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* -- samples -- */

static bool read_histogram(const tc_json *pairs, struct tc_round *round)
{
    if (!tcj_is_array(pairs))
        return false;
    round->hist = tc_hist_new();
    MUST(round->hist);
    for (size_t i = 0; i < tcj_size(pairs); i++) {
        int64_t low, count;
        const tc_json *pair = tcj_at(pairs, i);
        if (!tcj_is_array(pair) || tcj_size(pair) != 2 ||
            !tcj_read_integer(tcj_at(pair, 0), &low) ||
            !tcj_read_integer(tcj_at(pair, 1), &count) || low < 0 || count < 0)
            return false;
        tc_hist_add_count(round->hist, (uint64_t)low, (uint64_t)count);
    }
    round->median = tc_hist_quantile(round->hist, 0.5);
    return true;
}

bool tc__read_samples(const tc_json *from, struct tc_round *round)
{
    const tc_json *pairs = tcj_get(from, "histogram"), *samples = tcj_get(from, "samples");
    if (pairs)
        return read_histogram(pairs, round);
    if (!tcj_is_array(samples))
        return false;
    size_t count = tcj_size(samples);
    round->samples = malloc((count + 1) * sizeof *round->samples);
    MUST(round->samples);
    for (size_t i = 0; i < count; i++)
        if (!tcj_read_number(tcj_at(samples, i), &round->samples[i]))
            return false;
    round->sample_count = count;
    round->median = tc_median(round->samples, count);
    return true;
}

static bool has_samples(const struct tc_round *round)
{
    return round->sample_count > 0 || (round->hist && round->hist->total > 0);
}

/* -- checking -- */

static int check_metric(const tc_json *metric, const char *who, size_t index, struct tc_error *err)
{
    struct tc_round round = {0};
    const char *name = tcj_text(tcj_get(metric, "name"), "");
    if (!*name || !*tcj_text(tcj_get(metric, "unit"), ""))
        return tc_fail(err, -EINVAL, "%s: metric %zu must have a name and a unit", who, index);
    bool good = tc__read_samples(metric, &round);
    tc__round_clear(&round);
    if (!good)
        return tc_fail(err, -EINVAL,
                       "%s: metric %s must have \"samples\": [numbers] or \"histogram\": "
                       "[[lowest, count], ...]",
                       who, name);
    return 0;
}

static int check_metrics(const tc_json *metrics, const char *who, struct tc_error *err)
{
    if (!tcj_is_array(metrics) || tcj_size(metrics) == 0)
        return tc_fail(err, -EINVAL, "%s: a round that is ok must have a list of metrics", who);
    for (size_t i = 0; i < tcj_size(metrics); i++) {
        int code = check_metric(tcj_at(metrics, i), who, i, err);
        if (code < 0)
            return code;
    }
    return 0;
}

static int check_names(const struct tc_cell *cell, const tc_json *round, const char *who,
                       struct tc_error *err)
{
    const struct {
        const char *key, *expected;
    } names[] = {
        {"protocol", "taskcost-worker"}, {"model", cell->model}, {"workload", cell->workload}};
    int64_t version = 0;
    for (size_t i = 0; i < TC_COUNT_OF(names); i++) {
        const char *given = tcj_text(tcj_get(round, names[i].key), "");
        if (strcmp(given, names[i].expected) != 0)
            return tc_fail(err, -EINVAL, "%s: \"%s\" is '%s', expected '%s'", who, names[i].key,
                           given, names[i].expected);
    }
    if (!tcj_read_integer(tcj_get(round, "protocol_version"), &version) || version != 1)
        return tc_fail(err, -EINVAL, "%s: \"protocol_version\" must be 1", who);
    return 0;
}

static int check_parameters(const tc_json *parameters, const char *who, struct tc_error *err)
{
    if (parameters && !tcj_is_object(parameters))
        return tc_fail(err, -EINVAL, "%s: \"parameters\" must be an object", who);
    for (void *it = tcj_first(parameters); it; it = tcj_next(parameters, it))
        if (!tcj_text(tcj_value(it), NULL))
            return tc_fail(err, -EINVAL, "%s: parameter %s must be a string", who, tcj_key(it));
    return 0;
}

static int read_status(const tc_json *round, const char *who, enum tc_status *status,
                       struct tc_error *err)
{
    const char *given = tcj_text(tcj_get(round, "status"), "");
    for (enum tc_status s = TC_OK; s <= TC_LIMITED; s++) {
        if (strcmp(given, tc_status_name(s)) != 0)
            continue;
        if (s != TC_OK && !*tcj_text(tcj_get(round, "reason"), ""))
            return tc_fail(err, -EINVAL, "%s: a %s round must give its reason", who, given);
        *status = s;
        return 0;
    }
    return tc_fail(err, -EINVAL, "%s: \"status\" is '%s', expected ok, skipped, failed or limited",
                   who, given);
}

static int check_round(const struct tc_cell *cell, const tc_json *round, enum tc_status *status,
                       struct tc_error *err)
{
    char who[128];
    snprintf(who, sizeof who, "worker-%s", cell->model);
    if (!tcj_is_object(round))
        return tc_fail(err, -EINVAL, "%s: printed %s, expected one JSON object", who,
                       tcj_type_name(round));
    int code = check_names(cell, round, who, err);
    if (code == 0)
        code = read_status(round, who, status, err);
    if (code == 0)
        code = check_parameters(tcj_get(round, "parameters"), who, err);
    if (code == 0 && *status == TC_OK)
        code = check_metrics(tcj_get(round, "metrics"), who, err);
    return code;
}

/* -- adding -- */

/* A metric that comes up after a round of its cell has failed is marked like the rest. */
static void inherit_marks(const struct tc_results *results, struct tc_measurement *added)
{
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (m != added && (m->status == TC_FAILED || m->status == TC_LIMITED) &&
            tc_cell_same_plan(&m->cell, &added->cell))
            tc__mark(added, m->status, m->reason, m->limit);
    }
}

static void add_reported(struct tc_cell *cell, const tc_json *parameters)
{
    for (void *it = tcj_first(parameters); it; it = tcj_next(parameters, it)) {
        const char *name = tcj_key(it);
        if (tc_cell_param(cell, name))
            continue;
        tc_cell_set_param(cell, name, tcj_text(tcj_value(it), ""));
        for (size_t i = 0; i < cell->param_count; i++)
            if (strcmp(cell->params[i].name, name) == 0)
                cell->params[i].reported = true;
    }
}

static struct tc_measurement *measurement_for(struct tc_results *results,
                                              const struct tc_cell *cell, const tc_json *parameters,
                                              const char *metric, const char *unit)
{
    const struct tc_measurement *known = tc_results_lookup(results, cell, metric);
    if (known)
        return &results->measurements[known - results->measurements];
    struct tc_measurement *added = tc__add_measurement(results);
    tc_cell_copy(&added->cell, cell);
    add_reported(&added->cell, parameters);
    added->metric = tc__copy(metric);
    added->unit = tc__copy(unit);
    inherit_marks(results, added);
    tc_measurement_summarise(added); /* undefined, which is not 0 */
    return added;
}

/* What a round has met: why it was limited, or what it was looking for (the workload `limit`). */
static const tc_json *limit_of(const tc_json *round)
{
    const tc_json *limit = tcj_get(round, "limit");
    return tcj_is_object(limit) ? limit : NULL;
}

/* True if it took the observations along: the first metric of a round that has samples does. */
static bool add_metric(struct tc_results *results, const struct tc_cell *cell, uint64_t block,
                       const tc_json *round, const tc_json *metric, bool with_observed)
{
    struct tc_round samples = {.block = block};
    struct tc_measurement *m = measurement_for(results, cell, tcj_get(round, "parameters"),
                                               tcj_text(tcj_get(metric, "name"), ""),
                                               tcj_text(tcj_get(metric, "unit"), ""));
    MUST(tc__read_samples(metric, &samples)); /* checked before */
    if (!has_samples(&samples)) {
        tc__mark(m, TC_SKIPPED, tcj_text(tcj_get(metric, "reason"), "the worker gave no samples"),
                 NULL);
        tc__round_clear(&samples);
        return false;
    }
    if (with_observed && tcj_is_object(tcj_get(round, "observed")))
        samples.observed = tcj_keep(tcj_get(round, "observed"));
    *tc__add_round(m) = samples;
    tc__mark(m, TC_OK, NULL, limit_of(round));
    m->stale = true;
    return true;
}

static void mark_cell(struct tc_results *results, const struct tc_cell *cell,
                      const tc_json *parameters, enum tc_status status, const char *reason,
                      const tc_json *limit)
{
    bool found = false;
    for (size_t i = 0; i < results->measurement_count; i++) {
        if (!tc_cell_same_plan(&results->measurements[i].cell, cell))
            continue;
        tc__mark(&results->measurements[i], status, reason, limit);
        found = true;
    }
    if (!found)
        tc__mark(measurement_for(results, cell, parameters, "round", "1"), status, reason, limit);
}

int tc_results_add_round(struct tc_results *results, const struct tc_cell *cell, uint64_t block,
                         const tc_json *round, struct tc_error *err)
{
    enum tc_status status = TC_FAILED;
    int code = check_round(cell, round, &status, err);
    if (code < 0)
        return code;
    if (status != TC_OK) {
        mark_cell(results, cell, tcj_get(round, "parameters"), status,
                  tcj_text(tcj_get(round, "reason"), ""), limit_of(round));
        return 0;
    }
    const tc_json *metrics = tcj_get(round, "metrics");
    bool observed = false;
    for (size_t i = 0; i < tcj_size(metrics); i++)
        observed |= add_metric(results, cell, block, round, tcj_at(metrics, i), !observed);
    return 0;
}

void tc_results_add_failure(struct tc_results *results, const struct tc_cell *cell,
                            enum tc_status status, const char *reason)
{
    mark_cell(results, cell, NULL, status, reason, NULL);
}
