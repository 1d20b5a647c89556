/* SPDX-License-Identifier: MIT
 *
 * Text and numbers as gnuplot's data; see plot_text.h.
 */
#include "plot_text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Blanks only where they cannot split a word: captions, not names. An empty text becomes "-", so
 * that no column is empty. */
void tc__put_text(const char *text, const char *allowed, FILE *out)
{
    if (!*text)
        fputc('-', out);
    for (; *text; text++)
        fputc(isascii(*text) && (isalnum(*text) || strchr(allowed, *text)) ? *text : '_', out);
}

/* Every block ends with a row that no figure selects: gnuplot 5.4 warns about a block without a row
 * and crashes on labels from a block of one row that is not drawn. */
void tc__put_last_row(const char *header, FILE *out)
{
    for (const char *at = header; *at; at++)
        if (*at == '\t' || *at == '\n')
            fprintf(out, "NaN%c", *at);
    fputs("EOD\n", out);
}

void tc__put_name(const char *text, FILE *out)
{
    tc__put_text(text, "._:,=/+-", out);
}

void tc__put_number(double value, FILE *out)
{
    if (isfinite(value))
        fprintf(out, "\t%.17g", value);
    else
        fputs("\tNaN", out);
}

void tc__put_list(const char *variable, const struct tc_words *words, FILE *out)
{
    fprintf(out, "%s = '", variable);
    for (size_t i = 0; i < words->count; i++) {
        fputs(i ? " " : "", out);
        tc__put_name(words->items[i], out);
    }
    fputs("'\n", out);
}
