/* SPDX-License-Identifier: MIT
 *
 * Breaking text into lines at spaces, by columns of the terminal and not by bytes. U+00A0 never
 * breaks, and is printed as a space so that what people copy is plain.
 */
#include "lines.h"

#include "base/status.h"
#include "harness/table.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 100, MIN_WIDTH = 40 };

bool tc__next_piece(const char **rest, size_t width, struct piece *piece)
{
    const char *start = *rest + strspn(*rest, " ");
    if (!*start)
        return false;
    const char *end = start + strcspn(start, " ");
    size_t columns = tc_utf8_columns_in(start, (size_t)(end - start));
    while (*end) {
        const char *word = end + strspn(end, " "), *next = word + strcspn(word, " ");
        size_t more = tc_utf8_columns_in(end, (size_t)(next - end));
        if (columns + more > width)
            break;
        columns += more;
        end = next;
    }
    *piece = (struct piece){start, (size_t)(end - start), columns};
    *rest = end;
    return true;
}

size_t tc__longest_word(const char *text)
{
    size_t longest = 0;
    struct piece piece;
    while (tc__next_piece(&text, 0, &piece))
        longest = piece.columns > longest ? piece.columns : longest;
    return longest;
}

char *tc__copy_line(const char *text)
{
    size_t size = strlen(text) + 16;
    char *copy = calloc(1, size);
    MUST(copy);
    tc_utf8_append_line(copy, size, text);
    return copy;
}

void tc__put_spaces(FILE *stream, size_t count)
{
    fprintf(stream, "%*s", (int)count, "");
}

void tc__put_piece(FILE *stream, const struct piece *piece)
{
    for (size_t i = 0; i < piece->bytes; i++) {
        if (piece->text[i] == '\xc2' && piece->text[i + 1] == '\xa0') {
            putc(' ', stream);
            i++;
        } else {
            putc(piece->text[i], stream);
        }
    }
}

/* -- paragraphs -- */

void tc_print_wrapped(FILE *stream, const char *text, enum tc_table_style style, size_t width,
                      size_t indent)
{
    struct piece piece;
    char *line = tc__copy_line(text);
    const char *rest = line;
    size_t used = 0;
    while (tc__next_piece(&rest, style == TC_MARKDOWN ? (size_t)-1 : width - used, &piece)) {
        tc__put_spaces(stream, used);
        tc__put_piece(stream, &piece);
        putc('\n', stream);
        used = indent < width ? indent : 0;
    }
    free(line);
}

size_t tc_output_width(FILE *stream)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    size_t width = columns ? strtoul(columns, NULL, 10) : 0;
    if (width == 0 && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width == 0 || width > 10000)
        return DEFAULT_WIDTH;
    return width < MIN_WIDTH ? MIN_WIDTH : width;
}
