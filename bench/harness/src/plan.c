/* SPDX-License-Identifier: MIT
 *
 * From a request to cells. All ways lead through one cross product, expand(): a sweep is one set of
 * axes, and so is what the command line named.
 */
#include "harness/plan.h"

#include "plan_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What varies; an empty axis stands for its default. */
struct axes {
    const struct tc_words *placements;
    const uint64_t *tasks;
    size_t task_count;
    const struct tc_offer_param *params;
    size_t param_count;
};

struct planner {
    struct tc_plan *plan;
    const struct tc_plan_request *request;
    const struct tc_workers *workers;
    const struct tc_topology *topology;
};

static const char default_placement[] = "one-core";

static struct tc_planned *add_cell(struct planner *planner, const struct tc_cell *cell,
                                   const struct tc_worker *worker)
{
    struct tc_plan *plan = planner->plan;
    plan->cells = realloc(plan->cells, (plan->count + 1) * sizeof *plan->cells);
    MUST(plan->cells);
    struct tc_planned *planned = &plan->cells[plan->count++];
    *planned = (struct tc_planned){.worker = worker};
    tc_cell_copy(&planned->cell, cell);
    return planned;
}

static void set_skipped(struct tc_planned *planned, const char *reason)
{
    planned->skipped = strdup(reason);
    MUST(planned->skipped);
}

static void add_offered(struct planner *planner, const struct tc_cell *cell,
                        const struct tc_worker *worker, const struct tc_offer *offer)
{
    struct tc_error err;
    struct tc_planned *planned = add_cell(planner, cell, worker);
    if (cell->tasks > offer->tasks_max)
        tc_fail(&err, -ERANGE, "%s takes at most %" PRIu64 " tasks", offer->workload,
                offer->tasks_max);
    else
        planned->placement = tc_placement_resolve(planner->topology, cell->placement, &err);
    if (planned->placement)
        planned->offer = offer;
    else
        set_skipped(planned, err.text);
}

/* -- the cross product -- */

static const struct tc_words *values_of(const struct axes *axes, const struct tc_offer_param *param,
                                        size_t *count)
{
    for (size_t i = 0; i < axes->param_count; i++) {
        if (strcmp(axes->params[i].name, param->name) == 0 && axes->params[i].values.count) {
            *count = axes->params[i].values.count;
            return &axes->params[i].values;
        }
    }
    *count = 1; /* the first is the default */
    return &param->values;
}

static void expand_params(struct planner *planner, const struct axes *axes,
                          const struct tc_worker *worker, const struct tc_offer *offer,
                          size_t param, struct tc_cell *cell)
{
    if (param == offer->param_count) {
        add_offered(planner, cell, worker, offer);
        return;
    }
    size_t count;
    const struct tc_words *values = values_of(axes, &offer->params[param], &count);
    for (size_t i = 0; i < count; i++) {
        tc_cell_set_param(cell, offer->params[param].name, values->items[i]);
        expand_params(planner, axes, worker, offer, param + 1, cell);
    }
}

static void start_cell(struct tc_cell *cell, const char *workload, const char *model,
                       const char *placement, uint64_t tasks)
{
    const struct tc_cell plain = {.workload = (char *)workload,
                                  .model = (char *)model,
                                  .placement = (char *)placement,
                                  .tasks = tasks};
    tc_cell_copy(cell, &plain);
}

/* The placements that an axis stands for. What cannot be expanded stays as it is and is skipped
 * later, with the sentence that says why it is no placement. */
static void expand_placements(const struct planner *planner, const struct axes *axes,
                              struct tc_words *out)
{
    for (size_t i = 0; axes->placements && i < axes->placements->count; i++)
        if (tc_placement_expand(planner->topology, axes->placements->items[i], out, NULL) < 0)
            tc_words_add(out, axes->placements->items[i]);
    if (out->count == 0)
        tc_words_add(out, default_placement);
}

static void expand(struct planner *planner, const struct axes *axes, const struct tc_worker *worker,
                   const struct tc_offer *offer)
{
    struct tc_words placements = {0};
    expand_placements(planner, axes, &placements);
    for (size_t p = 0; p < placements.count; p++) {
        for (size_t t = 0; t < (axes->task_count ? axes->task_count : 1); t++) {
            uint64_t tasks = axes->task_count ? axes->tasks[t] : offer->tasks_default;
            struct tc_cell cell;
            start_cell(&cell, offer->workload, worker->model, placements.items[p], tasks);
            expand_params(planner, axes, worker, offer, 0, &cell);
            tc_cell_clear(&cell);
        }
    }
    tc_words_clear(&placements);
}

/* -- where the axes come from -- */

static bool sweep_applies(const struct tc_offer_sweep *sweep, const char *model,
                          const char *profile)
{
    int rank = tc__profile_rank(sweep->profile);
    return rank >= 0 && rank <= tc__profile_rank(profile) &&
           (sweep->models.count == 0 || tc_words_have(&sweep->models, model));
}

static void plan_sweeps(struct planner *planner, const struct tc_worker *worker,
                        const struct tc_offer *offer)
{
    size_t before = planner->plan->count;
    for (size_t i = 0; i < offer->sweep_count; i++) {
        const struct tc_offer_sweep *sweep = &offer->sweeps[i];
        const struct axes axes = {&sweep->placements, sweep->tasks, sweep->task_count,
                                  sweep->params, sweep->param_count};
        if (sweep_applies(sweep, worker->model, planner->request->profile))
            expand(planner, &axes, worker, offer);
    }
    /* Who names a workload gets at least its usual cell. */
    if (planner->plan->count == before && planner->request->workloads.count)
        expand(planner, &(struct axes){0}, worker, offer);
}

static void plan_offer(struct planner *planner, const struct tc_worker *worker,
                       const struct tc_offer *offer)
{
    const struct tc_plan_request *request = planner->request;
    const struct axes axes = {&request->placements, request->tasks, request->task_count,
                              request->params, request->param_count};
    if (request->placements.count || request->task_count || request->param_count)
        expand(planner, &axes, worker, offer);
    else
        plan_sweeps(planner, worker, offer);
}

/* Whether the profile, or the axes that were named, have a cell of the workload for a model. */
static bool is_planned(const struct planner *planner, const struct tc_worker *worker,
                       const struct tc_offer *offer)
{
    const struct tc_plan_request *request = planner->request;
    if (request->placements.count || request->task_count || request->param_count)
        return true;
    for (size_t i = 0; i < offer->sweep_count; i++)
        if (sweep_applies(&offer->sweeps[i], worker->model, request->profile))
            return true;
    return false;
}

/* The offer of a model that can run the workload and is to: of any such model for who names it. */
static const struct tc_offer *offer_elsewhere(const struct planner *planner, const char *workload)
{
    for (size_t i = 0; i < planner->workers->count; i++) {
        const struct tc_worker *worker = &planner->workers->items[i];
        const struct tc_offer *offer = tc_worker_offer(worker, workload);
        if (offer && (planner->request->workloads.count || is_planned(planner, worker, offer)))
            return offer;
    }
    return NULL;
}

/* A chosen model that cannot run a workload: one cell that says so, if someone else is to run it or
 * it was named. */
static void plan_refusal(struct planner *planner, const struct tc_worker *worker,
                         const char *workload)
{
    const struct tc_plan_request *request = planner->request;
    const char *reason = tc_worker_refusal(worker, workload);
    const struct tc_offer *other = offer_elsewhere(planner, workload);
    char text[256];
    if (!request->workloads.count && (!reason || !other))
        return;
    if (!reason)
        snprintf(text, sizeof text, "model %s does not have this workload", worker->model);
    struct tc_cell cell;
    start_cell(&cell, workload, worker->model,
               request->placements.count ? request->placements.items[0] : default_placement,
               request->task_count ? request->tasks[0]
               : other             ? other->tasks_default
                                   : 1);
    set_skipped(add_cell(planner, &cell, worker), reason ? reason : text);
    tc_cell_clear(&cell);
}

/* -- putting it together -- */

static int compare_planned(const void *a, const void *b)
{
    return tc_cell_compare(&((const struct tc_planned *)a)->cell,
                           &((const struct tc_planned *)b)->cell);
}

static void clear_planned(struct tc_planned *planned)
{
    tc_cell_clear(&planned->cell);
    tc_placement_free(planned->placement);
    free(planned->skipped);
}

static void sort_and_drop_duplicates(struct tc_plan *plan)
{
    size_t kept = 0;
    if (plan->count)
        qsort(plan->cells, plan->count, sizeof *plan->cells, compare_planned);
    for (size_t i = 0; i < plan->count; i++) {
        if (kept && compare_planned(&plan->cells[kept - 1], &plan->cells[i]) == 0)
            clear_planned(&plan->cells[i]);
        else
            plan->cells[kept++] = plan->cells[i];
    }
    plan->count = kept;
}

int tc_plan_make(struct tc_plan *plan, const struct tc_plan_request *request,
                 const struct tc_workers *workers, const struct tc_topology *topology,
                 struct tc_error *err)
{
    struct planner planner = {plan, request, workers, topology};
    struct tc_words workloads = {0};
    *plan = (struct tc_plan){0};
    int code = tc__plan_check(request, workers, topology, err);
    if (code < 0)
        return code;
    tc_workers_workloads(workers, &workloads);
    for (size_t w = 0; w < workloads.count; w++) {
        for (size_t m = 0; m < workers->count; m++) {
            const struct tc_worker *worker = &workers->items[m];
            const struct tc_offer *offer = tc_worker_offer(worker, workloads.items[w]);
            if (!tc__is_chosen(&request->workloads, workloads.items[w]) ||
                !tc__is_chosen(&request->models, worker->model))
                continue;
            if (offer)
                plan_offer(&planner, worker, offer);
            else
                plan_refusal(&planner, worker, workloads.items[w]);
        }
    }
    tc_words_clear(&workloads);
    sort_and_drop_duplicates(plan);
    tc__plan_group(plan, workers);
    if (plan->count == 0)
        return tc_fail(err, -EINVAL,
                       "profile %s has nothing for the chosen models; name a workload, as in "
                       "`taskcost run create`",
                       request->profile);
    return 0;
}

tc_json *tc_plan_describe_placements(const struct tc_plan *plan)
{
    tc_json *out = tcj_object();
    for (size_t i = 0; i < plan->count; i++) {
        const struct tc_planned *planned = &plan->cells[i];
        if (planned->placement && !tcj_get(out, planned->cell.placement))
            tcj_set(out, planned->cell.placement,
                    tcj_string(tc_placement_cpus(planned->placement)));
    }
    return out;
}

void tc_plan_clear(struct tc_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        clear_planned(&plan->cells[i]);
    free(plan->cells);
    *plan = (struct tc_plan){0};
}
