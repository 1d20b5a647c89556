/* SPDX-License-Identifier: MIT
 *
 * How often the reported interval holds what it promises to: for scripts/trust.sh.
 *
 *     coverage FILE...
 *
 * All files are runs of the same cells. The median of all rounds of all files stands for the true
 * one of a cell; prints how many intervals there are and how many of them hold it, separated by a
 * tab. What the system counts an operation is left out, as in `taskcost compare`. Exits with 2 and
 * a sentence when a file can't be read.
 */
#include "harness/results.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_counter(const struct tc_measurement *measurement)
{
    return strcmp(measurement->unit, "1/operation") == 0 ||
           strcmp(measurement->metric, "cpu_time") == 0;
}

/* The median over the rounds of all files. */
static double pooled_median(struct tc_results *const *files, size_t count,
                            const struct tc_measurement *like)
{
    double *medians = NULL, middle;
    size_t used = 0;
    for (size_t f = 0; f < count; f++) {
        const struct tc_measurement *m = tc_results_lookup(files[f], &like->cell, like->metric);
        medians = realloc(medians, (used + (m ? m->round_count : 0) + 1) * sizeof *medians);
        MUST(medians);
        for (size_t i = 0; m && i < m->round_count; i++)
            if (isfinite(m->rounds[i].median))
                medians[used++] = m->rounds[i].median;
    }
    middle = tc_median(medians, used);
    free(medians);
    return middle;
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? (size_t)argc - 1 : 0, intervals = 0, held = 0;
    struct tc_results **files = calloc(count + 1, sizeof *files);
    struct tc_error err;
    MUST(files);
    for (size_t f = 0; f < count; f++)
        if (!(files[f] = tc_results_load(argv[f + 1], &err))) {
            fprintf(stderr, "coverage: %s\n", err.text);
            return 2;
        }
    for (size_t i = 0; count > 0 && i < files[0]->measurement_count; i++) {
        const struct tc_measurement *like = &files[0]->measurements[i];
        double middle = is_counter(like) ? NAN : pooled_median(files, count, like);
        for (size_t f = 0; f < count; f++) {
            const struct tc_measurement *m = tc_results_lookup(files[f], &like->cell, like->metric);
            if (!m || isnan(middle) || isnan(m->summary.ci_low))
                continue;
            intervals++;
            held += m->summary.ci_low <= middle && middle <= m->summary.ci_high;
        }
    }
    printf("%zu\t%zu\n", intervals, held);
    for (size_t f = 0; f < count; f++)
        tc_results_free(files[f]);
    free(files);
    return 0;
}
