/* SPDX-License-Identifier: MIT
 *
 * `taskcost reproduce`: every published figure beside the one measured here, with a verdict. The
 * judging is harness/published.h; this prints it: a table a source, then each figure's conditions;
 * then the claims (reproduce_claims.c).
 */
#include "command.h"
#include "harness/format.h"
#include "harness/published.h"
#include "harness/schema.h"
#include "harness/table.h"
#include "one_file.h"
#include "reproduce.h"

#include <math.h>
#include <string.h>

/* -- cells -- */

static const char *quantity_text(double value, const char *unit, char *text, size_t size)
{
    return strcmp(unit, "ratio") == 0 ? tc_format_ratio(value, text, size)
                                      : tc_format_quantity(value, unit, text, size);
}

const char *range_text(struct tc_range range, const char *unit, char *text, size_t size)
{
    char low[64], high[64];
    quantity_text(range.low, unit, low, sizeof low);
    quantity_text(range.high, unit, high, sizeof high);
    if (isnan(range.high))
        snprintf(text, size, "%s or more", low);
    else if (isnan(range.low))
        snprintf(text, size, "%s or less", high);
    else if (range.low == range.high)
        snprintf(text, size, "%s", low);
    else
        snprintf(text, size, "%s to %s", low, high);
    return text;
}

static const char *published_text(const struct tc_finding *finding, char *text, size_t size)
{
    char value[128];
    if (strcmp(finding->claim, "at_most") == 0)
        snprintf(text, size, "stopped at %s",
                 tc_format_quantity(finding->published.low, finding->unit, value, sizeof value));
    else
        range_text(finding->published, finding->unit, text, size);
    return text;
}

static const char *here_text(const struct tc_finding *finding, const char *unit, char *text,
                             size_t size)
{
    return quantity_text(finding->here, unit, text, size);
}

/* "1 : 57", never broken; "" without a pair. */
static const char *ratio_text(struct tc_range ratio, char *text, size_t size)
{
    static const char one_to[] = "1\xc2\xa0:\xc2\xa0";
    char low[64], high[64];
    tc_format_number(ratio.low, low, sizeof low);
    tc_format_number(ratio.high, high, sizeof high);
    bool has_low = isfinite(ratio.low), has_high = isfinite(ratio.high);
    if (!has_low && !has_high)
        snprintf(text, size, "%s", "");
    else if (!has_high || !has_low)
        snprintf(text, size, "%s%s or %s", one_to, has_low ? low : high, has_low ? "more" : "less");
    else if (ratio.low == ratio.high)
        snprintf(text, size, "%s%s", one_to, low);
    else
        snprintf(text, size, "%s%s to %s", one_to, low, high);
    return text;
}

/* What a statement's cell is measured in, as the statement itself is about something else. */
static const char *unit_here(const struct tc_finding *finding, const tc_json *figure)
{
    const char *metric = tcj_text(tcj_at(tcj_get(tcj_get(figure, "cell"), "metrics"), 0), "");
    if (strcmp(finding->claim, "statement") != 0)
        return finding->unit;
    return strncmp(metric, "memory_", strlen("memory_")) == 0 ? "B" : "ns";
}

const char *unbroken(const char *from, char *text, size_t size)
{
    size_t used = 0;
    for (; *from && used + 3 < size; from++) {
        if (*from != ' ') {
            text[used++] = *from;
            continue;
        }
        text[used++] = '\xc2';
        text[used++] = '\xa0';
    }
    text[used] = '\0';
    return text;
}

static void add_finding(struct tc_table *table, const struct tc_finding *finding,
                        const tc_json *figure, size_t number)
{
    char text[200];
    tc_table_row(table);
    tc_table_cellf(table, "%zu", number);
    tc_table_cell(table, finding->operation);
    tc_table_cell(table, finding->model);
    tc_table_cell(table, published_text(finding, text, sizeof text));
    tc_table_cell(table, here_text(finding, unit_here(finding, figure), text, sizeof text));
    tc_table_cell(table, ratio_text(finding->published_ratio, text, sizeof text));
    tc_table_cell(table, ratio_text(finding->here_ratio, text, sizeof text));
    tc_table_cell(table, unbroken(tc_verdict_name(finding->verdict), text, sizeof text));
}

/* -- parts -- */

static void add_columns(struct tc_table *table)
{
    static const struct {
        const char *header;
        enum tc_align align;
    } columns[] = {{"#", TC_RIGHT},          {"operation", TC_LEFT}, {"model", TC_LEFT},
                   {"published", TC_RIGHT},  {"here", TC_RIGHT},     {"ratio published", TC_RIGHT},
                   {"ratio here", TC_RIGHT}, {"verdict", TC_LEFT}};
    for (size_t i = 0; i < TC_COUNT_OF(columns); i++)
        tc_table_column(table, columns[i].header, columns[i].align);
}

/* Prints the figures of one source, from `first` on; returns the first of the next source. */
static size_t print_source(const struct printer *printer, const struct tc_findings *findings,
                           const tc_json *figures, size_t first)
{
    const struct tc_finding *head = &findings->items[first];
    struct tc_table *table = tc_table_new();
    size_t i = first;
    add_columns(table);
    for (; i < findings->count && strcmp(findings->items[i].source, head->source) == 0; i++)
        add_finding(table, &findings->items[i], tcj_at(figures, i), i + 1);
    fprintf(printer->out, "\n%s%s%s%s%s\n\n", printer->style == TC_MARKDOWN ? "## " : "",
            head->source, head->repository ? " (" : "", head->repository ? head->repository : "",
            head->repository ? ")" : "");
    tc_table_print(table, printer->out, printer->style, printer->width);
    tc_table_free(table);
    return i;
}

static void print_conditions(const struct printer *printer, const struct tc_findings *findings)
{
    bool markdown = printer->style == TC_MARKDOWN;
    fprintf(printer->out, "\n%sconditions\n\n", markdown ? "## " : "");
    for (size_t i = 0; i < findings->count; i++) {
        const struct tc_finding *finding = &findings->items[i];
        char line[1600];
        snprintf(line, sizeof line, "%zu%s %s%s%s", i + 1, markdown ? "." : "", finding->conditions,
                 finding->note[0] ? ". Here: " : "", finding->note);
        tc_print_wrapped(printer->out, line, printer->style, printer->width, 3);
    }
}

static void print_totals(const struct printer *printer, const struct tc_findings *findings)
{
    size_t totals[TC_VERDICTS] = {0}, used = 0;
    char line[400] = "";
    for (size_t i = 0; i < findings->count; i++)
        totals[findings->items[i].verdict]++;
    for (enum tc_verdict verdict = 0; verdict < TC_VERDICTS; verdict++)
        if (totals[verdict] > 0)
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s: %zu", used ? ", " : "",
                                     tc_verdict_name(verdict), totals[verdict]);
    fputc('\n', printer->out);
    tc_print_wrapped(printer->out, line, printer->style, printer->width, 0);
}

static const char intro[] = "Published figures against this machine's. A ratio is async : threads. "
                            "Order and ratio are judged, "
                            "not microseconds: other machines, other times.";

static void print_all(const struct printer *printer, const struct one_file *file,
                      const tc_json *published)
{
    struct tc_findings findings;
    tc_findings_make(&findings, published, file->results);
    fprintf(printer->out, "%s%s\n\n", printer->style == TC_MARKDOWN ? "# " : "", file->path);
    tc_print_wrapped(printer->out, intro, printer->style, printer->width, 0);
    for (size_t i = 0; i < findings.count;)
        i = print_source(printer, &findings, tcj_get(published, "figures"), i);
    print_totals(printer, &findings);
    print_conditions(printer, &findings);
    print_claims(printer, file->results);
    tc_findings_clear(&findings);
}

static int run(int argc, char **argv)
{
    struct one_file file;
    int code = one_file_open_published(argc, argv, &file);
    if (code != EXIT_DONE)
        return code;
    struct printer printer = {stdout, file.markdown ? TC_MARKDOWN : TC_TERMINAL,
                              tc_output_width(stdout)};
    tc_json *published = tc_builtin_published();
    print_all(&printer, &file, published);
    tcj_free(published);
    tc_results_free(file.results);
    return EXIT_DONE;
}

const struct command command_reproduce = {
    .name = "reproduce",
    .synopsis = "reproduce FILE [--markdown]",
    .summary = "every published figure and claim beside what was measured here, with a verdict",
    .help =
        "  FILE        a result file, or - for standard input\n"
        "  --markdown  a page instead of a terminal\n"
        "\n"
        "A published figure is compared with the cell of the same workload, model, placement,\n"
        "number of tasks and parameters, or with the nearest there is; then the note says what\n"
        "differs. Costs are judged by the ratio async : threads, as times depend on the machine:\n"
        "  holds               the same side is dearer and the ratio is within a factor of 2 of\n"
        "                      the published one, or neither is dearer in both\n"
        "  smaller, larger     the same side is dearer, by a ratio that is less than half or more\n"
        "                      than twice the published one\n"
        "  no difference here  published as different, within a factor of 1.25 here\n"
        "  a difference here   published as within a factor of 1.25, different here\n"
        "  reversed            the other side is dearer here\n"
        "  not judged          there is no second figure, and times alone are not compared\n"
        "  not measured        the result lacks it; the note says why\n"
        "Bytes without a counterpart are held against the published bytes, within a factor of 2.\n"
        "So many tasks at once: the largest memory-idle that was ok, which holds if it reaches\n"
        "the figure; where a figure says what stopped it, stopping at half of it or more.\n"
        "\n"
        "Then the claims. Each is judged in every cell that tests it: a cost, size or ratio holds\n"
        "within a factor of 2 of what was said, \"the same\" within 1.25; an order holds where "
        "the\n"
        "whole 95 % interval is on its side, a target where the figure reaches it:\n"
        "  holds, fails        in every cell\n"
        "  depends             on what the conditions say: a placement, a number of tasks, a\n"
        "                      parameter; with the point where the claim flips\n"
        "  undecided           every interval spans the boundary: more rounds would decide\n"
        "  not measured        and what it would take\n",
    .run = run,
};
