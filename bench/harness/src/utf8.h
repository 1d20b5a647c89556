/* SPDX-License-Identifier: MIT
 *
 * Just enough UTF-8: to make any bytes valid (JSON refuses the rest) and to know how many columns a
 * string takes on a terminal. No normalisation, no locale.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes one code point at *text and advances past it. Bytes that are not UTF-8 (overlong forms,
 * surrogates and values above U+10FFFF included) give U+FFFD and advance past the longest prefix
 * that could have begun a code point, at least one byte. *text must be below `end`. */
uint32_t tc_utf8_next(const char **text, const char *end);

/* A copy with every bad sequence replaced by U+FFFD, NUL-terminated, its length in *out_length.
 * Aborts when memory is short. Free with free(). */
char *tc_utf8_clean(const char *text, size_t length, size_t *out_length);

/* Appends `text` to the string in `to` for use in a sentence: control characters become '?', and
 * what does not fit in `size` bytes is cut between characters and marked with "...". */
void tc_utf8_append_line(char *to, size_t size, const char *text);

/* Columns on a terminal: wide East Asian characters and emoji take two, combining ones none. */
size_t tc_utf8_columns(const char *text);
/* The same for so many bytes of it. */
size_t tc_utf8_columns_in(const char *text, size_t bytes);

#endif
