/* SPDX-License-Identifier: MIT
 *
 * Requests at planned times in `taskcost show`: service time and response time side by side, a pair
 * of columns a percentile, with what was offered and what could not be sent in its slot.
 */
#include "show.h"

#include "base/status.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *service, *response;
} headers[] = {{"p50 s", "p50 r"},
               {"p90 s", "p90 r"},
               {"p99 s", "p99 r"},
               {"p99.9 s", "p99.9 r"},
               {"max s", "max r"}};

enum { PERCENTILES = TC_COUNT_OF(headers) };

static bool is_response(const struct tc_measurement *m, const void *argument)
{
    (void)argument;
    return m->status == TC_OK && strcmp(m->metric, "response") == 0;
}

static void percentiles(const struct tc_measurement *m, double values[PERCENTILES])
{
    const struct tc_summary *s = m ? &m->summary : NULL;
    const double found[PERCENTILES] = {s ? s->p50 : NAN, s ? s->p90 : NAN, s ? s->p99 : NAN,
                                       s ? s->p999 : NAN, s ? s->max : NAN};
    memcpy(values, found, sizeof found);
}

static struct tc_scale scale_of(const struct show *show, const struct selection *selection)
{
    double smallest = INFINITY;
    for (size_t i = 0; i < selection->count; i++) {
        const struct tc_measurement *service =
            tc_results_lookup(show->results, &selection->items[i]->cell, "latency");
        smallest = fmin(smallest, service ? service->summary.p50 : INFINITY);
    }
    return tc_scale_for("ns", isfinite(smallest) ? smallest : 0);
}

static double other(const struct show *show, const struct tc_measurement *m, const char *metric)
{
    return median_of(tc_results_lookup(show->results, &m->cell, metric));
}

static void add_row(const struct show *show, struct tc_table *table,
                    const struct selection *selection, const struct tc_measurement *m,
                    struct tc_scale scale)
{
    double service[PERCENTILES], response[PERCENTILES];
    char first[160], text[64];
    percentiles(tc_results_lookup(show->results, &m->cell, "latency"), service);
    percentiles(m, response);
    snprintf(first, sizeof first, "%s\xc2\xa0%s", m->cell.workload, m->cell.model);
    tc_table_row(table);
    add_keys(table, selection, m, first);
    for (size_t i = 0; i < PERCENTILES; i++) {
        tc_table_cell(table, tc_format_number(service[i] / scale.divisor, text, sizeof text));
        tc_table_cell(table, tc_format_number(response[i] / scale.divisor, text, sizeof text));
    }
    tc_table_cell(table, tc_format_number(other(show, m, "offered_rate"), text, sizeof text));
    tc_table_cellf(table, "%.1f %%", 100 * other(show, m, "missed_slots"));
    tc_table_cell(table, tc_format_count(m->summary.samples, text, sizeof text));
}

void show_load(const struct show *show)
{
    char title[80];
    struct selection selection = select_measurements(show, is_response, NULL);
    struct tc_table *table = tc_table_new();
    if (selection.count > 0) {
        struct tc_scale scale = scale_of(show, &selection);
        add_key_columns(table, &selection, "workload and model");
        for (size_t i = 0; i < PERCENTILES; i++) {
            tc_table_column(table, headers[i].service, TC_RIGHT);
            tc_table_column(table, headers[i].response, TC_RIGHT);
        }
        tc_table_column(table, "sent, 1/s", TC_RIGHT);
        tc_table_column(table, "missed", TC_RIGHT);
        tc_table_column(table, "samples", TC_RIGHT);
        for (size_t i = 0; i < selection.count; i++)
            add_row(show, table, &selection, selection.items[i], scale);
        snprintf(title, sizeof title, "sent at planned times: service and response, %s",
                 scale.unit);
        print_heading(show, title, &selection,
                      "s: service time, from when it was sent; r: response time, from when it was "
                      "due; missed: slots sent more than an interval late");
    }
    print_table(show, table);
    selection_clear(&selection);
}
