/* SPDX-License-Identifier: MIT
 *
 * Tables: storing cells, choosing widths, printing; see table.h for what a reader sees.
 *
 * Widths: every column starts at its widest cell; while the whole is too wide, the widest column
 * that can still break gives up one column. What can't fit even then is split by columns, and stays
 * unbroken where that lets its columns fit.
 */
#include "harness/table.h"

#include "base/status.h"
#include "lines.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 64, GAP = 2 };

struct row {
    char *cells[MAX_COLUMNS];
};

struct tc_table {
    struct row header;
    enum tc_align align[MAX_COLUMNS];
    size_t columns, keys;
    struct row *rows;
    size_t row_count, filled; /* cells given in the last row */
};

/* -- building -- */

struct tc_table *tc_table_new(void)
{
    struct tc_table *table = calloc(1, sizeof *table);
    MUST(table);
    table->keys = 1;
    return table;
}

void tc_table_free(struct tc_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < MAX_COLUMNS; i++)
        free(table->header.cells[i]);
    for (size_t r = 0; r < table->row_count; r++)
        for (size_t i = 0; i < MAX_COLUMNS; i++)
            free(table->rows[r].cells[i]);
    free(table->rows);
    free(table);
}

void tc_table_column(struct tc_table *table, const char *header, enum tc_align align)
{
    MUST(table->columns < MAX_COLUMNS && table->row_count == 0);
    table->header.cells[table->columns] = tc__copy_line(header);
    table->align[table->columns++] = align;
}

void tc_table_keys(struct tc_table *table, size_t count)
{
    table->keys = count;
}

void tc_table_row(struct tc_table *table)
{
    table->rows = realloc(table->rows, (table->row_count + 1) * sizeof *table->rows);
    MUST(table->rows);
    table->rows[table->row_count++] = (struct row){0};
    table->filled = 0;
}

void tc_table_cell(struct tc_table *table, const char *text)
{
    MUST(table->row_count > 0 && table->filled < table->columns);
    table->rows[table->row_count - 1].cells[table->filled++] = tc__copy_line(text);
}

void tc_table_cellf(struct tc_table *table, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    tc_table_cell(table, text);
}

size_t tc_table_rows(const struct tc_table *table)
{
    return table->row_count;
}

/* -- widths -- */

static const char *cell_text(const struct row *row, size_t column)
{
    return row->cells[column] ? row->cells[column] : "";
}

struct widths {
    size_t now[MAX_COLUMNS], least[MAX_COLUMNS];
};

static void widen(struct widths *widths, const struct row *row, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        size_t natural = tc_utf8_columns(cell_text(row, i));
        size_t least = tc__longest_word(cell_text(row, i));
        widths->now[i] = natural > widths->now[i] ? natural : widths->now[i];
        widths->least[i] = least > widths->least[i] ? least : widths->least[i];
    }
}

static size_t total_width(const struct widths *widths, size_t columns)
{
    size_t total = columns ? (columns - 1) * GAP : 0;
    for (size_t i = 0; i < columns; i++)
        total += widths->now[i];
    return total;
}

/* Whether breaking texts brings the whole below the limit. */
static bool can_narrow(const struct widths *widths, size_t columns, size_t limit)
{
    struct widths least = *widths;
    memcpy(least.now, widths->least, sizeof least.now);
    return total_width(&least, columns) <= limit;
}

/* Whether every column fits beside the keys as it is. */
static bool fits_in_parts(const struct widths *widths, size_t keys, size_t columns, size_t limit)
{
    size_t used = total_width(widths, keys);
    for (size_t i = keys; i < columns; i++)
        if (used + GAP + widths->now[i] > limit)
            return false;
    return true;
}

static void narrow(struct widths *widths, size_t keys, size_t columns, size_t limit)
{
    /* A table that comes in parts in any case need not have its texts broken, too. */
    if (!can_narrow(widths, columns, limit) && fits_in_parts(widths, keys, columns, limit))
        return;
    while (total_width(widths, columns) > limit) {
        size_t widest = columns;
        for (size_t i = 0; i < columns; i++)
            if (widths->now[i] > widths->least[i] &&
                (widest == columns || widths->now[i] > widths->now[widest]))
                widest = i;
        if (widest == columns)
            return;
        widths->now[widest]--;
    }
}

/* -- leaving out what is empty -- */

static bool is_empty_column(const struct tc_table *table, size_t column)
{
    for (size_t r = 0; r < table->row_count; r++)
        if (*cell_text(&table->rows[r], column))
            return false;
    return table->row_count > 0;
}

static void pick(struct row *to, const struct row *from, const size_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to->cells[i] = from->cells[columns[i]];
}

/* A view of the table with the columns that say something; its cells still belong to the table.
 * Free its rows only. */
static struct tc_table without_empty_columns(const struct tc_table *table)
{
    size_t kept[MAX_COLUMNS];
    struct tc_table view = {.keys = table->keys, .row_count = table->row_count};
    for (size_t i = 0; i < table->columns; i++)
        if (i < table->keys || !is_empty_column(table, i))
            kept[view.columns++] = i;
    view.rows = calloc(table->row_count + 1, sizeof *view.rows);
    MUST(view.rows);
    pick(&view.header, &table->header, kept, view.columns);
    for (size_t r = 0; r < table->row_count; r++)
        pick(&view.rows[r], &table->rows[r], kept, view.columns);
    for (size_t i = 0; i < view.columns; i++)
        view.align[i] = table->align[kept[i]];
    return view;
}

/* -- the terminal -- */

/* A span of columns that are printed side by side, after the keys. */
struct span {
    size_t keys, first, last;
};

/* Blanks are owed until text follows them, so that no line ends in any. */
static void put_padded(FILE *stream, const struct piece *piece, size_t width, enum tc_align align,
                       size_t *owed)
{
    size_t pad = width > piece->columns ? width - piece->columns : 0;
    if (piece->bytes == 0) {
        *owed += width;
        return;
    }
    tc__put_spaces(stream, *owed + (align == TC_RIGHT ? pad : 0));
    tc__put_piece(stream, piece);
    *owed = align == TC_LEFT ? pad : 0;
}

static size_t next_column(const struct span *span, size_t column)
{
    return column + 1 == span->keys ? span->first : column + 1;
}

/* One row may take several lines: each cell goes on where its last line left off. */
static void print_row(const struct tc_table *table, const struct row *row, FILE *stream,
                      const struct widths *widths, const struct span *span)
{
    const char *rest[MAX_COLUMNS];
    bool more = true;
    for (size_t i = 0; i < table->columns; i++)
        rest[i] = cell_text(row, i);
    while (more) {
        size_t owed = 0;
        more = false;
        for (size_t i = 0; i < span->last; i = next_column(span, i)) {
            struct piece piece = {"", 0, 0};
            tc__next_piece(&rest[i], widths->now[i], &piece);
            put_padded(stream, &piece, widths->now[i], table->align[i], &owed);
            owed += GAP;
            more = more || rest[i][strspn(rest[i], " ")] != '\0';
        }
        putc('\n', stream);
    }
}

static void print_rule(FILE *stream, const struct widths *widths, const struct span *span)
{
    for (size_t i = 0; i < span->last; i = next_column(span, i)) {
        for (size_t j = 0; j < widths->now[i]; j++)
            fputs("─", stream);
        if (next_column(span, i) < span->last)
            tc__put_spaces(stream, GAP);
    }
    putc('\n', stream);
}

/* The columns from `first` on that fit beside the keys: at least one. */
static struct span span_from(const struct tc_table *table, const struct widths *widths,
                             size_t first, size_t limit)
{
    struct span span = {table->keys, first, first};
    size_t used = 0;
    for (size_t i = 0; i < table->keys; i++)
        used += widths->now[i] + GAP;
    while (span.last < table->columns &&
           (span.last == first || used + widths->now[span.last] <= limit))
        used += widths->now[span.last++] + GAP;
    return span;
}

static void print_span(const struct tc_table *table, FILE *stream, const struct widths *widths,
                       const struct span *span)
{
    print_row(table, &table->header, stream, widths, span);
    print_rule(stream, widths, span);
    for (size_t r = 0; r < table->row_count; r++)
        print_row(table, &table->rows[r], stream, widths, span);
}

static void print_terminal(const struct tc_table *table, FILE *stream, size_t limit)
{
    struct widths widths = {0};
    widen(&widths, &table->header, table->columns);
    for (size_t r = 0; r < table->row_count; r++)
        widen(&widths, &table->rows[r], table->columns);
    narrow(&widths, table->keys, table->columns, limit);
    size_t first = table->keys;
    do {
        struct span span = span_from(table, &widths, first, limit);
        if (first > table->keys)
            putc('\n', stream);
        print_span(table, stream, &widths, &span);
        first = span.last;
    } while (first < table->columns);
}

/* -- Markdown -- */

/* A bar would end the cell. */
static void put_escaped(FILE *stream, const char *text)
{
    for (;;) {
        size_t plain = strcspn(text, "|");
        tc__put_piece(stream, &(struct piece){text, plain, plain});
        if (text[plain] == '\0')
            return;
        fputs("\\|", stream);
        text += plain + 1;
    }
}

static void print_markdown_row(const struct tc_table *table, const struct row *row, FILE *stream)
{
    for (size_t i = 0; i < table->columns; i++) {
        fputs("| ", stream);
        put_escaped(stream, cell_text(row, i));
        putc(' ', stream);
    }
    fputs("|\n", stream);
}

static void print_markdown(const struct tc_table *table, FILE *stream)
{
    print_markdown_row(table, &table->header, stream);
    for (size_t i = 0; i < table->columns; i++)
        fputs(table->align[i] == TC_RIGHT ? "| ---: " : "| --- ", stream);
    fputs("|\n", stream);
    for (size_t r = 0; r < table->row_count; r++)
        print_markdown_row(table, &table->rows[r], stream);
}

void tc_table_print(const struct tc_table *table, FILE *stream, enum tc_table_style style,
                    size_t width)
{
    struct tc_table view = without_empty_columns(table);
    if (style == TC_MARKDOWN)
        print_markdown(&view, stream);
    else
        print_terminal(&view, stream, width);
    free(view.rows);
}
