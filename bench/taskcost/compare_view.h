/* SPDX-License-Identifier: MIT
 *
 * A comparison as tables for people and as one JSON document; for cmd_compare.c.
 */
#ifndef TASKCOST_COMPARE_VIEW_H
#define TASKCOST_COMPARE_VIEW_H

#include "harness/compare.h"
#include "harness/table.h"

struct compare_view {
    const char *base_path, *new_path;
    const struct tc_results *base, *new;
    const struct tc_compare_rules *rules;
    const struct tc_comparison *comparison;
};

/* Head, differences, rows, what only one file has, and the totals, to standard output. */
void compare_print(const struct compare_view *view, enum tc_table_style style, size_t width);

/* The same as an object ("taskcost-comparison", version 1), to standard output. */
void compare_print_json(const struct compare_view *view);

#endif
