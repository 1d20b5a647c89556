/* SPDX-License-Identifier: MIT
 *
 * What the two parts of `taskcost reproduce` share: published figures and claims.
 */
#ifndef TASKCOST_REPRODUCE_H
#define TASKCOST_REPRODUCE_H

#include "harness/published.h"
#include "harness/table.h"

struct printer {
    FILE *out;
    enum tc_table_style style;
    size_t width;
};

/* "300 B", "300 B to 500 B", "9.28 KiB or more", "1.5× or less" into `text`; returns it. */
const char *range_text(struct tc_range range, const char *unit, char *text, size_t size);

/* The text with spaces at which no line is broken, into `text`; returns it. */
const char *unbroken(const char *from, char *text, size_t size);

/* Prints every claim of results/claims.json with its verdict, then what they depend on. */
void print_claims(const struct printer *printer, const struct tc_results *results);

#endif
