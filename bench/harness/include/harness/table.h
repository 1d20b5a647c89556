/* SPDX-License-Identifier: MIT
 *
 * Tables for people: the same rows on a terminal, where they fit its width, and as Markdown.
 *
 * On a terminal a table that is too wide breaks its longest texts at spaces (never at U+00A0), or
 * if that would not be enough it is printed in several parts that each repeat the key columns.
 * Widths are counted in columns of the terminal, not in bytes. A column that is empty in every row
 * is left out in both.
 */
#ifndef HARNESS_TABLE_H
#define HARNESS_TABLE_H

#include <stddef.h>
#include <stdio.h>

struct tc_table;

enum tc_align { TC_LEFT, TC_RIGHT };
enum tc_table_style { TC_TERMINAL, TC_MARKDOWN };

/* An empty table. Free with tc_table_free(). All calls copy their text; running out of memory
 * aborts. Not thread-safe. */
struct tc_table *tc_table_new(void);
void tc_table_free(struct tc_table *table);

/* Adds a column; all columns come before the first row. */
void tc_table_column(struct tc_table *table, const char *header, enum tc_align align);
/* How many of the first columns say what a row is about (default 1). */
void tc_table_keys(struct tc_table *table, size_t count);

/* Starts a row; then its cells from left to right. Cells that are not given are empty. */
void tc_table_row(struct tc_table *table);
void tc_table_cell(struct tc_table *table, const char *text);
void tc_table_cellf(struct tc_table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* How many rows there are. */
size_t tc_table_rows(const struct tc_table *table);

/* Prints it with a final newline; `width` counts on a terminal only. */
void tc_table_print(const struct tc_table *table, FILE *stream, enum tc_table_style style,
                    size_t width);

/* Prints a paragraph, its lines broken at spaces to fit the width and the second and later ones
 * indented by `indent` columns; Markdown is not broken. */
void tc_print_wrapped(FILE *stream, const char *text, enum tc_table_style style, size_t width,
                      size_t indent);

/* Columns to use on `stream`: COLUMNS if it is set to a number, else the terminal's own width if
 * it is one, else 100; at least 40. */
size_t tc_output_width(FILE *stream);

#endif
