/* SPDX-License-Identifier: MIT
 *
 * A worker's `list`, read into memory. Strict where a wrong answer would lead to wrong cells
 * (names, numbers, sweeps), and silent about keys it does not know: the protocol grows by adding
 * them.
 */
#include "harness/worker_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
    char *out = strdup(text);
    MUST(out);
    return out;
}

static void *list_of(size_t count, size_t size)
{
    void *out = calloc(count ? count : 1, size);
    MUST(out);
    return out;
}

/* A non-empty string under `key`; -EINVAL naming it otherwise. */
static int read_name(const tc_json *object, const char *key, char **out, struct tc_error *err)
{
    const char *text = tcj_text(tcj_get(object, key), "");
    if (!*text)
        return tc_fail(err, -EINVAL, "\"%s\" is missing or empty", key);
    *out = copy(text);
    return 0;
}

static int read_words(const tc_json *array, const char *what, struct tc_words *out,
                      struct tc_error *err)
{
    for (size_t i = 0; i < tcj_size(array); i++) {
        const char *word = tcj_text(tcj_at(array, i), NULL);
        if (!word)
            return tc_fail(err, -EINVAL, "\"%s\" holds something other than strings", what);
        tc_words_add(out, word);
    }
    return 0;
}

static int read_param(struct tc_offer_param *param, const tc_json *object, struct tc_error *err)
{
    param->help = copy(tcj_text(tcj_get(object, "help"), ""));
    tcj_read_bool(tcj_get(object, "open"), &param->open);
    int code = read_name(object, "name", &param->name, err);
    if (code == 0)
        code = read_words(tcj_get(object, "values"), "values", &param->values, err);
    if (code == 0 && param->values.count == 0)
        code = tc_fail(err, -EINVAL, "parameter %s has no values", param->name);
    return code;
}

static int read_sweep_params(struct tc_offer_sweep *sweep, const tc_json *object,
                             struct tc_error *err)
{
    int code = 0;
    sweep->params = list_of(tcj_size(object), sizeof *sweep->params);
    for (void *it = tcj_first(object); code == 0 && it; it = tcj_next(object, it)) {
        struct tc_offer_param *param = &sweep->params[sweep->param_count++];
        param->name = copy(tcj_key(it));
        param->help = copy("");
        code = read_words(tcj_value(it), "parameters", &param->values, err);
    }
    return code;
}

static int read_sweep(struct tc_offer_sweep *sweep, const tc_json *object, struct tc_error *err)
{
    const tc_json *tasks = tcj_get(object, "tasks");
    int code = read_name(object, "profile", &sweep->profile, err);
    if (code == 0)
        code = read_words(tcj_get(object, "models"), "models", &sweep->models, err);
    if (code == 0)
        code = read_words(tcj_get(object, "placements"), "placements", &sweep->placements, err);
    if (code == 0)
        code = read_sweep_params(sweep, tcj_get(object, "parameters"), err);
    sweep->tasks = list_of(tcj_size(tasks), sizeof *sweep->tasks);
    for (size_t i = 0; code == 0 && i < tcj_size(tasks); i++) {
        int64_t count = 0;
        if (!tcj_read_integer(tcj_at(tasks, i), &count) || count < 1)
            code = tc_fail(err, -EINVAL, "\"tasks\" holds something other than counts from 1");
        sweep->tasks[sweep->task_count++] = (uint64_t)count;
    }
    return code;
}

static int read_counts(struct tc_offer *offer, const tc_json *object, struct tc_error *err)
{
    int64_t least = 0, usual = 0, most = INT64_MAX;
    if (!tcj_read_integer(tcj_get(object, "tasks_min"), &least) || least < 1 ||
        !tcj_read_integer(tcj_get(object, "tasks_default"), &usual) || usual < least)
        return tc_fail(err, -EINVAL, "\"tasks_min\" and \"tasks_default\" are not rising counts");
    if (tcj_get(object, "tasks_max") &&
        (!tcj_read_integer(tcj_get(object, "tasks_max"), &most) || most < usual))
        return tc_fail(err, -EINVAL, "\"tasks_max\" is not a count from \"tasks_default\" on");
    offer->tasks_max = (uint64_t)most;
    offer->tasks_min = (uint64_t)least;
    offer->tasks_default = (uint64_t)usual;
    return 0;
}

static void read_metrics(struct tc_offer *offer, const tc_json *metrics)
{
    for (size_t i = 0; i < tcj_size(metrics); i++) {
        const tc_json *metric = tcj_at(metrics, i);
        const char *name = tcj_text(tcj_get(metric, "name"), "");
        bool beside = false;
        tcj_read_bool(tcj_get(metric, "beside"), &beside);
        tc_words_add(&offer->metrics, name);
        if (!beside)
            tc_words_add(&offer->awaited, name);
    }
}

static int read_offer(struct tc_offer *offer, const tc_json *object, struct tc_error *err)
{
    const tc_json *metrics = tcj_get(object, "metrics"), *params = tcj_get(object, "parameters");
    const tc_json *sweeps = tcj_get(object, "sweeps");
    offer->question = copy(tcj_text(tcj_get(object, "question"), ""));
    offer->params = list_of(tcj_size(params), sizeof *offer->params);
    offer->sweeps = list_of(tcj_size(sweeps), sizeof *offer->sweeps);
    int code = read_name(object, "name", &offer->workload, err);
    if (code == 0)
        code = read_counts(offer, object, err);
    read_metrics(offer, metrics);
    for (size_t i = 0; code == 0 && i < tcj_size(params); i++)
        code = read_param(&offer->params[offer->param_count++], tcj_at(params, i), err);
    for (size_t i = 0; code == 0 && i < tcj_size(sweeps); i++)
        code = read_sweep(&offer->sweeps[offer->sweep_count++], tcj_at(sweeps, i), err);
    return code;
}

static int read_refusal(struct tc_refusal *refusal, const tc_json *object, struct tc_error *err)
{
    int code = read_name(object, "name", &refusal->workload, err);
    return code < 0 ? code : read_name(object, "reason", &refusal->reason, err);
}

static int check_protocol(const tc_json *list, struct tc_error *err)
{
    int64_t version = 0;
    tcj_read_integer(tcj_get(list, "protocol_version"), &version);
    if (strcmp(tcj_text(tcj_get(list, "protocol"), ""), "taskcost-worker") != 0 || version != 1)
        return tc_fail(err, -EINVAL, "it does not speak taskcost-worker, version 1");
    return 0;
}

int tc_worker_parse(struct tc_worker *worker, const tc_json *list, const char *path,
                    struct tc_error *err)
{
    const tc_json *workloads = tcj_get(list, "workloads"), *not = tcj_get(list, "unsupported");
    struct tc_error why = {""}, where = {""};
    *worker = (struct tc_worker){.path = copy(path)};
    worker->description = copy(tcj_text(tcj_get(list, "description"), ""));
    tcj_read_bool(tcj_get(list, "one_thread"), &worker->one_thread);
    worker->offers = list_of(tcj_size(workloads), sizeof *worker->offers);
    worker->refusals = list_of(tcj_size(not ), sizeof *worker->refusals);
    int code = check_protocol(list, &why);
    if (code == 0)
        code = read_name(list, "model", &worker->model, &why);
    for (size_t i = 0; code == 0 && i < tcj_size(workloads); i++) {
        tc_fail(&where, -EINVAL, ", workload %zu", i);
        code = read_offer(&worker->offers[worker->offer_count++], tcj_at(workloads, i), &why);
    }
    for (size_t i = 0; code == 0 && i < tcj_size(not ); i++) {
        tc_fail(&where, -EINVAL, ", unsupported %zu", i);
        code = read_refusal(&worker->refusals[worker->refusal_count++], tcj_at(not, i), &why);
    }
    if (code == 0)
        return 0;
    tc_worker_clear(worker);
    return tc_fail(err, code, "'%.300s list'%.40s: %.500s", path, where.text, why.text);
}

/* -- freeing -- */

static void free_params(struct tc_offer_param *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(params[i].name);
        free(params[i].help);
        tc_words_clear(&params[i].values);
    }
    free(params);
}

static void free_offer(struct tc_offer *offer)
{
    free(offer->workload);
    free(offer->question);
    tc_words_clear(&offer->metrics);
    tc_words_clear(&offer->awaited);
    free_params(offer->params, offer->param_count);
    for (size_t i = 0; i < offer->sweep_count; i++) {
        struct tc_offer_sweep *sweep = &offer->sweeps[i];
        free(sweep->profile);
        tc_words_clear(&sweep->models);
        tc_words_clear(&sweep->placements);
        free(sweep->tasks);
        free_params(sweep->params, sweep->param_count);
    }
    free(offer->sweeps);
}

void tc_worker_clear(struct tc_worker *worker)
{
    for (size_t i = 0; i < worker->offer_count; i++)
        free_offer(&worker->offers[i]);
    for (size_t i = 0; i < worker->refusal_count; i++) {
        free(worker->refusals[i].workload);
        free(worker->refusals[i].reason);
    }
    free(worker->offers);
    free(worker->refusals);
    free(worker->path);
    free(worker->model);
    free(worker->description);
    *worker = (struct tc_worker){0};
}
