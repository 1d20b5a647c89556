/* SPDX-License-Identifier: MIT
 *
 * Finding the figure of a result that was measured under the conditions of a published one.
 *
 * A published cell names workload, model, metrics, placements in order of preference, a number of
 * tasks and parameters. The nearest measured cell is taken: by placement, then by number of tasks,
 * then by parameters; what differs is told.
 */
#include "harness/published.h"

#include "harness/format.h"
#include "harness/slope.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct wanted {
    const char *workload, *model, *metric;
    const tc_json *placements, *parameters;
    int64_t tasks; /* 0: any */
};

/* -- how well a cell fits -- */

/* Place in the order of preference, or -1. */
static int placement_rank(const tc_json *placements, const char *placement)
{
    for (size_t i = 0; i < tcj_size(placements); i++)
        if (strcmp(tcj_text(tcj_at(placements, i), ""), placement) == 0)
            return (int)i;
    return -1;
}

/* Differing parameters, where one that the publication leaves open had better be the default. */
static double param_distance(const struct wanted *wanted, const struct tc_cell *cell)
{
    double distance = 0;
    for (size_t i = 0; i < cell->param_count; i++) {
        const struct tc_param *param = &cell->params[i];
        const char *published = tcj_text(tcj_get(wanted->parameters, param->name), NULL);
        if (published && strcmp(published, param->value) != 0)
            distance += 1;
        else if (!published && !param->reported && strcmp(param->value, "default") != 0)
            distance += 0.5;
    }
    return distance;
}

/* The lower the better; placement outweighs tasks, tasks outweigh parameters. */
static double distance_of(const struct wanted *wanted, const struct tc_cell *cell)
{
    double tasks = 0;
    if (wanted->tasks > 0 && cell->tasks > 0)
        tasks = fabs(log2((double)cell->tasks / (double)wanted->tasks));
    return placement_rank(wanted->placements, cell->placement) * 1e6 + tasks * 100 +
           param_distance(wanted, cell);
}

static bool is_candidate(const struct wanted *wanted, const struct tc_measurement *m)
{
    return strcmp(m->cell.workload, wanted->workload) == 0 &&
           strcmp(m->cell.model, wanted->model) == 0 &&
           placement_rank(wanted->placements, m->cell.placement) >= 0 &&
           (strcmp(m->metric, wanted->metric) == 0 || strcmp(m->metric, "round") == 0);
}

/* The nearest measurement that is ok (or the nearest that is not), or NULL. */
static const struct tc_measurement *nearest(const struct wanted *wanted,
                                            const struct tc_results *results, bool ok)
{
    const struct tc_measurement *best = NULL;
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *m = &results->measurements[i];
        if (!is_candidate(wanted, m) || (m->status == TC_OK) != ok)
            continue;
        if (ok && !isfinite(m->summary.median))
            continue;
        if (!best || distance_of(wanted, &m->cell) < distance_of(wanted, &best->cell))
            best = m;
    }
    return best;
}

/* -- notes -- */

static void add_note(char *note, size_t size, const char *text)
{
    size_t used = strlen(note);
    if (used < size)
        snprintf(note + used, size - used, "%s%s", used ? "; " : "", text);
}

static void note_parameters(const struct wanted *wanted, const struct tc_cell *cell, char *note,
                            size_t size)
{
    char text[200];
    for (void *it = tcj_first(wanted->parameters); it; it = tcj_next(wanted->parameters, it)) {
        const char *published = tcj_text(tcj_value(it), ""), *name = tcj_key(it);
        const char *here = tc_cell_param(cell, name);
        if (!here || strcmp(here, published) == 0)
            continue;
        snprintf(text, sizeof text, "%s=%s instead of %s", name, here, published);
        add_note(note, size, text);
    }
}

static void note_differences(const struct wanted *wanted, const struct tc_cell *cell, char *note,
                             size_t size)
{
    char text[200], here[32], published[32];
    if (placement_rank(wanted->placements, cell->placement) > 0) {
        snprintf(text, sizeof text, "placement %s instead of %s", cell->placement,
                 tcj_text(tcj_at(wanted->placements, 0), ""));
        add_note(note, size, text);
    }
    if (wanted->tasks > 0 && cell->tasks != (uint64_t)wanted->tasks) {
        snprintf(text, sizeof text, "%s tasks instead of %s",
                 tc_format_count(cell->tasks, here, sizeof here),
                 tc_format_count((uint64_t)wanted->tasks, published, sizeof published));
        add_note(note, size, text);
    }
    note_parameters(wanted, cell, note, size);
}

static void note_missing(const struct wanted *wanted, const struct tc_results *results, char *note,
                         size_t size)
{
    char text[480];
    const struct tc_measurement *bad = nearest(wanted, results, false);
    if (bad)
        snprintf(text, sizeof text, "%s: %s", tc_status_name(bad->status),
                 bad->reason ? bad->reason : "no reason was given");
    else if (!tc_results_find(results, wanted->workload, wanted->model, NULL, 0, NULL))
        snprintf(text, sizeof text, "%s was not run with %s", wanted->workload, wanted->model);
    else
        snprintf(text, sizeof text, "%s of %s was not measured with %s on %s", wanted->metric,
                 wanted->workload, wanted->model,
                 tcj_text(tcj_at(wanted->placements, 0), "any placement"));
    add_note(note, size, text);
}

/* -- the value -- */

static struct wanted read_cell(const tc_json *cell)
{
    struct wanted wanted = {.workload = tcj_text(tcj_get(cell, "workload"), ""),
                            .model = tcj_text(tcj_get(cell, "model"), ""),
                            .metric = tcj_text(tcj_at(tcj_get(cell, "metrics"), 0), ""),
                            .placements = tcj_get(cell, "placements"),
                            .parameters = tcj_get(cell, "parameters")};
    tcj_read_integer(tcj_get(cell, "tasks"), &wanted.tasks);
    return wanted;
}

/* All metrics of the cell that was found, added up. */
static double sum_metrics(const tc_json *metrics, const struct tc_measurement *found,
                          const struct tc_results *results, char *note, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < tcj_size(metrics); i++) {
        const char *metric = tcj_text(tcj_at(metrics, i), "");
        const struct tc_measurement *m = tc_results_lookup(results, &found->cell, metric);
        if (!m || m->status != TC_OK || !isfinite(m->summary.median)) {
            char text[128];
            snprintf(text, sizeof text, "%s was not measured", metric);
            note[0] = '\0';
            add_note(note, size, text);
            return NAN;
        }
        sum += m->summary.median;
    }
    return sum;
}

/* The figure of the model that is to be subtracted, in the very cell that was found. */
static double control_of(const char *model, const struct tc_measurement *found,
                         const struct tc_results *results, char *note, size_t size)
{
    const struct tc_measurement *control =
        tc_results_find(results, found->cell.workload, model, found->cell.placement,
                        found->cell.tasks, found->metric);
    char text[200], value[64];
    if (!control || control->status != TC_OK || !isfinite(control->summary.median)) {
        snprintf(text, sizeof text, "%s of %s on %s, to be subtracted, was not measured", model,
                 found->cell.workload, found->cell.placement);
        note[0] = '\0';
        add_note(note, size, text);
        return NAN;
    }
    snprintf(text, sizeof text, "less %s of the %s",
             tc_format_quantity(control->summary.median, control->unit, value, sizeof value),
             model);
    add_note(note, size, text);
    return control->summary.median;
}

/* What one more task takes, for a figure that was published as a slope: the metrics' slopes added
 * up, where there is one of each. */
static double sum_slopes(const tc_json *metrics, const struct tc_measurement *found,
                         const struct tc_results *results, char *note, size_t size)
{
    double sum = 0;
    struct tc_slope slope = {0};
    char text[160], from[32], to[32];
    for (size_t i = 0; i < tcj_size(metrics); i++) {
        if (!tc_slope_find(results, &found->cell, tcj_text(tcj_at(metrics, i), ""), &slope))
            return NAN;
        sum += slope.line.slope;
    }
    snprintf(text, sizeof text, "slope over %zu numbers of tasks, %s to %s", slope.values,
             tc_format_count(slope.tasks_min, from, sizeof from),
             tc_format_count(slope.tasks_max, to, sizeof to));
    add_note(note, size, text);
    return sum;
}

double tc_published_value(const tc_json *cell, const struct tc_results *results, char *note,
                          size_t size)
{
    struct wanted wanted = read_cell(cell);
    const struct tc_measurement *found = nearest(&wanted, results, true);
    const char *minus = tcj_text(tcj_get(cell, "minus"), NULL);
    note[0] = '\0';
    if (!found) {
        note_missing(&wanted, results, note, size);
        return NAN;
    }
    double value = NAN;
    bool as_slope = false;
    if (tcj_read_bool(tcj_get(cell, "slope"), &as_slope) && as_slope) {
        value = sum_slopes(tcj_get(cell, "metrics"), found, results, note, size);
        if (isfinite(value))
            wanted.tasks = 0; /* then no number of tasks differs */
    }
    note_differences(&wanted, &found->cell, note, size);
    if (isnan(value))
        value = sum_metrics(tcj_get(cell, "metrics"), found, results, note, size);
    if (minus && isfinite(value))
        value -= control_of(minus, found, results, note, size);
    return value;
}
