/* SPDX-License-Identifier: MIT
 *
 * The second part of `taskcost reproduce`: the claims, a table a source, each followed by what the
 * verdicts depend on or what they would need. The judging is harness/claims.h.
 */
#include "reproduce.h"

#include "harness/claims.h"
#include "harness/format.h"
#include "harness/schema.h"

#include <math.h>
#include <string.h>

/* -- cells -- */

static const char *said_text(const struct tc_claim *claim, char *text, size_t size)
{
    if (!isnan(claim->claimed.low) || !isnan(claim->claimed.high))
        return range_text(claim->claimed, claim->unit, text, size);
    snprintf(text, size, "%s",
             strcmp(claim->rule, "same") == 0    ? "1×"
             : strcmp(claim->rule, "order") == 0 ? "above 1×"
                                                 : "");
    return text;
}

static const char *value_text(double value, const char *unit, char *text, size_t size)
{
    return strcmp(unit, "ratio") == 0 ? tc_format_ratio(value, text, size)
                                      : tc_format_quantity(value, unit, text, size);
}

/* The least and the greatest over the cells; with its interval where there is one cell alone. */
static const char *here_text(const struct tc_claim *claim, char *text, size_t size)
{
    char low[64], high[64];
    if (claim->case_count < 2)
        return tc_format_effect(claim->here, claim->unit_here, text, size);
    const struct tc_case *last = &claim->cases[claim->case_count - 1];
    value_text(claim->cases[0].effect.value, claim->unit_here, low, sizeof low);
    value_text(last->effect.value, claim->unit_here, high, sizeof high);
    if (strcmp(low, high) == 0)
        snprintf(text, size, "%s", low);
    else
        snprintf(text, size, "%s to %s", low, high);
    return text;
}

/* A figure that fails by being on one side in all cells says on which. */
static const char *verdict_text(const struct tc_claim *claim, char *text, size_t size)
{
    const char *side = "";
    if (claim->verdict == TC_CLAIM_FAILS && claim->case_count > 0) {
        const struct tc_case *last = &claim->cases[claim->case_count - 1];
        if (claim->cases[0].effect.value > claim->accepted.high)
            side = ": larger";
        else if (last->effect.value < claim->accepted.low)
            side = ": smaller";
    }
    char flat[64];
    snprintf(flat, sizeof flat, "%s%s", tc_claim_verdict_name(claim->verdict), side);
    return unbroken(flat, text, size);
}

static void add_claim(struct tc_table *table, const struct tc_claim *claim, size_t number)
{
    char text[200];
    tc_table_row(table);
    tc_table_cellf(table, "c%zu", number);
    tc_table_cell(table, claim->text);
    tc_table_cell(table, said_text(claim, text, sizeof text));
    tc_table_cell(table, here_text(claim, text, sizeof text));
    tc_table_cell(table, verdict_text(claim, text, sizeof text));
}

static struct tc_table *new_table(void)
{
    struct tc_table *table = tc_table_new();
    tc_table_column(table, "#", TC_LEFT);
    tc_table_column(table, "claim", TC_LEFT);
    tc_table_column(table, "said", TC_RIGHT);
    tc_table_column(table, "here", TC_RIGHT);
    tc_table_column(table, "verdict", TC_LEFT);
    return table;
}

/* -- parts -- */

/* The claims of one source from `first` on; returns the first of the next source. */
static size_t print_source(const struct printer *printer, const struct tc_claims *claims,
                           size_t first)
{
    const char *source = claims->items[first].source;
    struct tc_table *table = new_table();
    size_t i = first;
    for (; i < claims->count && strcmp(claims->items[i].source, source) == 0; i++)
        add_claim(table, &claims->items[i], i + 1);
    fprintf(printer->out, "\n%s%s\n\n", printer->style == TC_MARKDOWN ? "### " : "", source);
    tc_table_print(table, printer->out, printer->style, printer->width);
    tc_table_free(table);
    return i;
}

/* "Here, in 12 cells, 3.98 µs (3.28 µs to 4.87 µs) in the middle one: depends on tasks: ..." */
static void describe(const struct tc_claim *claim, char *text, size_t size)
{
    char effect[200], cells[300] = "";
    if (claim->case_count > 1)
        snprintf(cells, sizeof cells, ", in %zu cells, %s in the middle one", claim->case_count,
                 tc_format_effect(claim->here, claim->unit_here, effect, sizeof effect));
    snprintf(text, size, "%s%s%s%s%s%s", claim->conditions,
             cells[0] || claim->on[0] ? ". Here" : "", cells, claim->on[0] ? ": " : "",
             claim->verdict == TC_CLAIM_DEPENDS ? "depends on " : "", claim->on);
}

static void print_notes(const struct printer *printer, const struct tc_claims *claims)
{
    bool markdown = printer->style == TC_MARKDOWN;
    fprintf(printer->out, "\n%sconditions of the claims, and what they depend on\n\n",
            markdown ? "### " : "");
    for (size_t i = 0; i < claims->count; i++) {
        char note[1400], line[1600];
        describe(&claims->items[i], note, sizeof note);
        snprintf(line, sizeof line, "%sc%zu %s", markdown ? "- " : "", i + 1, note);
        tc_print_wrapped(printer->out, line, printer->style, printer->width, 5);
    }
}

static void print_totals(const struct printer *printer, const struct tc_claims *claims)
{
    size_t totals[TC_CLAIM_VERDICTS] = {0}, used = 0;
    char line[400] = "";
    for (size_t i = 0; i < claims->count; i++)
        totals[claims->items[i].verdict]++;
    for (enum tc_claim_verdict verdict = 0; verdict < TC_CLAIM_VERDICTS; verdict++)
        if (totals[verdict] > 0)
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s: %zu",
                                     used ? ", " : "claims: ", tc_claim_verdict_name(verdict),
                                     totals[verdict]);
    fputc('\n', printer->out);
    tc_print_wrapped(printer->out, line, printer->style, printer->width, 0);
}

static const char intro[] =
    "What has been said, judged over every cell here that tests it. A ratio is threads : async "
    "unless the claim says otherwise; here stand the least and the greatest over these cells.";

void print_claims(const struct printer *printer, const struct tc_results *results)
{
    tc_json *document = tc_builtin_claims();
    struct tc_claims claims;
    tc_claims_make(&claims, document, results);
    fprintf(printer->out, "\n%sclaims\n\n", printer->style == TC_MARKDOWN ? "## " : "");
    tc_print_wrapped(printer->out, intro, printer->style, printer->width, 0);
    for (size_t i = 0; i < claims.count;)
        i = print_source(printer, &claims, i);
    print_totals(printer, &claims);
    print_notes(printer, &claims);
    tc_claims_clear(&claims);
    tcj_free(document);
}
