/* SPDX-License-Identifier: MIT
 *
 * A rerun is a campaign of its own, into a document of its own, of the suspicious cells alone; its
 * rounds are moved to NEW as later blocks. That the first look chose the cells makes no false alarm
 * likelier: the old rounds count on, and new ones of an unchanged program pull towards "same".
 */
#include "compare_rerun.h"

#include "command.h"
#include "run_output.h"
#include "version.h"

#include "base/status.h"
#include "harness/campaign.h"
#include "harness/environment.h"
#include "harness/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct rerun {
    const struct compare_view *view;
    struct tc_topology *topology;
    struct tc_workers workers;
    struct tc_plan plan;
    struct tc_results *results; /* the rerun's own */
    char *output;               /* or NULL */
};

/* -- whether it may -- */

static int check_build(const struct tc_results *new, const char *path, struct tc_error *err)
{
    if (new->commit && strcmp(new->commit, TC_COMMIT) == 0)
        return 0;
    return tc_fail(err, -EXDEV,
                   "--rerun: '%s' was measured by taskcost at commit %s and this is %s; build that "
                   "commit, or compare without --rerun",
                   path, new->commit ? new->commit : "unknown", TC_COMMIT);
}

/* `here` is this machine; both files must be of it. */
static int check_machine(const struct rerun *rerun, const struct tc_results *here,
                         struct tc_error *err)
{
    struct tc_differences differences;
    tc_differences_find(&differences, rerun->view->new, here);
    bool same = differences.same_machine && rerun->view->comparison->differences.same_machine;
    tc_differences_clear(&differences);
    return same ? 0
                : tc_fail(err, -EXDEV,
                          "--rerun: %s and %s were not both measured on this machine; compare "
                          "without it",
                          rerun->view->base_path, rerun->view->new_path);
}

/* -- what -- */

static bool is_noisy(const struct tc_measurement *measurement)
{
    return measurement->quality.verdict == TC_NOISY;
}

static bool is_suspicious(const struct tc_compared *row)
{
    if (row->change == TC_NOT_COMPARABLE)
        return false;
    return row->change == TC_WORSE || row->change == TC_BETTER || is_noisy(row->base) ||
           is_noisy(row->new);
}

static bool is_planned(const struct tc_plan *plan, const struct tc_cell *cell)
{
    for (size_t i = 0; i < plan->count; i++)
        if (tc_cell_same_plan(&plan->cells[i].cell, cell))
            return true;
    return false;
}

/* A request for exactly this cell. */
static int request_cell(struct tc_plan_request *request, const struct tc_cell *cell,
                        struct tc_error *err)
{
    char text[512];
    int code = 0;
    request->profile = "default";
    tc_words_add(&request->workloads, cell->workload);
    tc_words_add(&request->models, cell->model);
    tc_words_add(&request->placements, cell->placement);
    snprintf(text, sizeof text, "%llu", (unsigned long long)cell->tasks);
    code = tc_plan_add_tasks(request, "tasks", text, err);
    for (size_t i = 0; i < cell->param_count && code == 0; i++) {
        snprintf(text, sizeof text, "%s=%s", cell->params[i].name, cell->params[i].value);
        if (!cell->params[i].reported)
            code = tc_plan_add_param(request, text, err);
    }
    return code;
}

/* Appends the cells of `part`, which is emptied; each group of its own. */
static void append_plan(struct tc_plan *plan, struct tc_plan *part)
{
    plan->cells = realloc(plan->cells, (plan->count + part->count + 1) * sizeof *plan->cells);
    MUST(plan->cells);
    for (size_t i = 0; i < part->count; i++) {
        plan->cells[plan->count] = part->cells[i];
        plan->cells[plan->count].group = plan->count;
        plan->count++;
    }
    free(part->cells);
    *part = (struct tc_plan){0};
}

static int plan_cell(struct rerun *rerun, const struct tc_cell *cell, struct tc_error *err)
{
    struct tc_plan_request request = {0};
    struct tc_plan part = {0};
    int code = request_cell(&request, cell, err);
    if (code == 0)
        code = tc_plan_make(&part, &request, &rerun->workers, rerun->topology, err);
    if (code == 0)
        append_plan(&rerun->plan, &part);
    tc_plan_request_clear(&request);
    return code;
}

static int make_plan(struct rerun *rerun, struct tc_error *err)
{
    const struct tc_comparison *comparison = rerun->view->comparison;
    int code = 0;
    for (size_t i = 0; i < comparison->count && code == 0; i++)
        if (is_suspicious(&comparison->rows[i]) &&
            !is_planned(&rerun->plan, &comparison->rows[i].new->cell))
            code = plan_cell(rerun, &comparison->rows[i].new->cell, err);
    return code;
}

/* -- from start to end -- */

static int prepare(struct rerun *rerun, const char *output, struct tc_error *err)
{
    struct tc_words folders = {0};
    const struct tc_results *new = rerun->view->new;
    int code = check_build(new, rerun->view->new_path, err);
    if (code < 0)
        return code;
    rerun->topology = tc_topology_load(err);
    if (!rerun->topology)
        return -ENODEV;
    rerun->results = tc_results_new();
    rerun->results->injected_percent = new->injected_percent;
    tcj_free(rerun->results->environment);
    rerun->results->environment = tc_environment_read(rerun->topology, "");
    code = check_machine(rerun, rerun->results, err);
    if (code == 0 && output)
        code = run_choose_output(output, new, &rerun->output, err);
    if (code == 0 && output)
        code = run_check_vacant(rerun->output, err);
    if (code < 0)
        return code;
    tc_workers_folders(&folders, TC_PREFIX "/libexec/taskcost");
    tc_workers_find(&rerun->workers, &folders);
    tc_words_clear(&folders);
    return make_plan(rerun, err);
}

/* The base's rules; the order is drawn anew, as it is part of no figure's conditions. */
static int measure(struct rerun *rerun, struct tc_error *err)
{
    const struct tc_results *base = rerun->view->base;
    const char *profile = base->profile && tc_rules_of(base->profile) ? base->profile : "default";
    struct tc_campaign campaign = {.plan = &rerun->plan,
                                   .topology = rerun->topology,
                                   .rules = tc_rules_from_json(base->rules, profile),
                                   .seed = base->seed};
    campaign.rules.time_limit_ns = 0;
    campaign.rules.system_calls = false;
    fprintf(stderr, "taskcost compare: measuring %zu cell%s again\n", rerun->plan.count,
            rerun->plan.count == 1 ? "" : "s");
    tc_interrupt_watch();
    int code = tc_campaign_run(&campaign, rerun->results, err);
    tc_campaign_clear(&campaign);
    return code;
}

static int keep(const struct rerun *rerun, struct tc_results *new, struct tc_error *err)
{
    run_stamp_resumed(new);
    tc_results_take_rounds(new, rerun->results);
    tc_results_summarise(new);
    return rerun->output ? tc_results_save(new, rerun->output, err) : 0;
}

int compare_rerun(const struct compare_view *view, struct tc_results *new, const char *output,
                  struct tc_error *err)
{
    struct rerun rerun = {.view = view};
    int code = prepare(&rerun, output, err);
    if (code == 0 && rerun.plan.count == 0)
        fprintf(stderr, "taskcost compare: nothing is suspicious, so nothing is measured again\n");
    else if (code == 0)
        code = measure(&rerun, err);
    if (code == 0 && tc_interrupt_signal()) {
        fprintf(stderr, "taskcost compare: interrupted; nothing was kept\n");
        code = EXIT_INTERRUPTED;
    } else if (code == 0) {
        code = keep(&rerun, new, err);
    }
    tc_plan_clear(&rerun.plan);
    tc_workers_clear(&rerun.workers);
    tc_topology_free(rerun.topology);
    tc_results_free(rerun.results);
    free(rerun.output);
    return code;
}
