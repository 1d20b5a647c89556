/* SPDX-License-Identifier: MIT
 *
 * The rounds that lie far from the others, classed: told, because they say something about the
 * machine, and never dropped. Told of what is measured and of memory as a whole; the file has those
 * of memory's parts and of the system's counters, too.
 */
#include "show.h"

#include "base/status.h"

#include <inttypes.h>
#include <string.h>

uint64_t outliers_of(const struct tc_measurement *measurement)
{
    const struct tc_outliers *kinds = &measurement->summary.outliers;
    return kinds->low_severe + kinds->low_mild + kinds->high_mild + kinds->high_severe;
}

static bool has_outliers(const struct tc_measurement *m, const void *argument)
{
    (void)argument;
    return m->status == TC_OK && outliers_of(m) > 0 &&
           (is_value(m) || strcmp(m->metric, "memory_total") == 0);
}

/* "1 far below, 2 above" into `text`; returns text. */
static const char *describe(const struct tc_outliers *found, char *text, size_t size)
{
    const struct {
        uint64_t count;
        const char *place;
    } kinds[] = {{found->low_severe, "far below"},
                 {found->low_mild, "below"},
                 {found->high_mild, "above"},
                 {found->high_severe, "far above"}};
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < TC_COUNT_OF(kinds); i++)
        if (kinds[i].count > 0 && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%" PRIu64 " %s", used ? ", " : "",
                                     kinds[i].count, kinds[i].place);
    return text;
}

static void add_row(struct tc_table *table, const struct selection *selection,
                    const struct tc_measurement *m)
{
    char text[160];
    snprintf(text, sizeof text, "%s\xc2\xa0%s", m->cell.workload, m->cell.model);
    tc_table_row(table);
    add_keys(table, selection, m, text);
    tc_table_cellf(table, "%" PRIu64, m->summary.rounds);
    tc_table_cell(table, describe(&m->summary.outliers, text, sizeof text));
}

void show_outliers(const struct show *show)
{
    struct selection selection = select_measurements(show, has_outliers, NULL);
    struct tc_table *table = tc_table_new();
    if (selection.count > 0) {
        add_key_columns(table, &selection, "workload and model");
        tc_table_column(table, "rounds", TC_RIGHT);
        tc_table_column(table, "of them", TC_LEFT);
        for (size_t i = 0; i < selection.count; i++)
            add_row(table, &selection, selection.items[i]);
        print_heading(show, "outliers among the rounds", NULL,
                      "medians of rounds beyond 1.5 interquartile ranges from the quartiles, far: "
                      "beyond 3; they are in every figure");
    }
    print_table(show, table);
    selection_clear(&selection);
}
