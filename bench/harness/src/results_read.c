/* SPDX-License-Identifier: MIT
 *
 * From a results file to the document. The schema has been checked by then, so that reading is
 * plain; what it leaves open (two cells alike, a limit's fields) is tolerated. Summaries are taken
 * as they were written: they are the run's own word, and computing them anew would take a second.
 */
#include "base/status.h"
#include "harness/quality.h"
#include "harness/results.h"
#include "harness/schema.h"
#include "results_internal.h"
#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static uint64_t count_of(const tc_json *value)
{
    int64_t count = 0;
    tcj_read_integer(value, &count);
    return count < 0 ? 0 : (uint64_t)count;
}

static tc_json *object_or_null(tc_json *value)
{
    return tcj_is_object(value) ? tcj_keep(value) : NULL;
}

static void read_optional(struct tc_results *results, const tc_json *run)
{
    double elapsed_s = 0;
    const tc_json *resumed = tcj_get(run, "resumed");
    results->rules = object_or_null(tcj_get(run, "rules"));
    results->request = object_or_null(tcj_get(run, "request"));
    results->injected_percent = count_of(tcj_get(run, "injected_percent"));
    if (tcj_read_number(tcj_get(run, "elapsed_s"), &elapsed_s) && elapsed_s < 1e12)
        results->elapsed_ms = (uint64_t)llround(fmax(elapsed_s, 0) * 1000);
    for (size_t i = 0; i < tcj_size(resumed); i++)
        tc_words_add(&results->resumed, tcj_text(tcj_at(resumed, i), ""));
}

static void read_run(struct tc_results *results, const tc_json *run)
{
    const struct {
        char **field;
        const char *key;
    } texts[] = {{&results->id, "id"},
                 {&results->started, "started"},
                 {&results->finished, "finished"},
                 {&results->profile, "profile"},
                 {&results->command, "command"},
                 {&results->version, "version"},
                 {&results->commit, "commit"},
                 {&results->stopped_by, "stopped_by"}};
    for (size_t i = 0; i < TC_COUNT_OF(texts); i++)
        *texts[i].field = tc__copy(tcj_text(tcj_get(run, texts[i].key), NULL));
    results->seed = count_of(tcj_get(run, "seed"));
    tcj_read_bool(tcj_get(run, "complete"), &results->complete);
    read_optional(results, run);
}

static void read_warnings(struct tc_results *results, const tc_json *list)
{
    for (size_t i = 0; i < tcj_size(list); i++) {
        const tc_json *item = tcj_at(list, i);
        tc_results_add_warning(results, tcj_text(tcj_get(item, "id"), ""),
                               tcj_text(tcj_get(item, "cause"), ""),
                               tcj_text(tcj_get(item, "remedy"), ""));
    }
}

static bool lists(const tc_json *names, const char *name)
{
    for (size_t i = 0; i < tcj_size(names); i++)
        if (strcmp(tcj_text(tcj_at(names, i), ""), name) == 0)
            return true;
    return false;
}

static void read_cell(struct tc_cell *cell, const tc_json *item)
{
    const tc_json *parameters = tcj_get(item, "parameters"), *reported = tcj_get(item, "reported");
    cell->workload = tc__copy(tcj_text(tcj_get(item, "workload"), ""));
    cell->model = tc__copy(tcj_text(tcj_get(item, "model"), ""));
    cell->placement = tc__copy(tcj_text(tcj_get(item, "placement"), ""));
    cell->tasks = count_of(tcj_get(item, "tasks"));
    for (void *it = tcj_first(parameters); it; it = tcj_next(parameters, it))
        tc_cell_set_param(cell, tcj_key(it), tcj_text(tcj_value(it), ""));
    for (size_t i = 0; i < cell->param_count; i++)
        cell->params[i].reported = lists(reported, cell->params[i].name);
}

static enum tc_status status_of(const char *name)
{
    enum tc_status status = TC_OK;
    while (status < TC_LIMITED && strcmp(name, tc_status_name(status)) != 0)
        status++;
    return status;
}

static enum tc_stop stop_of(const char *name)
{
    for (enum tc_stop stop = TC_STOP_ROUNDS; stop <= TC_STOP_STATUS; stop++)
        if (strcmp(name, tc_stop_name(stop)) == 0)
            return stop;
    return TC_STOP_NONE;
}

/* False when a round has neither samples nor a histogram that can be read. */
static bool read_rounds(struct tc_measurement *measurement, const tc_json *rounds)
{
    for (size_t i = 0; i < tcj_size(rounds); i++) {
        const tc_json *item = tcj_at(rounds, i), *observed = tcj_get(item, "observed");
        struct tc_round *round = tc__add_round(measurement);
        if (!tc__read_samples(item, round))
            return false;
        round->block = count_of(tcj_get(item, "block"));
        round->observed = tcj_is_object(observed) ? tcj_keep((tc_json *)(uintptr_t)observed) : NULL;
    }
    return true;
}

static double number_of(const tc_json *value)
{
    double number = NAN;
    tcj_read_number(value, &number);
    return number;
}

static void read_outliers(struct tc_outliers *outliers, const tc_json *item)
{
    outliers->low_severe = count_of(tcj_get(item, "low_severe"));
    outliers->low_mild = count_of(tcj_get(item, "low_mild"));
    outliers->high_mild = count_of(tcj_get(item, "high_mild"));
    outliers->high_severe = count_of(tcj_get(item, "high_severe"));
}

static void read_summary(struct tc_summary *summary, const tc_json *item)
{
    const tc_json *interval = tcj_get(item, "ci95");
    summary->rounds = count_of(tcj_get(item, "rounds"));
    summary->samples = count_of(tcj_get(item, "samples"));
    summary->ci_low = number_of(tcj_at(interval, 0));
    summary->ci_high = number_of(tcj_at(interval, 1));
    const struct {
        double *field;
        const char *key;
    } numbers[] = {{&summary->median, "median"}, {&summary->mean, "mean"},
                   {&summary->stddev, "stddev"}, {&summary->min, "min"},
                   {&summary->max, "max"},       {&summary->p50, "p50"},
                   {&summary->p90, "p90"},       {&summary->p99, "p99"},
                   {&summary->p999, "p999"},     {&summary->ci_level, "ci_level"}};
    for (size_t i = 0; i < TC_COUNT_OF(numbers); i++)
        *numbers[i].field = number_of(tcj_get(item, numbers[i].key));
    read_outliers(&summary->outliers, tcj_get(item, "outliers"));
}

static void read_quality(struct tc_quality *quality, const tc_json *item)
{
    const tc_json *reasons = tcj_get(item, "reasons");
    const char *name = tcj_text(tcj_get(item, "verdict"), "");
    for (enum tc_quality_verdict v = TC_GOOD; v <= TC_INVALID; v++)
        if (strcmp(name, tc_quality_name(v)) == 0)
            quality->verdict = v;
    for (size_t i = 0; i < tcj_size(reasons); i++)
        tc_words_add(&quality->reasons, tcj_text(tcj_at(reasons, i), ""));
}

static int read_measurement(struct tc_results *results, const tc_json *item, size_t index,
                            const char *source, struct tc_error *err)
{
    struct tc_measurement *m = tc__add_measurement(results);
    read_cell(&m->cell, item);
    m->metric = tc__copy(tcj_text(tcj_get(item, "metric"), ""));
    m->unit = tc__copy(tcj_text(tcj_get(item, "unit"), ""));
    m->status = status_of(tcj_text(tcj_get(item, "status"), ""));
    m->stopped_by = stop_of(tcj_text(tcj_get(item, "stopped_by"), ""));
    m->reason = tc__copy(tcj_text(tcj_get(item, "reason"), NULL));
    m->limit = object_or_null(tcj_get(item, "limit"));
    const tc_json *summary = tcj_get(item, "summary");
    read_summary(&m->summary, summary);
    if (isfinite(m->summary.ci_level))
        m->level = m->summary.ci_level;
    read_quality(&m->quality, tcj_get(item, "quality"));
    if (!read_rounds(m, tcj_get(item, "rounds")))
        return tc_fail(err, -EINVAL,
                       "%s: at /measurements/%zu/rounds: expected samples or a histogram in each",
                       source, index);
    if (!tcj_get(summary, "ci_level")) /* of a version that made intervals by another rule */
        tc_measurement_summarise(m);
    return 0;
}

/* Before the schema, so that a file of another kind is called that, and not a missing key. */
static int check_kind(const tc_json *document, const char *source, struct tc_error *err)
{
    const char *schema = tcj_text(tcj_get(document, "schema"), "missing");
    char given[80] = "";
    int64_t version = 0;
    tc_utf8_append_line(given, sizeof given, schema);
    if (strcmp(schema, "taskcost-results") != 0)
        return tc_fail(err, -EINVAL,
                       "%s: not a taskcost result: \"schema\" is '%s', expected "
                       "'taskcost-results'",
                       source, given);
    if (!tcj_read_integer(tcj_get(document, "schema_version"), &version))
        return tc_fail(err, -EINVAL, "%s: \"schema_version\" must be a whole number", source);
    if (version != 1)
        return tc_fail(err, -EINVAL,
                       "%s: schema_version is %" PRId64 ", but this taskcost reads version 1",
                       source, version);
    return 0;
}

static int check_document(const tc_json *document, const char *source, struct tc_error *err)
{
    int code = check_kind(document, source, err);
    if (code < 0)
        return code;
    tc_json *schema = tc_builtin_results_schema();
    code = tc_schema_check(schema, document, source, err);
    tcj_free(schema);
    return code;
}

struct tc_results *tc_results_from_json(const tc_json *document, const char *source,
                                        struct tc_error *err)
{
    if (check_document(document, source, err) < 0)
        return NULL;
    struct tc_results *results = tc_results_new();
    const tc_json *measurements = tcj_get(document, "measurements");
    read_run(results, tcj_get(document, "run"));
    tcj_free(results->environment);
    results->environment = tcj_keep(tcj_get(document, "environment"));
    read_warnings(results, tcj_get(document, "warnings"));
    for (size_t i = 0; i < tcj_size(measurements); i++) {
        if (read_measurement(results, tcj_at(measurements, i), i, source, err) < 0) {
            tc_results_free(results);
            return NULL;
        }
    }
    return results;
}

struct tc_results *tc_results_load(const char *path, struct tc_error *err)
{
    tc_json *document = tcj_load(path, err);
    if (!document)
        return NULL;
    struct tc_results *results = tc_results_from_json(document, path, err);
    tcj_free(document);
    return results;
}
