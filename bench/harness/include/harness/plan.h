/* SPDX-License-Identifier: MIT
 *
 * Which cells a run has: from what was asked for and what the workers offer.
 *
 * Without counts, placements or parameters the cells are those of the profile's sweeps, narrowed to
 * the workloads and models that were named. With any of them the cells are the cross product of
 * what was named over the chosen workloads and models; an axis that was not named takes its
 * default: the workload's usual number of tasks, one-core, the parameters' defaults.
 * What a chosen model cannot do becomes a cell that is skipped with its reason, never nothing.
 */
#ifndef HARNESS_PLAN_H
#define HARNESS_PLAN_H

#include "harness/results.h"
#include "harness/worker_list.h"

#include "harness/topology.h"

/* What was asked for; empty lists and counts of 0 mean "not said". */
struct tc_plan_request {
    const char *profile; /* quick, default or full; each includes the ones before */
    struct tc_words workloads, models, placements;
    uint64_t *tasks;
    size_t task_count;
    struct tc_offer_param *params; /* names and values only */
    size_t param_count;
};

struct tc_planned {
    struct tc_cell cell;            /* every declared parameter is in it, defaults too */
    const struct tc_worker *worker; /* of the list the plan was made from */
    const struct tc_offer *offer;   /* NULL when skipped */
    struct tc_placement *placement; /* NULL when skipped */
    char *skipped;                  /* why it won't be run, or NULL */
    /* The number of its group, from 0: its cells differ in the model alone, or in what only some
     * models can choose. One that is skipped is a group of its own. */
    size_t group;
};

struct tc_plan {
    struct tc_planned *cells; /* without duplicates, in the order of tc_cell_compare() */
    size_t count;
};

enum { TC_TASKS_MAX = 1000000000 };

/* 0, or -EINVAL with a sentence that names what is wrong and what would be right. `workers` and
 * `topology` must outlive the plan. */
int tc_plan_make(struct tc_plan *plan, const struct tc_plan_request *request,
                 const struct tc_workers *workers, const struct tc_topology *topology,
                 struct tc_error *err);
void tc_plan_clear(struct tc_plan *plan);

/* An object: for each placement of the plan the OS indices of its PUs ("0,2-3"). Owned by the
 * caller.
 */
tc_json *tc_plan_describe_placements(const struct tc_plan *plan);

/* Adds the parts of "one-core,pu:0,3,all" to `out`: a part that begins with a digit belongs to the
 * location before it. */
void tc_plan_split_placements(struct tc_words *out, const char *list);

/* Adds a "NAME=VALUE[,VALUE]" to the request; -EINVAL with a sentence when it is not that. */
int tc_plan_add_param(struct tc_plan_request *request, const char *text, struct tc_error *err);
/* Adds the counts of "500,1000"; -EINVAL with a sentence. `what` names the option in it. */
int tc_plan_add_tasks(struct tc_plan_request *request, const char *what, const char *text,
                      struct tc_error *err);
/* The request as the document's run.request, without the profile; and from there back into an empty
 * one, whose profile stays NULL. */
tc_json *tc_plan_request_to_json(const struct tc_plan_request *request);
void tc_plan_request_from_json(struct tc_plan_request *request, const tc_json *object);
void tc_plan_request_clear(struct tc_plan_request *request);

/* Names of the profiles, from small to large; NULL after the last. */
const char *tc_profile_name(size_t index);

#endif
