/* SPDX-License-Identifier: MIT
 *
 * taskcost list: what can be measured here, as the workers tell it.
 */
#include "command.h"
#include "harness/topology.h"
#include "harness/worker_list.h"
#include "options.h"
#include "version.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {{"--json", 0, false}, {NULL, 0, false}};

/* The first model's offer of a workload: they are compiled from one source and agree. */
static const struct tc_offer *offer_of(const struct tc_workers *workers, const char *workload)
{
    const struct tc_offer *offer = NULL;
    for (size_t i = 0; !offer && i < workers->count; i++)
        offer = tc_worker_offer(&workers->items[i], workload);
    return offer;
}

/* -- for people -- */

/* The parameters of an offer that are the workload's (`shared`) or the model's. */
static void print_params(const struct tc_workers *workers, const struct tc_offer *offer,
                         bool shared)
{
    for (size_t i = 0; i < offer->param_count; i++) {
        const struct tc_offer_param *param = &offer->params[i];
        char values[200];
        if (tc_workers_share_param(workers, offer->workload, param->name) == shared)
            printf("  %-16s   --param %s=%s%s  %s\n", "", param->name,
                   tc_words_join(&param->values, values, sizeof values), param->open ? ", ..." : "",
                   param->help);
    }
}

/* Models that give the same reason share its line. */
static void print_refusals(const struct tc_workers *workers, const char *workload)
{
    for (size_t i = 0; i < workers->count; i++) {
        const char *reason = tc_worker_refusal(&workers->items[i], workload);
        struct tc_words models = {0};
        char names[200];
        bool told = false;
        for (size_t j = 0; reason && j < workers->count; j++) {
            const char *other = tc_worker_refusal(&workers->items[j], workload);
            if (other && strcmp(other, reason) == 0) {
                told = told || j < i;
                tc_words_add(&models, workers->items[j].model);
            }
        }
        if (reason && !told)
            printf("  %-16s   not with %s: %s\n", "", tc_words_join(&models, names, sizeof names),
                   reason);
        tc_words_clear(&models);
    }
}

static void print_workloads(const struct tc_workers *workers, const struct tc_words *workloads)
{
    puts("workloads");
    for (size_t i = 0; i < workloads->count; i++) {
        const struct tc_offer *offer = offer_of(workers, workloads->items[i]);
        char metrics[200];
        if (!offer) {
            printf("  %-16s no model here can run it\n", workloads->items[i]);
        } else {
            printf("  %-16s %s [%s; %" PRIu64 " tasks]\n", offer->workload, offer->question,
                   tc_words_join(&offer->metrics, metrics, sizeof metrics), offer->tasks_default);
            print_params(workers, offer, true);
        }
        print_refusals(workers, workloads->items[i]);
    }
}

static void print_all(const struct tc_workers *workers, const struct tc_words *workloads)
{
    const char *name, *meaning;
    print_workloads(workers, workloads);
    puts("models");
    for (size_t i = 0; i < workers->count; i++) {
        const struct tc_worker *worker = &workers->items[i];
        printf("  %-16s %s\n", worker->model, worker->description);
        if (worker->offer_count > 0)
            print_params(workers, &worker->offers[0], false);
    }
    puts("placements");
    for (size_t i = 0; (name = tc_placement_name(i, &meaning)); i++)
        printf("  %-16s %s\n", name, meaning);
    printf("  %-16s %s\n", "pairs, pairs:N",
           "each PU alone and each two of at most 16 (N) PUs, a placement each");
    puts("  core:0, pu:0-1 … any hwloc location; `taskcost topology` lists those of this machine");
}

/* -- for programs -- */

static tc_json *words_json(const struct tc_words *words)
{
    tc_json *out = tcj_array();
    for (size_t i = 0; i < words->count; i++)
        tcj_append(out, tcj_string(words->items[i]));
    return out;
}

static tc_json *params_json(const struct tc_workers *workers, const struct tc_offer *offer,
                            bool shared)
{
    tc_json *out = tcj_array();
    for (size_t i = 0; i < offer->param_count; i++) {
        if (tc_workers_share_param(workers, offer->workload, offer->params[i].name) != shared)
            continue;
        tc_json *param = tcj_object();
        tcj_set(param, "name", tcj_string(offer->params[i].name));
        tcj_set(param, "values", words_json(&offer->params[i].values));
        tcj_set(param, "open", tcj_bool(offer->params[i].open));
        tcj_set(param, "help", tcj_string(offer->params[i].help));
        tcj_append(out, param);
    }
    return out;
}

static tc_json *workload_json(const struct tc_workers *workers, const char *name)
{
    const struct tc_offer *offer = offer_of(workers, name);
    tc_json *out = tcj_object(), *models = tcj_array(), *refusals = tcj_object();
    tcj_set(out, "name", tcj_string(name));
    if (offer) {
        tcj_set(out, "question", tcj_string(offer->question));
        tcj_set(out, "metrics", words_json(&offer->metrics));
        tcj_set(out, "parameters", params_json(workers, offer, true));
        tcj_set(out, "tasks_min", tcj_integer((int64_t)offer->tasks_min));
        tcj_set(out, "tasks_default", tcj_integer((int64_t)offer->tasks_default));
    }
    for (size_t i = 0; i < workers->count; i++) {
        const char *reason = tc_worker_refusal(&workers->items[i], name);
        if (tc_worker_offer(&workers->items[i], name))
            tcj_append(models, tcj_string(workers->items[i].model));
        else if (reason)
            tcj_set(refusals, workers->items[i].model, tcj_string(reason));
    }
    tcj_set(out, "models", models);
    tcj_set(out, "unsupported", refusals);
    return out;
}

static tc_json *named_json(const char *name, const char *key, const char *text)
{
    tc_json *out = tcj_object();
    tcj_set(out, "name", tcj_string(name));
    tcj_set(out, key, tcj_string(text));
    return out;
}

static void print_json(const struct tc_workers *workers, const struct tc_words *workloads)
{
    tc_json *out = tcj_object(), *list = tcj_array(), *models = tcj_array();
    tc_json *placements = tcj_array();
    const char *name, *meaning;
    for (size_t i = 0; i < workloads->count; i++)
        tcj_append(list, workload_json(workers, workloads->items[i]));
    for (size_t i = 0; i < workers->count; i++) {
        const struct tc_worker *worker = &workers->items[i];
        tc_json *model = named_json(worker->model, "description", worker->description);
        if (worker->offer_count > 0)
            tcj_set(model, "parameters", params_json(workers, &worker->offers[0], false));
        tcj_append(models, model);
    }
    for (size_t i = 0; (name = tc_placement_name(i, &meaning)); i++)
        tcj_append(placements, named_json(name, "meaning", meaning));
    tcj_set(out, "workloads", list);
    tcj_set(out, "models", models);
    tcj_set(out, "placements", placements);
    tcj_write(out, stdout);
    tcj_free(out);
}

/* -- the command -- */

static int print_found(bool json)
{
    struct tc_words folders = {0}, workloads = {0};
    struct tc_workers workers;
    char searched[600];
    int code = EXIT_DONE;
    tc_workers_folders(&folders, TC_PREFIX "/libexec/taskcost");
    tc_workers_find(&workers, &folders);
    tc_workers_workloads(&workers, &workloads);
    for (size_t i = 0; i < workers.ignored.count; i++)
        fprintf(stderr, "taskcost list: warning: %s\n", workers.ignored.items[i]);
    if (workers.count == 0)
        code = usage_error("list", "no worker was found in %s; `make` builds them",
                           tc_words_join(&folders, searched, sizeof searched));
    else if (json)
        print_json(&workers, &workloads);
    else
        print_all(&workers, &workloads);
    tc_words_clear(&workloads);
    tc_words_clear(&folders);
    tc_workers_clear(&workers);
    return code;
}

static int run(int argc, char **argv)
{
    struct options options = {.command = "list", .argc = argc, .argv = argv, .specs = specs};
    const char *value;
    bool json = false;
    for (int option; (option = options_next(&options, &value)) != OPTION_END; json = true) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (option == OPTION_OPERAND)
            return usage_error("list", "it takes no names, not even '%s'; it lists everything",
                               value);
    }
    return print_found(json);
}

const struct command command_list = {
    .name = "list",
    .synopsis = "list [--json]",
    .summary = "workloads, models and placements, each in a line",
    .help = "  --json  the same for programs\n"
            "\n"
            "Workers are the programs called worker-NAME beside taskcost, in the folders named by\n"
            "TASKCOST_WORKERS (colon-separated), and in " TC_PREFIX "/libexec/taskcost.\n",
    .run = run,
};
