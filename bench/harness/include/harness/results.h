/* SPDX-License-Identifier: MIT
 *
 * The results document in memory, and its way to and from JSON ("taskcost-results", version 1; the
 * fields are those of results/schema.json). All strings are owned by the document.
 */
#ifndef HARNESS_RESULTS_H
#define HARNESS_RESULTS_H

#include "harness/hist.h"
#include "harness/json.h"
#include "harness/stats.h"
#include "harness/words.h"

#include <stdbool.h>

/* What every JSON reader keeps exactly: 2^53 - 1. */
#define TC_SEED_MAX UINT64_C(9007199254740991)

enum tc_status { TC_OK, TC_SKIPPED, TC_FAILED, TC_LIMITED };

/* By which rule a cell got its last round (harness/campaign.h). */
enum tc_stop {
    TC_STOP_NONE,      /* it goes on, was killed, or is from before this was recorded */
    TC_STOP_ROUNDS,    /* it had the most rounds */
    TC_STOP_PRECISION, /* at a look its interval was narrow enough */
    TC_STOP_TIME,      /* the run's time was spent */
    TC_STOP_SIGNAL,    /* the run was asked to stop */
    TC_STOP_STATUS,    /* a round was not ok */
};

struct tc_param {
    char *name, *value;
    bool reported; /* the worker named it (driver, channel, ...); it was not part of the plan */
};

/* workload x model x placement x number of tasks x parameters. Parameters are sorted by name. */
struct tc_cell {
    char *workload, *model, *placement;
    uint64_t tasks;
    struct tc_param *params;
    size_t param_count;
};

/* What one process measured of one metric: raw samples, or a histogram when there are many. */
struct tc_round {
    double *samples;
    size_t sample_count;
    struct tc_hist *hist; /* or NULL */
    double median;
    uint64_t block;    /* which pass over all cells this round belonged to, from 0 */
    tc_json *observed; /* what the worker saw of its own conditions (CPUs, clock); NULL on every
                          metric of the round but its first, so that it is stored once */
};

/* Whether a figure deserves trust (harness/quality.h), in rising order of doubt. */
enum tc_quality_verdict { TC_UNJUDGED, TC_GOOD, TC_NOISY, TC_INVALID };

struct tc_quality {
    enum tc_quality_verdict verdict; /* unjudged where it is not ok, and in files of before */
    struct tc_words reasons;         /* in words, the gravest first; none when good */
};

/* One cell x one metric. */
struct tc_measurement {
    struct tc_cell cell;
    char *metric, *unit;
    enum tc_status status;
    enum tc_stop stopped_by;
    char *reason;   /* NULL when ok */
    tc_json *limit; /* when limited, {name, value, needed} if the worker knew; else NULL */
    struct tc_round *rounds;
    size_t round_count;
    double level;              /* of the interval that the next summary gives: TC_CI_LEVEL, or what
                                  the stopping rule leaves of it */
    struct tc_summary summary; /* as of the last tc_results_summarise() */
    struct tc_quality quality; /* likewise */
    bool stale;                /* rounds came in since then */
};

struct tc_warning {
    char *id, *cause, *remedy;
};

struct tc_results {
    /* run */
    char *id, *started, *finished /* NULL while running */, *profile, *command, *version, *commit;
    char *stopped_by; /* rounds, precision, time or signal; NULL while running or when unknown */
    bool complete;
    uint64_t seed;             /* at most TC_SEED_MAX */
    uint64_t elapsed_ms;       /* how long it has measured, all its sessions together */
    uint64_t injected_percent; /* by how much samples were slowed down on purpose; 0 for not */
    tc_json *rules, *request; /* objects: when to stop, and what was asked for (campaign.h, plan.h);
                                 NULL in files from before they were recorded */
    struct tc_words resumed;  /* RFC 3339 times at which it was continued */

    tc_json *environment; /* an object, owned */
    struct tc_warning *warnings;
    size_t warning_count;
    struct tc_measurement *measurements;
    size_t measurement_count;
};

/* An empty document. Free with tc_results_free(). */
struct tc_results *tc_results_new(void);
void tc_results_free(struct tc_results *results);

/* Copies of a cell; equality and a stable order (workload, params, placement, model, tasks). */
void tc_cell_copy(struct tc_cell *to, const struct tc_cell *from);
void tc_cell_clear(struct tc_cell *cell);
int tc_cell_compare(const struct tc_cell *a, const struct tc_cell *b);
/* Order of a parameter's values for people: the default first, then by size or by time, then by
 * name; 0 for equal ones only. */
int tc_value_compare(const char *a, const char *b);
/* A parameter's value, or NULL. */
const char *tc_cell_param(const struct tc_cell *cell, const char *name);
/* Sets or replaces a parameter, keeping the order by name. */
void tc_cell_set_param(struct tc_cell *cell, const char *name, const char *value);
/* Whether both were planned alike: equal but for what workers reported. */
bool tc_cell_same_plan(const struct tc_cell *a, const struct tc_cell *b);
/* "switch-pipe threads one-core n=2 stack=64KiB" into `text`; returns text. */
const char *tc_cell_describe(const struct tc_cell *cell, char *text, size_t size);

/* Adds what a worker printed for one round (its whole object, status included) to the document:
 * each metric of it becomes or extends a measurement; a round that is not ok makes or marks the
 * measurements of that cell (metric "round", unit "1", when none is known yet). A mark stays: a
 * cell with one failed round is failed, whatever its other rounds gave, and so for limited.
 * Parameters that the worker reports (driver, channel, ...) are added to the cell's, and `cell` is
 * compared by plan, without them. -EINVAL with a sentence when the object is not what the protocol
 * says; then nothing was added. */
int tc_results_add_round(struct tc_results *results, const struct tc_cell *cell, uint64_t block,
                         const tc_json *round, struct tc_error *err);

/* The same for a round that gave no object at all: crashed, timed out, or was never started. */
void tc_results_add_failure(struct tc_results *results, const struct tc_cell *cell,
                            enum tc_status status, const char *reason);

/* Takes the measurements for which `unwanted` is true out of the document. */
void tc_results_drop(struct tc_results *results,
                     bool (*unwanted)(const struct tc_measurement *measurement));

/* Moves all rounds of `from` to the same cells and metrics of `into`, as later blocks; a cell that
 * failed or was limited in `from` is so in `into`. What only `from` has is left there. */
void tc_results_take_rounds(struct tc_results *into, struct tc_results *from);

void tc_results_add_warning(struct tc_results *results, const char *id, const char *cause,
                            const char *remedy);

/* Recomputes one measurement's summary, or those of all that got rounds since the last time. */
void tc_measurement_summarise(struct tc_measurement *measurement);
void tc_results_summarise(struct tc_results *results);

/* The first measurement that fits; NULL or 0 in an argument means any. */
const struct tc_measurement *tc_results_find(const struct tc_results *results, const char *workload,
                                             const char *model, const char *placement,
                                             uint64_t tasks, const char *metric);

/* The measurement of this planned cell and metric (NULL: its first), or NULL. */
const struct tc_measurement *tc_results_lookup(const struct tc_results *results,
                                               const struct tc_cell *cell, const char *metric);

/* Sorts the measurements by cell, then metric. */
void tc_results_sort(struct tc_results *results);

tc_json *tc_results_to_json(const struct tc_results *results);
/* NULL with a sentence that names the file, the place and what was expected there; `source` names
 * the file. Checked against the schema first. */
struct tc_results *tc_results_from_json(const tc_json *document, const char *source,
                                        struct tc_error *err);
struct tc_results *tc_results_load(const char *path, struct tc_error *err);
int tc_results_save(const struct tc_results *results, const char *path, struct tc_error *err);

/* "ok", "skipped", "failed", "limited". */
const char *tc_status_name(enum tc_status status);
/* "rounds", "precision", "time", "signal", "status"; NULL for none. */
const char *tc_stop_name(enum tc_stop stop);

#endif
