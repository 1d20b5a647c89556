/* SPDX-License-Identifier: MIT
 *
 * The results document: its life, its lists, its order. Rounds come in through results_round.c,
 * figures go out through results_summary.c, JSON is results_json.c and results_read.c.
 *
 * Lists grow by doubling and are searched linearly: a run has some hundreds of cells, and a search
 * takes less than a thousandth of the process it is made for.
 */
#include "harness/results.h"

#include "harness/quality.h"

#include "base/status.h"
#include "results_internal.h"

#include <stdlib.h>
#include <string.h>

char *tc__copy(const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    MUST(copy || !text);
    return copy;
}

void tc__replace(char **field, const char *text)
{
    char *old = *field;
    *field = tc__copy(text);
    free(old);
}

/* Room for one more of `count` elements: the lists double at each power of two. */
static void *grown(void *list, size_t count, size_t element_size)
{
    if (count & (count - 1))
        return list;
    list = realloc(list, (count ? count * 2 : 1) * element_size);
    MUST(list);
    return list;
}

struct tc_results *tc_results_new(void)
{
    struct tc_results *results = calloc(1, sizeof *results);
    MUST(results);
    results->environment = tcj_object();
    return results;
}

void tc__round_clear(struct tc_round *round)
{
    free(round->samples);
    tc_hist_free(round->hist);
    tcj_free(round->observed);
}

static void clear_measurement(struct tc_measurement *measurement)
{
    for (size_t i = 0; i < measurement->round_count; i++)
        tc__round_clear(&measurement->rounds[i]);
    free(measurement->rounds);
    free(measurement->metric);
    free(measurement->unit);
    free(measurement->reason);
    tcj_free(measurement->limit);
    tc_quality_clear(&measurement->quality);
    tc_cell_clear(&measurement->cell);
}

void tc_results_free(struct tc_results *results)
{
    if (!results)
        return;
    char *texts[] = {results->id,      results->started, results->finished, results->profile,
                     results->command, results->version, results->commit,   results->stopped_by};
    for (size_t i = 0; i < TC_COUNT_OF(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < results->warning_count; i++) {
        free(results->warnings[i].id);
        free(results->warnings[i].cause);
        free(results->warnings[i].remedy);
    }
    for (size_t i = 0; i < results->measurement_count; i++)
        clear_measurement(&results->measurements[i]);
    free(results->warnings);
    free(results->measurements);
    tcj_free(results->environment);
    tcj_free(results->rules);
    tcj_free(results->request);
    tc_words_clear(&results->resumed);
    free(results);
}

struct tc_measurement *tc__add_measurement(struct tc_results *results)
{
    results->measurements =
        grown(results->measurements, results->measurement_count, sizeof *results->measurements);
    struct tc_measurement *added = &results->measurements[results->measurement_count++];
    *added = (struct tc_measurement){.status = TC_SKIPPED, /* until something marks it */
                                     .level = TC_CI_LEVEL};
    return added;
}

void tc_results_drop(struct tc_results *results,
                     bool (*unwanted)(const struct tc_measurement *measurement))
{
    size_t kept = 0;
    for (size_t i = 0; i < results->measurement_count; i++) {
        if (unwanted(&results->measurements[i]))
            clear_measurement(&results->measurements[i]);
        else
            results->measurements[kept++] = results->measurements[i];
    }
    results->measurement_count = kept;
}

struct tc_round *tc__add_round(struct tc_measurement *measurement)
{
    measurement->rounds =
        grown(measurement->rounds, measurement->round_count, sizeof *measurement->rounds);
    struct tc_round *added = &measurement->rounds[measurement->round_count++];
    *added = (struct tc_round){0};
    return added;
}

/* A warning is about the machine, so one of each kind and cause is enough. */
void tc_results_add_warning(struct tc_results *results, const char *id, const char *cause,
                            const char *remedy)
{
    for (size_t i = 0; i < results->warning_count; i++)
        if (strcmp(results->warnings[i].id, id) == 0 &&
            strcmp(results->warnings[i].cause, cause) == 0)
            return;
    results->warnings = grown(results->warnings, results->warning_count, sizeof *results->warnings);
    results->warnings[results->warning_count++] =
        (struct tc_warning){tc__copy(id), tc__copy(cause), tc__copy(remedy)};
}

static int graveness(enum tc_status status)
{
    static const int order[] = {[TC_SKIPPED] = 0, [TC_OK] = 1, [TC_LIMITED] = 2, [TC_FAILED] = 3};
    return order[status];
}

void tc__mark(struct tc_measurement *measurement, enum tc_status status, const char *reason,
              const tc_json *limit)
{
    int rise = graveness(status) - graveness(measurement->status);
    if (rise < 0 || (rise == 0 && measurement->reason))
        return;
    tcj_free(measurement->limit);
    measurement->limit = limit ? tcj_keep((tc_json *)(uintptr_t)limit) : NULL;
    measurement->status = status;
    tc__replace(&measurement->reason, reason);
}

static bool fits(const char *wanted, const char *given)
{
    return !wanted || strcmp(wanted, given) == 0;
}

const struct tc_measurement *tc_results_find(const struct tc_results *results, const char *workload,
                                             const char *model, const char *placement,
                                             uint64_t tasks, const char *metric)
{
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (fits(workload, m->cell.workload) && fits(model, m->cell.model) &&
            fits(placement, m->cell.placement) && (tasks == 0 || tasks == m->cell.tasks) &&
            fits(metric, m->metric))
            return m;
    }
    return NULL;
}

const struct tc_measurement *tc_results_lookup(const struct tc_results *results,
                                               const struct tc_cell *cell, const char *metric)
{
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (fits(metric, m->metric) && tc_cell_same_plan(&m->cell, cell))
            return m;
    }
    return NULL;
}

static int compare_measurements(const void *a, const void *b)
{
    const struct tc_measurement *x = a, *y = b;
    int order = tc_cell_compare(&x->cell, &y->cell);
    return order ? order : strcmp(x->metric, y->metric);
}

void tc_results_sort(struct tc_results *results)
{
    if (results->measurement_count > 1)
        qsort(results->measurements, results->measurement_count, sizeof *results->measurements,
              compare_measurements);
}
