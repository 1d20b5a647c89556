/* SPDX-License-Identifier: MIT
 *
 * What was asked for: taken in piece by piece, kept in the document, freed.
 */
#include "harness/plan.h"

#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void tc_plan_split_placements(struct tc_words *out, const char *list)
{
    struct tc_words parts = {0};
    size_t first = out->count;
    tc_words_split(&parts, list);
    for (size_t i = 0; i < parts.count; i++) {
        if (out->count == first || !isdigit((unsigned char)parts.items[i][0])) {
            tc_words_add(out, parts.items[i]);
            continue;
        }
        char **last = &out->items[out->count - 1], *joined = NULL;
        MUST(asprintf(&joined, "%s,%s", *last, parts.items[i]) >= 0);
        free(*last);
        *last = joined;
    }
    tc_words_clear(&parts);
}

static struct tc_offer_param *add_param(struct tc_plan_request *request, const char *name,
                                        size_t length)
{
    for (size_t i = 0; i < request->param_count; i++)
        if (strlen(request->params[i].name) == length &&
            memcmp(request->params[i].name, name, length) == 0)
            return &request->params[i];
    request->params =
        realloc(request->params, (request->param_count + 1) * sizeof *request->params);
    MUST(request->params);
    struct tc_offer_param *param = &request->params[request->param_count++];
    *param = (struct tc_offer_param){.name = strndup(name, length)};
    MUST(param->name);
    return param;
}

int tc_plan_add_param(struct tc_plan_request *request, const char *text, struct tc_error *err)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || !equals[1])
        return tc_fail(err, -EINVAL, "--param: '%s' is not NAME=VALUE[,VALUE], such as stack=64KiB",
                       text);
    struct tc_offer_param *param = add_param(request, text, (size_t)(equals - text));
    struct tc_words values = {0};
    int code = 0;
    tc_words_split(&values, equals + 1);
    for (size_t i = 0; code == 0 && i < values.count; i++) {
        if (!*values.items[i])
            code = tc_fail(err, -EINVAL, "--param: '%s' holds an empty value", text);
        else
            tc_words_add_once(&param->values, values.items[i]);
    }
    tc_words_clear(&values);
    return code;
}

int tc_plan_add_tasks(struct tc_plan_request *request, const char *what, const char *text,
                      struct tc_error *err)
{
    struct tc_words counts = {0};
    int code = 0;
    tc_words_split(&counts, text);
    request->tasks =
        realloc(request->tasks, (request->task_count + counts.count) * sizeof *request->tasks);
    MUST(request->tasks);
    for (size_t i = 0; code == 0 && i < counts.count; i++) {
        code = tc_parse_count(counts.items[i], what, 1, TC_TASKS_MAX,
                              &request->tasks[request->task_count], err);
        request->task_count += code == 0;
    }
    tc_words_clear(&counts);
    return code;
}

/* -- in the document -- */

static tc_json *words_to_json(const struct tc_words *words)
{
    tc_json *list = tcj_array();
    for (size_t i = 0; i < words->count; i++)
        tcj_append(list, tcj_string(words->items[i]));
    return list;
}

static void words_from_json(struct tc_words *words, const tc_json *list)
{
    for (size_t i = 0; i < tcj_size(list); i++)
        tc_words_add(words, tcj_text(tcj_at(list, i), ""));
}

tc_json *tc_plan_request_to_json(const struct tc_plan_request *request)
{
    tc_json *out = tcj_object(), *tasks = tcj_array(), *params = tcj_object();
    for (size_t i = 0; i < request->task_count; i++)
        tcj_append(tasks, tcj_integer((int64_t)request->tasks[i]));
    for (size_t i = 0; i < request->param_count; i++)
        tcj_set(params, request->params[i].name, words_to_json(&request->params[i].values));
    tcj_set(out, "workloads", words_to_json(&request->workloads));
    tcj_set(out, "models", words_to_json(&request->models));
    tcj_set(out, "placements", words_to_json(&request->placements));
    tcj_set(out, "tasks", tasks);
    tcj_set(out, "parameters", params);
    return out;
}

static void tasks_from_json(struct tc_plan_request *request, const tc_json *list)
{
    int64_t count;
    request->tasks = calloc(tcj_size(list) + 1, sizeof *request->tasks);
    MUST(request->tasks);
    for (size_t i = 0; i < tcj_size(list); i++)
        if (tcj_read_integer(tcj_at(list, i), &count) && count > 0)
            request->tasks[request->task_count++] = (uint64_t)count;
}

void tc_plan_request_from_json(struct tc_plan_request *request, const tc_json *object)
{
    const tc_json *params = tcj_get(object, "parameters");
    words_from_json(&request->workloads, tcj_get(object, "workloads"));
    words_from_json(&request->models, tcj_get(object, "models"));
    words_from_json(&request->placements, tcj_get(object, "placements"));
    tasks_from_json(request, tcj_get(object, "tasks"));
    for (void *it = tcj_first(params); it; it = tcj_next(params, it))
        words_from_json(&add_param(request, tcj_key(it), strlen(tcj_key(it)))->values,
                        tcj_value(it));
}

void tc_plan_request_clear(struct tc_plan_request *request)
{
    for (size_t i = 0; i < request->param_count; i++) {
        free(request->params[i].name);
        tc_words_clear(&request->params[i].values);
    }
    free(request->params);
    free(request->tasks);
    tc_words_clear(&request->workloads);
    tc_words_clear(&request->models);
    tc_words_clear(&request->placements);
    *request = (struct tc_plan_request){0};
}
