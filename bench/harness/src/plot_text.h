/* SPDX-License-Identifier: MIT
 *
 * What of a document may reach gnuplot, which can run shell commands: characters that mean nothing
 * to it, and numbers.
 */
#ifndef PLOT_TEXT_H
#define PLOT_TEXT_H

#include "harness/words.h"

#include <stdio.h>

/* The text with every character but ASCII letters, digits and `allowed` made an underscore; "-"
 * when it is empty. */
void tc__put_text(const char *text, const char *allowed, FILE *out);
/* The same as one word of a column. */
void tc__put_name(const char *text, FILE *out);

/* A tabulator and the number; NaN where it is not finite. */
void tc__put_number(double value, FILE *out);

/* The last row of a block with these columns, and its end. */
void tc__put_last_row(const char *header, FILE *out);

/* variable = 'word word word' */
void tc__put_list(const char *variable, const struct tc_words *words, FILE *out);

#endif
