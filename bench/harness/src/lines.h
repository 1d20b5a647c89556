/* SPDX-License-Identifier: MIT
 *
 * Text in lines of a given width: shared by tables and paragraphs.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A piece of a text that goes on one line. */
struct piece {
    const char *text;
    size_t bytes, columns;
};

/* Takes as many whole words as fit from *rest, at least one. False when nothing is left. */
bool tc__next_piece(const char **rest, size_t width, struct piece *piece);

/* Columns of the longest word: no width below it can hold the text. */
size_t tc__longest_word(const char *text);

/* A copy on one line: a line break inside a cell would tear the table. Free with free(). */
char *tc__copy_line(const char *text);

/* Prints with U+00A0 as a plain space. */
void tc__put_piece(FILE *stream, const struct piece *piece);
void tc__put_spaces(FILE *stream, size_t count);

#endif
