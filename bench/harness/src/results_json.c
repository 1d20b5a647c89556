/* SPDX-License-Identifier: MIT
 *
 * The results document as JSON: the only writer of results/schema.json's format. Undefined figures
 * are null; what does not apply (a reason of an ok cell, a limit) is absent.
 */
#include "base/status.h"
#include "harness/quality.h"
#include "harness/results.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

/* What not every run has. */
static void set_optional(tc_json *run, const struct tc_results *results)
{
    if (results->rules)
        tcj_set(run, "rules", tcj_keep(results->rules));
    if (results->request)
        tcj_set(run, "request", tcj_keep(results->request));
    if (results->injected_percent)
        tcj_set(run, "injected_percent", tcj_integer((int64_t)results->injected_percent));
    if (results->resumed.count == 0)
        return;
    tc_json *times = tcj_array();
    for (size_t i = 0; i < results->resumed.count; i++)
        tcj_append(times, tcj_string(results->resumed.items[i]));
    tcj_set(run, "resumed", times);
}

static tc_json *run_to_json(const struct tc_results *results)
{
    tc_json *run = tcj_object();
    tcj_set(run, "id", tcj_string(results->id));
    tcj_set(run, "started", tcj_string(results->started));
    tcj_set(run, "finished", tcj_string(results->finished));
    tcj_set(run, "complete", tcj_bool(results->complete));
    tcj_set(run, "stopped_by", tcj_string(results->stopped_by));
    tcj_set(run, "profile", tcj_string(results->profile));
    tcj_set(run, "seed", tcj_integer((int64_t)results->seed));
    tcj_set(run, "command", tcj_string(results->command));
    tcj_set(run, "version", tcj_string(results->version));
    tcj_set(run, "commit", tcj_string(results->commit));
    tcj_set(run, "elapsed_s", tcj_number((double)results->elapsed_ms / 1000));
    set_optional(run, results);
    return run;
}

static tc_json *warnings_to_json(const struct tc_results *results)
{
    tc_json *list = tcj_array();
    for (size_t i = 0; i < results->warning_count; i++) {
        const struct tc_warning *warning = &results->warnings[i];
        tc_json *item = tcj_object();
        tcj_set(item, "id", tcj_string(warning->id));
        tcj_set(item, "cause", tcj_string(warning->cause));
        tcj_set(item, "remedy", tcj_string(warning->remedy));
        tcj_append(list, item);
    }
    return list;
}

static tc_json *histogram_to_json(const struct tc_hist *hist)
{
    tc_json *pairs = tcj_array();
    for (size_t i = 0; i < TC_HIST_BUCKETS; i++) {
        if (hist->counts[i] == 0)
            continue;
        tc_json *pair = tcj_array();
        tcj_append(pair, tcj_integer((int64_t)tc_hist_bucket_low(i)));
        tcj_append(pair, tcj_integer((int64_t)hist->counts[i]));
        tcj_append(pairs, pair);
    }
    return pairs;
}

static tc_json *samples_to_json(const struct tc_round *round)
{
    tc_json *samples = tcj_array();
    for (size_t i = 0; i < round->sample_count; i++)
        tcj_append(samples, tcj_number(round->samples[i]));
    return samples;
}

static tc_json *round_to_json(const struct tc_round *round)
{
    tc_json *item = tcj_object();
    tcj_set(item, "block", tcj_integer((int64_t)round->block));
    tcj_set(item, "median", tcj_number(round->median));
    if (round->hist)
        tcj_set(item, "histogram", histogram_to_json(round->hist));
    else
        tcj_set(item, "samples", samples_to_json(round));
    if (round->observed)
        tcj_set(item, "observed", tcj_keep(round->observed));
    return item;
}

static tc_json *interval_to_json(double low, double high)
{
    if (!isfinite(low) || !isfinite(high))
        return tcj_null();
    tc_json *pair = tcj_array();
    tcj_append(pair, tcj_number(low));
    tcj_append(pair, tcj_number(high));
    return pair;
}

static tc_json *outliers_to_json(const struct tc_summary *summary)
{
    if (summary->rounds < TC_OUTLIERS_MIN)
        return tcj_null();
    tc_json *item = tcj_object();
    tcj_set(item, "low_severe", tcj_integer((int64_t)summary->outliers.low_severe));
    tcj_set(item, "low_mild", tcj_integer((int64_t)summary->outliers.low_mild));
    tcj_set(item, "high_mild", tcj_integer((int64_t)summary->outliers.high_mild));
    tcj_set(item, "high_severe", tcj_integer((int64_t)summary->outliers.high_severe));
    return item;
}

static tc_json *summary_to_json(const struct tc_summary *summary)
{
    tc_json *item = tcj_object();
    tcj_set(item, "rounds", tcj_integer((int64_t)summary->rounds));
    tcj_set(item, "samples", tcj_integer((int64_t)summary->samples));
    tcj_set(item, "median", tcj_number(summary->median));
    tcj_set(item, "ci95", interval_to_json(summary->ci_low, summary->ci_high));
    tcj_set(item, "ci_level", tcj_number(summary->ci_level));
    tcj_set(item, "mean", tcj_number(summary->mean));
    tcj_set(item, "stddev", tcj_number(summary->stddev));
    tcj_set(item, "outliers", outliers_to_json(summary));
    tcj_set(item, "min", tcj_number(summary->min));
    tcj_set(item, "max", tcj_number(summary->max));
    tcj_set(item, "p50", tcj_number(summary->p50));
    tcj_set(item, "p90", tcj_number(summary->p90));
    tcj_set(item, "p99", tcj_number(summary->p99));
    tcj_set(item, "p999", tcj_number(summary->p999));
    return item;
}

static void set_cell(tc_json *item, const struct tc_cell *cell)
{
    tc_json *parameters = tcj_object(), *reported = tcj_array();
    tcj_set(item, "workload", tcj_string(cell->workload));
    tcj_set(item, "model", tcj_string(cell->model));
    tcj_set(item, "placement", tcj_string(cell->placement));
    tcj_set(item, "tasks", tcj_integer((int64_t)cell->tasks));
    for (size_t i = 0; i < cell->param_count; i++) {
        tcj_set(parameters, cell->params[i].name, tcj_string(cell->params[i].value));
        if (cell->params[i].reported)
            tcj_append(reported, tcj_string(cell->params[i].name));
    }
    tcj_set(item, "parameters", parameters);
    if (tcj_size(reported) > 0)
        tcj_set(item, "reported", reported);
    else
        tcj_free(reported);
}

static tc_json *quality_to_json(const struct tc_quality *quality)
{
    tc_json *item = tcj_object(), *reasons = tcj_array();
    tcj_set(item, "verdict", tcj_string(tc_quality_name(quality->verdict)));
    for (size_t i = 0; i < quality->reasons.count; i++)
        tcj_append(reasons, tcj_string(quality->reasons.items[i]));
    tcj_set(item, "reasons", reasons);
    return item;
}

static tc_json *measurement_to_json(const struct tc_measurement *measurement)
{
    tc_json *item = tcj_object(), *rounds = tcj_array();
    set_cell(item, &measurement->cell);
    tcj_set(item, "metric", tcj_string(measurement->metric));
    tcj_set(item, "unit", tcj_string(measurement->unit));
    tcj_set(item, "status", tcj_string(tc_status_name(measurement->status)));
    tcj_set(item, "stopped_by", tcj_string(tc_stop_name(measurement->stopped_by)));
    if (measurement->reason)
        tcj_set(item, "reason", tcj_string(measurement->reason));
    if (measurement->limit)
        tcj_set(item, "limit", tcj_keep(measurement->limit));
    for (size_t i = 0; i < measurement->round_count; i++)
        tcj_append(rounds, round_to_json(&measurement->rounds[i]));
    tcj_set(item, "rounds", rounds);
    tcj_set(item, "summary", summary_to_json(&measurement->summary));
    if (measurement->quality.verdict != TC_UNJUDGED)
        tcj_set(item, "quality", quality_to_json(&measurement->quality));
    return item;
}

tc_json *tc_results_to_json(const struct tc_results *results)
{
    tc_json *document = tcj_object(), *measurements = tcj_array();
    tcj_set(document, "schema", tcj_string("taskcost-results"));
    tcj_set(document, "schema_version", tcj_integer(1));
    tcj_set(document, "run", run_to_json(results));
    tcj_set(document, "environment", tcj_keep(results->environment));
    tcj_set(document, "warnings", warnings_to_json(results));
    for (size_t i = 0; i < results->measurement_count; i++)
        tcj_append(measurements, measurement_to_json(&results->measurements[i]));
    tcj_set(document, "measurements", measurements);
    return document;
}

int tc_results_save(const struct tc_results *results, const char *path, struct tc_error *err)
{
    if (results->seed > TC_SEED_MAX)
        return tc_fail(err, -ERANGE,
                       "the seed %" PRIu64 " is above %" PRIu64
                       ", the largest whole number that every JSON reader keeps exactly",
                       results->seed, TC_SEED_MAX);
    tc_json *document = tc_results_to_json(results);
    int code = tcj_save(document, path, err);
    tcj_free(document);
    return code;
}
