/* SPDX-License-Identifier: MIT
 *
 * Cells: the coordinates of a measurement, copied, compared, ordered and told in a line.
 */
#include "base/parse.h"
#include "base/status.h"
#include "harness/results.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    MUST(copy);
    return copy;
}

void tc_cell_copy(struct tc_cell *to, const struct tc_cell *from)
{
    *to = (struct tc_cell){.workload = copy_text(from->workload),
                           .model = copy_text(from->model),
                           .placement = copy_text(from->placement),
                           .tasks = from->tasks};
    for (size_t i = 0; i < from->param_count; i++) {
        tc_cell_set_param(to, from->params[i].name, from->params[i].value);
        to->params[i].reported = from->params[i].reported;
    }
}

void tc_cell_clear(struct tc_cell *cell)
{
    for (size_t i = 0; i < cell->param_count; i++) {
        free(cell->params[i].name);
        free(cell->params[i].value);
    }
    free(cell->params);
    free(cell->workload);
    free(cell->model);
    free(cell->placement);
    *cell = (struct tc_cell){0};
}

const char *tc_cell_param(const struct tc_cell *cell, const char *name)
{
    for (size_t i = 0; i < cell->param_count; i++)
        if (strcmp(cell->params[i].name, name) == 0)
            return cell->params[i].value;
    return NULL;
}

void tc_cell_set_param(struct tc_cell *cell, const char *name, const char *value)
{
    size_t place = 0;
    while (place < cell->param_count && strcmp(cell->params[place].name, name) < 0)
        place++;
    if (place < cell->param_count && strcmp(cell->params[place].name, name) == 0) {
        char *old = cell->params[place].value;
        cell->params[place].value = copy_text(value); /* before the free: it may be the old one */
        free(old);
        return;
    }
    cell->params = realloc(cell->params, (cell->param_count + 1) * sizeof *cell->params);
    MUST(cell->params);
    memmove(cell->params + place + 1, cell->params + place,
            (cell->param_count - place) * sizeof *cell->params);
    cell->params[place] = (struct tc_param){copy_text(name), copy_text(value), false};
    cell->param_count++;
}

/* The next parameter from *i on that counts in the comparison, or NULL. */
static const struct tc_param *next_param(const struct tc_cell *cell, size_t *i, bool planned_only)
{
    while (*i < cell->param_count && planned_only && cell->params[*i].reported)
        ++*i;
    return *i < cell->param_count ? &cell->params[(*i)++] : NULL;
}

static int compare_params(const struct tc_cell *a, const struct tc_cell *b, bool planned_only)
{
    for (size_t i = 0, j = 0;;) {
        const struct tc_param *x = next_param(a, &i, planned_only);
        const struct tc_param *y = next_param(b, &j, planned_only);
        if (!x || !y)
            return (x != NULL) - (y != NULL);
        int order = strcmp(x->name, y->name);
        if (order == 0)
            order = strcmp(x->value, y->value);
        if (order != 0)
            return order;
    }
}

int tc_value_compare(const char *a, const char *b)
{
    uint64_t x = 0, y = 0;
    bool a_default = strcmp(a, "default") == 0, b_default = strcmp(b, "default") == 0;
    bool numbers = (tc_parse_bytes(a, "", UINT64_MAX, &x, NULL) == 0 &&
                    tc_parse_bytes(b, "", UINT64_MAX, &y, NULL) == 0) ||
                   (tc_parse_duration(a, "", UINT64_MAX, &x, NULL) == 0 &&
                    tc_parse_duration(b, "", UINT64_MAX, &y, NULL) == 0);
    if (a_default || b_default)
        return b_default - a_default;
    return numbers && x != y ? (x > y) - (x < y) : strcmp(a, b);
}

static int compare_cells(const struct tc_cell *a, const struct tc_cell *b, bool planned_only)
{
    int order = strcmp(a->workload, b->workload);
    if (order == 0)
        order = compare_params(a, b, planned_only);
    if (order == 0)
        order = strcmp(a->placement, b->placement);
    if (order == 0)
        order = strcmp(a->model, b->model);
    if (order == 0)
        order = (a->tasks > b->tasks) - (a->tasks < b->tasks);
    return order;
}

int tc_cell_compare(const struct tc_cell *a, const struct tc_cell *b)
{
    return compare_cells(a, b, false);
}

bool tc_cell_same_plan(const struct tc_cell *a, const struct tc_cell *b)
{
    return compare_cells(a, b, true) == 0;
}

const char *tc_cell_describe(const struct tc_cell *cell, char *text, size_t size)
{
    int used = snprintf(text, size, "%s %s %s n=%" PRIu64, cell->workload, cell->model,
                        cell->placement, cell->tasks);
    for (size_t i = 0; i < cell->param_count && used >= 0 && (size_t)used < size; i++)
        if (!cell->params[i].reported)
            used += snprintf(text + used, size - (size_t)used, " %s=%s", cell->params[i].name,
                             cell->params[i].value);
    return text;
}

const char *tc_stop_name(enum tc_stop stop)
{
    static const char *const names[] = {
        [TC_STOP_NONE] = NULL,   [TC_STOP_ROUNDS] = "rounds", [TC_STOP_PRECISION] = "precision",
        [TC_STOP_TIME] = "time", [TC_STOP_SIGNAL] = "signal", [TC_STOP_STATUS] = "status"};
    return names[stop];
}

const char *tc_status_name(enum tc_status status)
{
    static const char *const names[] = {
        [TC_OK] = "ok", [TC_SKIPPED] = "skipped", [TC_FAILED] = "failed", [TC_LIMITED] = "limited"};
    return names[status];
}
