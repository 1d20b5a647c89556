/* SPDX-License-Identifier: MIT
 *
 * A results document as gnuplot's data. A document may come from a stranger and gnuplot can run
 * shell commands, so no text reaches it but the harmless characters that tc__put_text() lets
 * through.
 */
#include "harness/plot_data.h"

#include "harness/slope.h"
#include "harness/words.h"
#include "plot_text.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char columns[] =
    "workload\tmodel\tseries\tplacement\ttasks\tstack\tload\tparams\tmetric\tunit"
    "\trounds\tsamples\tmedian\tlo\thi\tmean\tmin\tp50\tp90\tp99\tp999"
    "\tmax\n";

/* -- which measurements ---------------------------------------------------------------------- */

static bool needed(const char *needs, const char *workload, const char *metric)
{
    char name[256], patterns[4096], *rest;
    snprintf(name, sizeof name, "%s/%s", workload, metric);
    snprintf(patterns, sizeof patterns, "%s", needs);
    for (char *p = strtok_r(patterns, " \t", &rest); p; p = strtok_r(NULL, " \t", &rest))
        if (fnmatch(p, name, 0) == 0)
            return true;
    return false;
}

/* Figures show tasks as they come out of the box; cells that were told otherwise are rows of the
 * tables. (`touched` was a parameter of memory-idle up to version 0.1.) */
static bool is_usual(const struct tc_cell *cell)
{
    static const char *const usual[][2] = {
        {"policy", "other"},       {"channel", "mutex-condition"},
        {"futex-hash", "default"}, {"stack-cache", "default"},
        {"tokens", "1"},           {"touched", "default"}};
    for (size_t i = 0; i < TC_COUNT_OF(usual); i++) {
        const char *value = tc_cell_param(cell, usual[i][0]);
        if (value && strcmp(value, usual[i][1]) != 0)
            return false;
    }
    return true;
}

static bool drawable(const struct tc_measurement *m, const char *needs)
{
    return m->status == TC_OK && is_usual(&m->cell) && !isnan(m->summary.median) &&
           needed(needs, m->cell.workload, m->metric);
}

size_t tc_plot_count(const struct tc_results *results, const char *needs)
{
    size_t count = 0;
    for (size_t i = 0; i < results->measurement_count; i++)
        count += drawable(&results->measurements[i], needs);
    return count;
}

/* What a figure of the workload `work` has on its axis instead of the number of tasks. */
static const char *work_of(const struct tc_cell *cell)
{
    const char *work = tc_cell_param(cell, "work");
    return work ? work : "";
}

static const char *stack_of(const struct tc_cell *cell)
{
    const char *stack = tc_cell_param(cell, "stack");
    return stack ? stack : "default";
}

/* "open" where requests were sent at planned times. */
static const char *load_of(const struct tc_cell *cell)
{
    const char *load = tc_cell_param(cell, "load");
    return load ? load : "closed";
}

/* gnuplot joins the points of neighbouring rows: a line over the number of tasks must not be
 * interrupted by another series, or by another metric of the same cells. */
static int by_line(const void *left, const void *right)
{
    const struct tc_measurement *a = *(const struct tc_measurement *const *)left;
    const struct tc_measurement *b = *(const struct tc_measurement *const *)right;
    int order = strcmp(a->metric, b->metric);
    if (order == 0)
        order = strcmp(a->cell.workload, b->cell.workload);
    if (order == 0)
        order = strcmp(a->cell.model, b->cell.model);
    if (order == 0)
        order = strcmp(stack_of(&a->cell), stack_of(&b->cell));
    if (order == 0)
        order = strcmp(load_of(&a->cell), load_of(&b->cell));
    if (order == 0)
        order = strcmp(a->cell.placement, b->cell.placement);
    if (order == 0)
        order = (a->cell.tasks > b->cell.tasks) - (a->cell.tasks < b->cell.tasks);
    if (order == 0)
        order = tc_value_compare(work_of(&a->cell), work_of(&b->cell));
    return order;
}

static const struct tc_measurement **choose(const struct tc_results *results, const char *needs,
                                            size_t *count)
{
    const struct tc_measurement **rows = calloc(results->measurement_count + 1, sizeof *rows);
    MUST(rows);
    *count = 0;
    for (size_t i = 0; i < results->measurement_count; i++)
        if (drawable(&results->measurements[i], needs))
            rows[(*count)++] = &results->measurements[i];
    qsort(rows, *count, sizeof *rows, by_line);
    return rows;
}

/* -- writing --------------------------------------------------------------------------------- */

static void series_name(const struct tc_cell *cell, char *text, size_t size)
{
    const char *stack = stack_of(cell);
    if (strcmp(stack, "default") == 0)
        snprintf(text, size, "%s", cell->model);
    else
        snprintf(text, size, "%s/%s", cell->model, stack);
}

static void put_params(const struct tc_cell *cell, FILE *out)
{
    char text[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < cell->param_count && used < sizeof text; i++) {
        const struct tc_param *param = &cell->params[i];
        if (strcmp(param->name, "stack") != 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s=%s", used ? "," : "",
                                     param->name, param->value);
    }
    tc__put_name(text, out);
}

static void put_cell(const struct tc_cell *cell, FILE *out)
{
    char series[128];
    series_name(cell, series, sizeof series);
    tc__put_name(cell->workload, out);
    fputc('\t', out);
    tc__put_name(cell->model, out);
    fputc('\t', out);
    tc__put_name(series, out);
    fputc('\t', out);
    tc__put_name(cell->placement, out);
    fprintf(out, "\t%" PRIu64 "\t", cell->tasks);
    tc__put_name(stack_of(cell), out);
    fputc('\t', out);
    tc__put_name(load_of(cell), out);
    fputc('\t', out);
    put_params(cell, out);
}

static void put_row(const struct tc_measurement *m, FILE *out)
{
    const struct tc_summary *s = &m->summary;
    const double values[] = {s->median, s->ci_low, s->ci_high, s->mean, s->min,
                             s->p50,    s->p90,    s->p99,     s->p999, s->max};
    put_cell(&m->cell, out);
    fputc('\t', out);
    tc__put_name(m->metric, out);
    fputc('\t', out);
    tc__put_name(m->unit, out);
    fprintf(out, "\t%" PRIu64 "\t%" PRIu64, s->rounds, s->samples);
    for (size_t i = 0; i < TC_COUNT_OF(values); i++)
        tc__put_number(values[i], out);
    fputc('\n', out);
}

/* -- slopes ------------------------------------------------------------------------------------ */

/* The slope as if it were a cell's median; its number of tasks is how many of them there were. */
static bool make_slope(const struct tc_results *results, const struct tc_measurement *m,
                       struct tc_measurement *out)
{
    struct tc_slope slope;
    if (strcmp(m->unit, "B") != 0 || !tc_slope_find(results, &m->cell, m->metric, &slope))
        return false;
    *out = *m;
    out->cell.tasks = slope.values;
    out->summary = (struct tc_summary){.rounds = slope.points,
                                       .samples = slope.points,
                                       .median = slope.line.slope,
                                       .ci_low = slope.line.low,
                                       .ci_high = slope.line.high,
                                       .mean = NAN,
                                       .min = NAN,
                                       .max = NAN,
                                       .p50 = NAN,
                                       .p90 = NAN,
                                       .p99 = NAN,
                                       .p999 = NAN};
    return true;
}

/* Rows are sorted, so that those of one line follow each other. */
static void put_slopes(const struct tc_results *results, const struct tc_measurement **rows,
                       size_t count, FILE *out)
{
    struct tc_measurement slope;
    fprintf(out, "$Slopes << EOD\n%s", columns);
    for (size_t i = 0; i < count; i++) {
        bool told = i > 0 && strcmp(rows[i - 1]->metric, rows[i]->metric) == 0 &&
                    tc_slope_same_line(&rows[i - 1]->cell, &rows[i]->cell);
        if (!told && make_slope(results, rows[i], &slope))
            put_row(&slope, out);
    }
    tc__put_last_row(columns, out);
}

static void put_all_series(const struct tc_results *results, FILE *out)
{
    struct tc_words series = {0};
    char name[128];
    for (size_t i = 0; i < results->measurement_count; i++) {
        series_name(&results->measurements[i].cell, name, sizeof name);
        tc_words_add_once(&series, name);
    }
    tc__put_list("all_series", &series, out);
    tc_words_clear(&series);
}

/* -- published values ------------------------------------------------------------------------- */

static const char published_columns[] =
    "id\tworkload\tmodel\tseries\tplacement\ttasks\tmetric\tunit\tvalue\n";

/* A published value names placements in order of preference; the first that was measured. */
static const char *published_placement(const tc_json *cell, const struct tc_words *measured)
{
    const tc_json *names = tcj_get(cell, "placements");
    for (size_t i = 0; i < tcj_size(names); i++)
        if (tc_words_have(measured, tcj_text(tcj_at(names, i), "")))
            return tcj_text(tcj_at(names, i), "");
    return NULL;
}

/* Only a plain cost of one metric can be marked beside a measured point: a range, a sum or a
 * difference would need words. */
static bool can_be_marked(const tc_json *entry, const char *needs, double *value)
{
    const tc_json *cell = tcj_get(entry, "cell"), *metrics = tcj_get(cell, "metrics");
    return strcmp(tcj_text(tcj_get(entry, "claim"), ""), "cost") == 0 &&
           tcj_read_number(tcj_get(entry, "value"), value) && !tcj_get(cell, "minus") &&
           tcj_size(metrics) == 1 &&
           needed(needs, tcj_text(tcj_get(cell, "workload"), ""), tcj_text(tcj_at(metrics, 0), ""));
}

static void put_published_row(const tc_json *entry, double value, const char *placement, FILE *out)
{
    const tc_json *cell = tcj_get(entry, "cell");
    const char *model = tcj_text(tcj_get(cell, "model"), "");
    const char *stack = tcj_text(tcj_get(tcj_get(cell, "parameters"), "stack"), "default");
    bool plain = strcmp(stack, "default") == 0;
    int64_t tasks = 0;
    char series[128];
    tcj_read_integer(tcj_get(cell, "tasks"), &tasks);
    snprintf(series, sizeof series, "%s%s%s", model, plain ? "" : "/", plain ? "" : stack);
    const char *names[] = {tcj_text(tcj_get(entry, "id"), ""),
                           tcj_text(tcj_get(cell, "workload"), ""), model, series, placement};
    for (size_t i = 0; i < TC_COUNT_OF(names); i++) {
        tc__put_name(names[i], out);
        fputc('\t', out);
    }
    fprintf(out, "%" PRId64 "\t", tasks);
    tc__put_name(tcj_text(tcj_at(tcj_get(cell, "metrics"), 0), ""), out);
    fputc('\t', out);
    tc__put_name(tcj_text(tcj_get(entry, "unit"), ""), out);
    tc__put_number(value, out);
    fputc('\n', out);
}

static void put_published(const tc_json *published, const char *needs,
                          const struct tc_words *placements, FILE *out)
{
    const tc_json *entries = tcj_get(published, "figures");
    fprintf(out, "$Published << EOD\n%s", published_columns);
    for (size_t i = 0; i < tcj_size(entries); i++) {
        const tc_json *entry = tcj_at(entries, i);
        const char *placement = published_placement(tcj_get(entry, "cell"), placements);
        double value = NAN;
        if (placement && can_be_marked(entry, needs, &value))
            put_published_row(entry, value, placement, out);
    }
    tc__put_last_row(published_columns, out);
}

/* -- where it comes from ----------------------------------------------------------------------- */

static void put_part(const char *before, const char *text, FILE *out)
{
    if (!text || !*text)
        return;
    fputs(before, out);
    tc__put_text(text, " ._:,=/+-()@", out);
}

static const char *environment_text(const struct tc_results *results, const char *key,
                                    const char *inner)
{
    const tc_json *value = tcj_get(results->environment, key);
    return tcj_text(tcj_is_object(value) ? tcj_get(value, inner) : value, NULL);
}

static void put_caption(const struct tc_results *results, FILE *out)
{
    char date[11] = "";
    snprintf(date, sizeof date, "%s", results->started ? results->started : "");
    fputs("caption = 'Measured", out);
    put_part(" on ", environment_text(results, "host", "name"), out);
    put_part(", ", environment_text(results, "cpu", "model"), out);
    put_part(", Linux ", environment_text(results, "kernel", "release"), out);
    put_part(" by taskcost ", results->version, out);
    put_part(" ", results->commit, out);
    put_part(", profile ", results->profile, out);
    put_part(", ", date, out);
    fputs(results->complete ? "'\n" : ", not complete'\n", out);
}

void tc_plot_write(const struct tc_results *results, const tc_json *published, const char *needs,
                   FILE *out)
{
    size_t count;
    const struct tc_measurement **rows = choose(results, needs, &count);
    struct tc_words series = {0}, placements = {0}, methods = {0};
    fprintf(out, "$Data << EOD\n%s", columns);
    for (size_t i = 0; i < count; i++) {
        char name[128];
        series_name(&rows[i]->cell, name, sizeof name);
        tc_words_add_once(&series, name);
        tc_words_add_once(&placements, rows[i]->cell.placement);
        if (tc_cell_param(&rows[i]->cell, "method"))
            tc_words_add_once(&methods, tc_cell_param(&rows[i]->cell, "method"));
        put_row(rows[i], out);
    }
    tc__put_last_row(columns, out);
    put_published(published, needs, &placements, out);
    put_slopes(results, rows, count, out);
    tc__put_list("series_found", &series, out);
    put_all_series(results, out);
    tc__put_list("placements_found", &placements, out);
    tc__put_list("methods_found", &methods, out);
    put_caption(results, out);
    tc_words_clear(&series);
    tc_words_clear(&placements);
    tc_words_clear(&methods);
    free(rows);
}
