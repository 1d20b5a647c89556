/* SPDX-License-Identifier: MIT
 *
 * The workers there are and what each offers, from their own `list` (docs/protocol.md). All strings
 * are owned by the list.
 */
#ifndef HARNESS_WORKER_LIST_H
#define HARNESS_WORKER_LIST_H

#include "harness/json.h"
#include "harness/words.h"

/* A choice that a workload has; the first value is its default. */
struct tc_offer_param {
    char *name, *help;
    struct tc_words values;
    bool open; /* other values of the same kind are taken too */
};

/* One line of a profile's plan. */
struct tc_offer_sweep {
    char *profile;
    struct tc_words models; /* none: every model */
    struct tc_words placements;
    uint64_t *tasks;
    size_t task_count;
    struct tc_offer_param *params; /* only names and values; one not named takes its default */
    size_t param_count;
};

/* A workload that a worker can run. */
struct tc_offer {
    char *workload, *question;
    struct tc_words metrics; /* what it measures itself, without the counters every round has */
    struct tc_words
        awaited; /* of these the ones whose interval decides when there are enough rounds */
    struct tc_offer_param *params;
    size_t param_count;
    struct tc_offer_sweep *sweeps;
    size_t sweep_count;
    uint64_t tasks_min, tasks_default;
    uint64_t tasks_max; /* INT64_MAX where the list names none */
};

/* A workload that a worker cannot run, and why. */
struct tc_refusal {
    char *workload, *reason;
};

struct tc_worker {
    char *path, *model, *description;
    bool one_thread; /* it says that all its tasks share one */
    struct tc_offer *offers;
    size_t offer_count;
    struct tc_refusal *refusals;
    size_t refusal_count;
};

struct tc_workers {
    struct tc_worker *items; /* sorted by model */
    size_t count;
    struct tc_words searched; /* the folders */
    struct tc_words ignored;  /* a sentence for each worker that was found but cannot be used */
};

/* The folders where workers are looked for, in this order: those named by TASKCOST_WORKERS
 * (colon-separated), the one of this executable, its ../libexec/taskcost, and `installed`. */
void tc_workers_folders(struct tc_words *folders, const char *installed);

/* Asks every executable worker-NAME in the folders for its list; where two have the same file name
 * or model the first one found is used. */
void tc_workers_find(struct tc_workers *workers, const struct tc_words *folders);
void tc_workers_clear(struct tc_workers *workers);

/* Reads one worker's list; -EINVAL with a sentence when it is not what the protocol says. */
int tc_worker_parse(struct tc_worker *worker, const tc_json *list, const char *path,
                    struct tc_error *err);
void tc_worker_clear(struct tc_worker *worker);

/* By name; NULL when there is none. */
const struct tc_worker *tc_workers_model(const struct tc_workers *workers, const char *model);
const struct tc_offer *tc_worker_offer(const struct tc_worker *worker, const char *workload);
const char *tc_worker_refusal(const struct tc_worker *worker, const char *workload);
const struct tc_offer_param *tc_offer_param_of(const struct tc_offer *offer, const char *name);

/* Whether every model that has the workload takes the parameter: then it is the workload's,
 * otherwise that of the models that do. */
bool tc_workers_share_param(const struct tc_workers *workers, const char *workload,
                            const char *param);

/* Names of all models; names of all workloads that some worker offers or refuses, sorted. */
void tc_workers_models(const struct tc_workers *workers, struct tc_words *out);
void tc_workers_workloads(const struct tc_workers *workers, struct tc_words *out);

#endif
