/* SPDX-License-Identifier: MIT
 *
 * Comparisons and their marks; see show_contrast.h.
 *
 * Two marks, because two things can keep a comparison from being told apart: the blocks disagree,
 * or they all agree and are so few that in a table of this size it could be chance. More rounds
 * settle the second, the first perhaps.
 */
#include "show_contrast.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NO_BREAK_SPACE "\xc2\xa0"

enum mark { CLEAR, ALIKE, TOO_FEW, MARKS };

static const char *const signs[MARKS] = {"", NO_BREAK_SPACE "≈", NO_BREAK_SPACE "°"};

static enum mark mark_of(const struct contrast *contrast)
{
    if (contrast->p < TC_ALPHA)
        return CLEAR;
    return contrast->pairing.one_sided ? TOO_FEW : ALIKE;
}

void contrasts_add(struct contrasts *contrasts, const struct tc_measurement *over,
                   const struct tc_measurement *under)
{
    struct contrast added = {.over = over, .under = under};
    if (!over || !under || over->status != TC_OK || under->status != TC_OK ||
        contrast_of(contrasts, over, under) || !tc_pair(over, under, &added.pairing))
        return;
    added.p = added.pairing.p_either;
    contrasts->items = realloc(contrasts->items, (contrasts->count + 1) * sizeof *contrasts->items);
    MUST(contrasts->items);
    contrasts->items[contrasts->count++] = added;
}

void contrasts_correct(struct contrasts *contrasts)
{
    double *p = calloc(contrasts->count + 1, sizeof *p);
    MUST(p);
    for (size_t i = 0; i < contrasts->count; i++)
        p[i] = contrasts->items[i].p;
    tc_holm(p, contrasts->count);
    for (size_t i = 0; i < contrasts->count; i++)
        contrasts->items[i].p = p[i];
    free(p);
}

void contrasts_clear(struct contrasts *contrasts)
{
    free(contrasts->items);
    *contrasts = (struct contrasts){0};
}

const struct contrast *contrast_of(const struct contrasts *contrasts,
                                   const struct tc_measurement *over,
                                   const struct tc_measurement *under)
{
    for (size_t i = 0; i < contrasts->count; i++)
        if (contrasts->items[i].over == over && contrasts->items[i].under == under)
            return &contrasts->items[i];
    return NULL;
}

/* -- cells -- */

void add_ratio(struct tc_table *table, const struct contrast *contrast)
{
    char text[96];
    if (!contrast || isnan(contrast->pairing.ratio))
        tc_table_cell(table, "");
    else
        tc_table_cellf(table, "%s%s",
                       tc_format_ratio_spread(contrast->pairing.ratio, contrast->pairing.ratio_low,
                                              contrast->pairing.ratio_high, text, sizeof text),
                       signs[mark_of(contrast)]);
}

static void add_contrast(struct tc_table *table, const struct selection *selection,
                         const struct contrast *contrast)
{
    const struct tc_pairing *pairing = &contrast->pairing;
    char text[160];
    tc_table_row(table);
    add_keys(table, selection, contrast->over, NULL);
    tc_table_cellf(table, "%s:%s", contrast->over->cell.model, contrast->under->cell.model);
    tc_table_cellf(table, "%zu", pairing->pairs);
    tc_table_cell(table, tc_format_ratio_interval(pairing->ratio, pairing->ratio_low,
                                                  pairing->ratio_high, text, sizeof text));
    tc_table_cell(table, tc_format_difference(pairing->difference, pairing->difference_low,
                                              pairing->difference_high, contrast->over->unit, text,
                                              sizeof text));
    tc_format_p(contrast->p, text, sizeof text);
    tc_table_cellf(table, "%s%s", text, signs[mark_of(contrast)]);
}

/* -- what the marks mean -- */

static bool has_mark(const struct contrasts *contrasts, enum mark mark)
{
    for (size_t i = 0; i < contrasts->count; i++)
        if (mark_of(&contrasts->items[i]) == mark)
            return true;
    return false;
}

static void print_mark(const struct show *show, const char *text)
{
    if (show->style == TC_MARKDOWN)
        fputc('\n', show->out);
    tc_print_wrapped(show->out, text, show->style, show->width, 0);
}

static void print_marks(const struct show *show, const struct contrasts *contrasts)
{
    char text[200];
    if (has_mark(contrasts, ALIKE)) {
        snprintf(text, sizeof text,
                 "≈ not told apart: neither is the larger one in more blocks than chance gives "
                 "(p ≥ %.2f).",
                 TC_ALPHA);
        print_mark(show, text);
    }
    if (has_mark(contrasts, TOO_FEW)) {
        snprintf(text, sizeof text,
                 "° all blocks agree which one is larger, but %s few (p ≥ %.2f).",
                 contrasts->count == 1 ? "they are too" : "for so many comparisons they are too",
                 TC_ALPHA);
        print_mark(show, text);
    }
}

void print_contrasts(const struct show *show, const struct selection *selection,
                     const struct contrasts *contrasts, const char *title)
{
    static const char *const headers[] = {"compared", "n", "ratio", "difference", "p"};
    struct tc_table *table = tc_table_new();
    char heading[200];
    if (contrasts->count > 0) {
        size_t keys = add_key_columns(table, selection, NULL);
        for (size_t i = 0; i < TC_COUNT_OF(headers); i++)
            tc_table_column(table, headers[i], i == 0 ? TC_LEFT : TC_RIGHT);
        tc_table_keys(table, keys + 1);
        for (size_t i = 0; i < contrasts->count; i++)
            add_contrast(table, selection, &contrasts->items[i]);
        snprintf(heading, sizeof heading, "%s, block by block", title);
        print_heading(
            show, heading, NULL,
            "medians over the n blocks that have both, with their 95 % intervals; p of sign and "
            "rank test, Holm-corrected over this table");
    }
    print_table(show, table);
    print_marks(show, contrasts);
}
