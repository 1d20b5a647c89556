/* SPDX-License-Identifier: MIT
 *
 * What the parts of `taskcost show` share: where to print, which measurements make one table, and
 * the rows that these measurements are arranged in.
 */
#ifndef TASKCOST_SHOW_H
#define TASKCOST_SHOW_H

#include "harness/format.h"
#include "harness/results.h"
#include "harness/table.h"
#include "harness/words.h"

#include <stdbool.h>

struct show {
    const struct tc_results *results;
    FILE *out;
    enum tc_table_style style;
    size_t width;
    struct matrix *matrices; /* of find_matrices(); show_matrix.c knows what one is */
    size_t matrix_count;
};

/* Measurements that make one table, and what tells its rows apart. Whatever does not vary among
 * them is said once in the caption. */
struct selection {
    const struct tc_measurement **items;
    size_t count;
    const char *first_metric; /* what cells that gave no metric at all are shown under */
    struct tc_words models;   /* floor first, then by name */
    struct tc_words varying_params;
    bool metric_varies, placement_varies, tasks_vary;
};

/* Whether a measurement belongs in a table; `argument` is the caller's. */
typedef bool selects_fn(const struct tc_measurement *measurement, const void *argument);

/* Free with selection_clear(). Sorted by metric, placement, varying parameters, tasks, model. */
struct selection select_measurements(const struct show *show, selects_fn *selects,
                                     const void *argument);
void selection_clear(struct selection *selection);

/* A measurement's metric, or the selection's first where no round of its cell gave any. */
const char *metric_of(const struct selection *selection, const struct tc_measurement *measurement);

/* Whether the row is of a model without the parameters that vary, and rows with them stand beside
 * it: its figures are in those already. */
bool is_told_elsewhere(const struct selection *selection, const struct tc_measurement *row);

/* Whether two measurements of a selection are on one row: all alike but the model. */
bool same_row(const struct selection *selection, const struct tc_measurement *a,
              const struct tc_measurement *b);

/* The measurement of `model` for the row of `row`; one whose model knows no such parameters stands
 * for all rows. NULL when there is none. */
const struct tc_measurement *in_row(const struct selection *selection,
                                    const struct tc_measurement *row, const char *model);

/* Adds the key columns to a table (after `first`, if that is not NULL), and returns how many; adds
 * a row's keys. */
size_t add_key_columns(struct tc_table *table, const struct selection *selection,
                       const char *first);
void add_keys(struct tc_table *table, const struct selection *selection,
              const struct tc_measurement *row, const char *first);

/* Prints a heading, and below it what does not vary in the selection (which may be NULL) and
 * `note` (which may be NULL). */
void print_heading(const struct show *show, const char *title, const struct selection *selection,
                   const char *note);

/* Prints the table and frees it. */
void print_table(const struct show *show, struct tc_table *table);

/* "limited: RLIMIT_NOFILE 20000", "failed", "skipped"; for a measurement that is not ok. */
const char *status_text(const struct tc_measurement *measurement, char *text, size_t size);

/* "kernel.pid_max 32,768" for a limit as the worker tells it, "nothing" for NULL; into `text`,
 * which it returns. */
const char *limit_text(const tc_json *limit, char *text, size_t size);

/* What a measurement is: a counter of the system an operation, a part of memory, a cell of which no
 * round gave any metric, or none of these: a value. */
bool is_counter(const struct tc_measurement *measurement);
bool is_memory(const struct tc_measurement *measurement);
bool is_lost(const struct tc_measurement *measurement);
bool is_value(const struct tc_measurement *measurement);

/* Whether any measurement of the workload is so. */
bool workload_has(const struct show *show, const char *workload,
                  bool (*is)(const struct tc_measurement *));

/* What follows a figure that is doubtful: "", " ?" for noisy, " !" for invalid (U+00A0 before). */
const char *quality_sign(const struct tc_measurement *measurement);

/* Median of a measurement that is ok, else NaN; NULL is not ok. */
double median_of(const struct tc_measurement *measurement);

/* How many of a measurement's rounds are outliers of either kind. */
uint64_t outliers_of(const struct tc_measurement *measurement);

/* Finds the cells that are told as matrices of PUs; show->matrices is to be freed. And whether a
 * measurement, whatever its metric, belongs to such a cell. */
void find_matrices(struct show *show);
bool is_in_matrix(const struct show *show, const struct tc_measurement *measurement);

/* The parts, in the order in which they are printed. */
void show_values(const struct show *show);                       /* memory included */
void show_memory(const struct show *show, const char *workload); /* slopes, then a row a cell */
void show_matrices(const struct show *show, const char *workload);
void show_limit(const struct show *show); /* of the workload limit */
void show_latency(const struct show *show);
void show_load(const struct show *show);
void show_counters(const struct show *show);
void show_outliers(const struct show *show);
void show_quality(const struct show *show);
void show_notes(const struct show *show);

#endif
