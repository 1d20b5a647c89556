/* SPDX-License-Identifier: MIT
 *
 * Matrices: where cells differ only in the pair of PUs that they were placed on (`-p pairs`), a row
 * and a column a PU tell more than a row a pair. A matrix is shown when every pair and every PU
 * alone was planned; its cells are then left out of the other tables. One a model and choice of
 * parameters; both directions of a hop are in one figure, so that it is symmetric.
 */
#include "show.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PUS_MAX = 64, PUS_WITH_INTERVALS = 6 };

struct matrix {
    const struct tc_measurement *first; /* stands for what is alike in all */
    unsigned pus[PUS_MAX];
    size_t count;
};

/* "pu:A" or "pu:A,B". */
static bool read_pair(const char *placement, unsigned *a, unsigned *b)
{
    int end = 0;
    if (sscanf(placement, "pu:%6u%n", a, &end) == 1 && end && !placement[end]) {
        *b = *a;
        return true;
    }
    end = 0;
    return sscanf(placement, "pu:%6u,%6u%n", a, b, &end) == 2 && end && !placement[end];
}

/* Alike in all but the placement, and of the metric where there is one. */
static bool is_alike(const struct tc_measurement *m, const struct tc_measurement *first)
{
    struct tc_cell there = m->cell;
    there.placement = first->cell.placement;
    return (is_lost(m) || strcmp(m->metric, first->metric) == 0) &&
           tc_cell_same_plan(&there, &first->cell);
}

static void add_pu(struct matrix *matrix, unsigned pu)
{
    size_t place = 0;
    while (place < matrix->count && matrix->pus[place] < pu)
        place++;
    if (matrix->count == PUS_MAX || (place < matrix->count && matrix->pus[place] == pu))
        return;
    memmove(matrix->pus + place + 1, matrix->pus + place,
            (matrix->count - place) * sizeof *matrix->pus);
    matrix->pus[place] = pu;
    matrix->count++;
}

static size_t place_of(const struct matrix *matrix, unsigned pu)
{
    size_t place = 0;
    while (place < matrix->count && matrix->pus[place] != pu)
        place++;
    return place;
}

/* Its measurements, row after row, both triangles; NULL where there is none. free() it. */
static const struct tc_measurement **fill(const struct show *show, const struct matrix *matrix)
{
    const struct tc_measurement **cells = calloc(matrix->count * matrix->count, sizeof(void *));
    unsigned a, b;
    MUST(cells);
    for (size_t i = 0; i < show->results->measurement_count; i++) {
        const struct tc_measurement *m = &show->results->measurements[i];
        if (!is_alike(m, matrix->first) || !read_pair(m->cell.placement, &a, &b))
            continue;
        size_t x = place_of(matrix, a), y = place_of(matrix, b);
        if (x < matrix->count && y < matrix->count)
            cells[x * matrix->count + y] = cells[y * matrix->count + x] = m;
    }
    return cells;
}

static bool is_whole(const struct show *show, const struct matrix *matrix)
{
    const struct tc_measurement **cells = fill(show, matrix);
    bool whole = matrix->count >= 2;
    for (size_t i = 0; i < matrix->count * matrix->count; i++)
        whole = whole && cells[i];
    free(cells);
    return whole;
}

/* -- which matrices there are -- */

static bool is_known(const struct show *show, const struct tc_measurement *m)
{
    for (size_t i = 0; i < show->matrix_count; i++)
        if (is_alike(m, show->matrices[i].first))
            return true;
    return false;
}

void find_matrices(struct show *show)
{
    unsigned a, b;
    for (size_t i = 0; i < show->results->measurement_count; i++) {
        struct matrix matrix = {.first = &show->results->measurements[i]};
        if (!is_value(matrix.first) || !read_pair(matrix.first->cell.placement, &a, &b) ||
            is_known(show, matrix.first))
            continue;
        for (size_t j = i; j < show->results->measurement_count; j++) {
            const struct tc_measurement *m = &show->results->measurements[j];
            if (!is_alike(m, matrix.first) || !read_pair(m->cell.placement, &a, &b))
                continue;
            add_pu(&matrix, a);
            add_pu(&matrix, b);
        }
        if (!is_whole(show, &matrix))
            continue;
        show->matrices = realloc(show->matrices, (show->matrix_count + 1) * sizeof *show->matrices);
        MUST(show->matrices);
        show->matrices[show->matrix_count++] = matrix;
    }
}

bool is_in_matrix(const struct show *show, const struct tc_measurement *m)
{
    unsigned a, b;
    if (!read_pair(m->cell.placement, &a, &b))
        return false;
    for (size_t i = 0; i < show->matrix_count; i++) {
        const struct matrix *matrix = &show->matrices[i];
        struct tc_cell there = m->cell;
        there.placement = matrix->first->cell.placement;
        if (tc_cell_same_plan(&there, &matrix->first->cell) &&
            place_of(matrix, a) < matrix->count && place_of(matrix, b) < matrix->count)
            return true;
    }
    return false;
}

/* -- printing -- */

static struct tc_scale scale_of(const struct matrix *matrix, const struct tc_measurement **cells)
{
    double smallest = INFINITY;
    for (size_t i = 0; i < matrix->count * matrix->count; i++)
        if (median_of(cells[i]) > 0)
            smallest = fmin(smallest, median_of(cells[i]));
    return tc_scale_for(matrix->first->unit, isfinite(smallest) ? smallest : 0);
}

static void add_figure(struct tc_table *table, const struct tc_measurement *m,
                       struct tc_scale scale, bool interval)
{
    char text[128];
    double around = interval ? 1 : NAN;
    if (m->status != TC_OK)
        tc_table_cell(table, status_text(m, text, sizeof text));
    else
        tc_table_cellf(table, "%s%s",
                       tc_format_interval(m->summary.median, m->summary.ci_low * around,
                                          m->summary.ci_high * around, scale, text, sizeof text),
                       quality_sign(m));
}

static void print_matrix(const struct show *show, const struct matrix *matrix, const char *choices)
{
    char title[300];
    const struct tc_measurement **cells = fill(show, matrix);
    struct tc_scale scale = scale_of(matrix, cells);
    struct tc_table *table = tc_table_new();
    tc_table_column(table, "pu", TC_RIGHT);
    for (size_t i = 0; i < matrix->count; i++) {
        snprintf(title, sizeof title, "%u", matrix->pus[i]);
        tc_table_column(table, title, TC_RIGHT);
    }
    for (size_t i = 0; i < matrix->count; i++) {
        tc_table_row(table);
        tc_table_cellf(table, "%u", matrix->pus[i]);
        for (size_t j = 0; j < matrix->count; j++)
            add_figure(table, cells[i * matrix->count + j], scale,
                       matrix->count <= PUS_WITH_INTERVALS);
    }
    snprintf(title, sizeof title, "%s: %s, %s, by pair of PUs, %s", matrix->first->cell.workload,
             matrix->first->metric, scale.unit, matrix->first->cell.model);
    print_heading(show, title, NULL, choices);
    print_table(show, table);
    free(cells);
}

void show_matrices(const struct show *show, const char *workload)
{
    for (size_t i = 0; i < show->matrix_count; i++) {
        const struct tc_cell *cell = &show->matrices[i].first->cell;
        char choices[400] = "";
        if (strcmp(cell->workload, workload) != 0)
            continue;
        for (size_t j = 0; j < cell->param_count; j++) {
            size_t used = strlen(choices);
            if (!cell->params[j].reported)
                snprintf(choices + used, sizeof choices - used, "%s%s=%s", used ? ", " : "",
                         cell->params[j].name, cell->params[j].value);
        }
        print_matrix(show, &show->matrices[i], choices);
    }
}
