/* SPDX-License-Identifier: MIT
 *
 * Refuses a request before anything is measured, with the sentence that says what would be right.
 * Every name is checked against what the workers said, so that there is no list to keep in step.
 */
#include "plan_check.h"

#include "base/parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *const profiles[] = {"quick", "default", "full"};

const char *tc_profile_name(size_t index)
{
    return index < TC_COUNT_OF(profiles) ? profiles[index] : NULL;
}

int tc__profile_rank(const char *name)
{
    for (size_t i = 0; i < TC_COUNT_OF(profiles); i++)
        if (strcmp(profiles[i], name) == 0)
            return (int)i;
    return -1;
}

/* "there is no WHAT 'WORD'; did you mean 'X'?", or the whole list. */
static int unknown(const char *what, const char *word, const struct tc_words *known,
                   struct tc_error *err)
{
    char list[700];
    const char *nearest = tc_words_nearest(known, word);
    tc_words_join(known, list, sizeof list);
    if (nearest)
        return tc_fail(err, -EINVAL, "there is no %s '%.80s'; did you mean '%s'? There are: %s",
                       what, word, nearest, list);
    return tc_fail(err, -EINVAL, "there is no %s '%.80s'; there are: %s", what, word, list);
}

static int check_words(const char *what, const struct tc_words *asked, const struct tc_words *known,
                       struct tc_error *err)
{
    for (size_t i = 0; i < asked->count; i++)
        if (!tc_words_have(known, asked->items[i]))
            return unknown(what, asked->items[i], known, err);
    return 0;
}

static int check_names(const struct tc_plan_request *request, const struct tc_workers *workers,
                       struct tc_error *err)
{
    struct tc_words models = {0}, workloads = {0}, known_profiles = {0}, profile = {0};
    tc_workers_models(workers, &models);
    tc_workers_workloads(workers, &workloads);
    for (size_t i = 0; i < TC_COUNT_OF(profiles); i++)
        tc_words_add(&known_profiles, profiles[i]);
    tc_words_add(&profile, request->profile);
    int code = check_words("profile", &profile, &known_profiles, err);
    if (code == 0)
        code = check_words("workload", &request->workloads, &workloads, err);
    if (code == 0)
        code = check_words("model", &request->models, &models, err);
    tc_words_clear(&models);
    tc_words_clear(&workloads);
    tc_words_clear(&known_profiles);
    tc_words_clear(&profile);
    return code;
}

static int check_placements(const struct tc_plan_request *request,
                            const struct tc_topology *topology, struct tc_error *err)
{
    struct tc_words expanded = {0};
    int code = 0;
    for (size_t i = 0; code == 0 && i < request->placements.count; i++)
        code = tc_placement_expand(topology, request->placements.items[i], &expanded, err);
    for (size_t i = 0; code == 0 && i < expanded.count; i++) {
        struct tc_placement *placement = tc_placement_resolve(topology, expanded.items[i], err);
        code = placement ? 0 : -EINVAL;
        tc_placement_free(placement);
    }
    tc_words_clear(&expanded);
    return code;
}

/* A value of the same kind as one that is listed: a number where one is a number ("64", "64KiB"),
 * any text where none is. The worker has the last word. */
static bool is_of_kind(const struct tc_offer_param *param, const char *value)
{
    uint64_t bytes;
    bool numeric = false;
    for (size_t i = 0; i < param->values.count; i++)
        numeric = numeric || isdigit((unsigned char)param->values.items[i][0]);
    return !numeric || tc_parse_bytes(value, param->name, UINT64_MAX, &bytes, NULL) == 0;
}

static int check_values(const struct tc_offer *offer, const struct tc_offer_param *asked,
                        struct tc_error *err)
{
    const struct tc_offer_param *param = tc_offer_param_of(offer, asked->name);
    char list[500];
    for (size_t i = 0; param && i < asked->values.count; i++) {
        const char *value = asked->values.items[i];
        if (tc_words_have(&param->values, value) || (param->open && is_of_kind(param, value)))
            continue;
        return tc_fail(err, -EINVAL, "--param: '%.80s' is not a value of %s of %s; expected %s%s",
                       value, param->name, offer->workload,
                       tc_words_join(&param->values, list, sizeof list),
                       param->open ? " or another like these" : "");
    }
    return 0;
}

static int check_tasks(const struct tc_offer *offer, const struct tc_plan_request *request,
                       struct tc_error *err)
{
    bool named = tc_words_have(&request->workloads, offer->workload);
    for (size_t i = 0; i < request->task_count; i++) {
        if (request->tasks[i] < offer->tasks_min)
            return tc_fail(err, -EINVAL,
                           "-n: %" PRIu64 " is too few for %s, which needs at least %" PRIu64,
                           request->tasks[i], offer->workload, offer->tasks_min);
        /* Of many workloads, the ones that have a largest number skip what is beyond it. */
        if (named && request->tasks[i] > offer->tasks_max)
            return tc_fail(err, -EINVAL,
                           "-n: %" PRIu64 " is too many for %s, which takes at most %" PRIu64,
                           request->tasks[i], offer->workload, offer->tasks_max);
    }
    return 0;
}

/* Gathers the names of an offer's parameters on the way, for the sentence about unknown ones. */
static int check_offer(const struct tc_offer *offer, const struct tc_plan_request *request,
                       struct tc_words *declared, struct tc_error *err)
{
    for (size_t i = 0; i < offer->param_count; i++)
        tc_words_add_once(declared, offer->params[i].name);
    int code = check_tasks(offer, request, err);
    for (size_t i = 0; code == 0 && i < request->param_count; i++)
        code = check_values(offer, &request->params[i], err);
    return code;
}

static int check_offers(const struct tc_plan_request *request, const struct tc_workers *workers,
                        struct tc_error *err)
{
    struct tc_words declared = {0};
    int code = 0;
    for (size_t i = 0; code == 0 && i < workers->count; i++) {
        const struct tc_worker *worker = &workers->items[i];
        for (size_t j = 0; code == 0 && j < worker->offer_count; j++)
            if (tc__is_chosen(&request->models, worker->model) &&
                tc__is_chosen(&request->workloads, worker->offers[j].workload))
                code = check_offer(&worker->offers[j], request, &declared, err);
    }
    for (size_t i = 0; code == 0 && i < request->param_count; i++)
        if (!tc_words_have(&declared, request->params[i].name))
            code = unknown("parameter of the chosen workloads named", request->params[i].name,
                           &declared, err);
    tc_words_clear(&declared);
    return code;
}

bool tc__is_chosen(const struct tc_words *asked, const char *name)
{
    return asked->count == 0 || tc_words_have(asked, name);
}

int tc__plan_check(const struct tc_plan_request *request, const struct tc_workers *workers,
                   const struct tc_topology *topology, struct tc_error *err)
{
    char list[600];
    if (workers->count == 0)
        return tc_fail(err, -EINVAL,
                       "no worker was found in %s; `make` builds them, TASKCOST_WORKERS names "
                       "another folder",
                       tc_words_join(&workers->searched, list, sizeof list));
    int code = check_names(request, workers, err);
    if (code == 0)
        code = check_placements(request, topology, err);
    return code < 0 ? code : check_offers(request, workers, err);
}
