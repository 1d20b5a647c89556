/* SPDX-License-Identifier: MIT
 *
 * A comparison for people: what differs around the two runs first, then a row a cell and metric.
 */
#include "compare_view.h"

#include "base/status.h"
#include "harness/format.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct printer {
    const struct compare_view *view;
    enum tc_table_style style;
    size_t width;
};

/* -- paragraphs and headings -- */

static void say(const struct printer *printer, const char *text)
{
    tc_print_wrapped(stdout, text, printer->style, printer->width, 2);
}

static void heading(const struct printer *printer, const char *text)
{
    printf("\n%s%s\n\n", printer->style == TC_MARKDOWN ? "## " : "", text);
}

static void print_table(const struct printer *printer, struct tc_table *table)
{
    tc_table_print(table, stdout, printer->style, printer->width);
    tc_table_free(table);
}

static void say_file(const struct printer *printer, const char *role, const char *path,
                     const struct tc_results *results)
{
    char line[1000], injected[64] = "";
    if (results->injected_percent > 0)
        snprintf(injected, sizeof injected, ", slowed down by %" PRIu64 " %% on purpose",
                 results->injected_percent);
    snprintf(line, sizeof line, "%s%s: %s, %s, taskcost %s %s%s%s",
             printer->style == TC_MARKDOWN ? "- " : "", role, path, results->started,
             results->version ? results->version : "", results->commit ? results->commit : "",
             results->complete ? "" : ", not complete", injected);
    say(printer, line);
}

/* -- what differs around them -- */

/* "host: a and b" for the first few of what tells two machines apart. */
static void say_machine(const struct printer *printer)
{
    const struct tc_differences *differences = &printer->view->comparison->differences;
    char line[1000] = "The same machine (host, CPU, kernel, topology, hypervisor): figures are "
                      "judged.";
    if (!differences->same_machine) {
        size_t used = (size_t)snprintf(line, sizeof line, "Not known to be the same machine");
        for (size_t i = 0; i < differences->count && used < sizeof line - 300; i++)
            if (differences->items[i].identity)
                used +=
                    (size_t)snprintf(line + used, sizeof line - used, "; %.60s: %.60s and %.60s",
                                     strchr(differences->items[i].name, '.') + 1,
                                     differences->items[i].base, differences->items[i].new);
        snprintf(line + used, sizeof line - used,
                 ". Figures are shown; judged are the ratios of models.");
    }
    fputc('\n', stdout);
    say(printer, line);
}

static void print_differences(const struct printer *printer)
{
    const struct tc_differences *differences = &printer->view->comparison->differences;
    say_machine(printer);
    if (differences->count == 0)
        return;
    struct tc_table *table = tc_table_new();
    tc_table_column(table, "what differs", TC_LEFT);
    tc_table_column(table, "base", TC_LEFT);
    tc_table_column(table, "new", TC_LEFT);
    for (size_t i = 0; i < differences->count; i++) {
        tc_table_row(table);
        tc_table_cell(table, differences->items[i].name);
        tc_table_cell(table, differences->items[i].base);
        tc_table_cell(table, differences->items[i].new);
    }
    heading(printer, "what differs around the two runs");
    print_table(printer, table);
}

/* -- rows -- */

/* Whether the rows have the parameter with more than one value. */
static bool varies(const struct tc_comparison *comparison, const struct tc_param *param)
{
    for (size_t i = 0; i < comparison->count; i++) {
        const char *value = tc_cell_param(&comparison->rows[i].base->cell, param->name);
        if (value && strcmp(value, param->value) != 0)
            return true;
    }
    return false;
}

/* The parameters that tell rows apart: "policy=batch stack=64KiB". */
static void params_text(const struct tc_comparison *comparison, const struct tc_cell *cell,
                        char *text, size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (size_t i = 0; i < cell->param_count && used < size; i++)
        if (!cell->params[i].reported && varies(comparison, &cell->params[i]))
            used += (size_t)snprintf(text + used, size - used, "%s%s=%s", used ? " " : "",
                                     cell->params[i].name, cell->params[i].value);
}

static void value_cell(struct tc_table *table, const struct tc_compared *row, double value)
{
    char text[64];
    if (row->base_under)
        tc_table_cell(table, isfinite(value) ? tc_format_number(value, text, sizeof text) : "-");
    else
        tc_table_cell(table, tc_format_quantity(value, row->base->unit, text, sizeof text));
}

static void ratio_cells(struct tc_table *table, const struct tc_compared *row)
{
    if (isfinite(row->ratio))
        tc_table_cellf(table, "%.3f", row->ratio);
    else
        tc_table_cell(table, "");
    if (isfinite(row->low) && isfinite(row->high))
        tc_table_cellf(table, "%.3f–%.3f", row->low, row->high);
    else
        tc_table_cell(table, "");
    /* What the machine's speed made of it, where that is more than the last digits. */
    if (row->adjusted && fabs(row->raw_ratio / row->ratio - 1) > 0.01)
        tc_table_cellf(table, "%.3f", row->raw_ratio);
    else
        tc_table_cell(table, "");
}

static void p_cell(struct tc_table *table, double p)
{
    if (isnan(p))
        tc_table_cell(table, "");
    else if (p < 0.001)
        tc_table_cell(table, "<0.001");
    else
        tc_table_cellf(table, "%.2g", p);
}

/* The placement of all rows, or NULL when they have several. */
static const char *one_placement(const struct tc_comparison *comparison)
{
    const char *first = comparison->rows[0].base->cell.placement;
    for (size_t i = 1; i < comparison->count; i++)
        if (strcmp(comparison->rows[i].base->cell.placement, first) != 0)
            return NULL;
    return first;
}

/* `placement` is the heading's, or NULL when each row tells its own. */
static void add_row(struct tc_table *table, const struct tc_comparison *comparison,
                    const struct tc_compared *row, const char *placement)
{
    const struct tc_cell *cell = &row->base->cell;
    char text[300];
    tc_table_row(table);
    tc_table_cell(table, cell->workload);
    snprintf(text, sizeof text, "%s%s%s", cell->model, row->base_under ? " : " : "",
             row->base_under ? row->base_under->cell.model : "");
    tc_table_cell(table, text);
    if (!placement)
        tc_table_cell(table, cell->placement);
    tc_table_cell(table, tc_format_count(cell->tasks, text, sizeof text));
    params_text(comparison, cell, text, sizeof text);
    tc_table_cell(table, text);
    tc_table_cell(table, row->base->metric);
    value_cell(table, row, row->base_value);
    value_cell(table, row, row->new_value);
    ratio_cells(table, row);
    p_cell(table, row->p);
    tc_table_cell(table, tc_change_name(row->change));
    tc_table_cell(table, row->reason);
}

static void print_rows(const struct printer *printer)
{
    static const struct {
        const char *header;
        enum tc_align align;
    } columns[] = {{"workload", TC_LEFT}, {"model", TC_LEFT},        {"placement", TC_LEFT},
                   {"tasks", TC_RIGHT},   {"parameters", TC_LEFT},   {"metric", TC_LEFT},
                   {"base", TC_RIGHT},    {"new", TC_RIGHT},         {"ratio", TC_RIGHT},
                   {"95 %", TC_RIGHT},    {"as measured", TC_RIGHT}, {"p", TC_RIGHT},
                   {"verdict", TC_LEFT},  {"because", TC_LEFT}};
    const struct tc_comparison *comparison = printer->view->comparison;
    const char *placement = one_placement(comparison);
    char title[120];
    struct tc_table *table = tc_table_new();
    for (size_t i = 0; i < TC_COUNT_OF(columns); i++)
        if (!placement || strcmp(columns[i].header, "placement") != 0)
            tc_table_column(table, columns[i].header, columns[i].align);
    tc_table_keys(table, placement ? 5 : 6);
    for (size_t i = 0; i < comparison->count; i++)
        add_row(table, comparison, &comparison->rows[i], placement);
    snprintf(title, sizeof title, "new : base%s%.80s", placement ? ", " : "",
             placement ? placement : "");
    heading(printer, title);
    print_table(printer, table);
}

/* -- the rest -- */

static void print_alone(const struct printer *printer, const char *title,
                        const struct tc_measurement **items, size_t count)
{
    char cell[300], line[400];
    if (count == 0)
        return;
    heading(printer, title);
    for (size_t i = 0; i < count; i++) {
        snprintf(line, sizeof line, "- %s: %.60s",
                 tc_cell_describe(&items[i]->cell, cell, sizeof cell), items[i]->metric);
        say(printer, line);
    }
}

static void print_together(const struct printer *printer)
{
    const struct tc_together *all = &printer->view->comparison->together;
    char line[300];
    if (isnan(all->ratio))
        return;
    snprintf(line, sizeof line,
             "All %zu rows together: %.3f times the cost (%.3f–%.3f), p = %.2g: %s.", all->rows,
             all->ratio, all->low, all->high, all->p, tc_change_name(all->change));
    fputc('\n', stdout);
    say(printer, line);
}

static void print_totals(const struct printer *printer)
{
    const struct compare_view *view = printer->view;
    char line[600] = "";
    size_t used = 0;
    for (enum tc_change change = 0; change < TC_CHANGES; change++)
        if (view->comparison->changes[change] > 0)
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s: %zu", used ? ", " : "",
                                     tc_change_name(change), view->comparison->changes[change]);
    fputc('\n', stdout);
    say(printer, line);
    snprintf(line, sizeof line,
             "A ratio is new : base with its 95 %% interval, at the same speed of the machine; "
             "as measured: without that. Worse and better: a change of more than %g %% is shown, "
             "p < %g after Holm's correction over all rows, doubled as the table as a whole is "
             "judged too. Same: the interval is within %g %%.",
             view->rules->min_effect * 100, view->rules->alpha, view->rules->min_effect * 100);
    fputc('\n', stdout);
    say(printer, line);
}

void compare_print(const struct compare_view *view, enum tc_table_style style, size_t width)
{
    struct printer printer = {view, style, width};
    const struct tc_comparison *comparison = view->comparison;
    if (style == TC_MARKDOWN)
        printf("# %s and %s\n\n", view->base_path, view->new_path);
    say_file(&printer, "base", view->base_path, view->base);
    say_file(&printer, "new", view->new_path, view->new);
    print_differences(&printer);
    print_rows(&printer);
    print_alone(&printer, "only in base", comparison->only_base, comparison->only_base_count);
    print_alone(&printer, "only in new", comparison->only_new, comparison->only_new_count);
    print_together(&printer);
    print_totals(&printer);
}
