/* SPDX-License-Identifier: MIT
 *
 * A comparison as JSON: "taskcost-comparison", version 1, whose fields docs/result-schema.md tells.
 * What is undefined is null.
 */
#include "compare_view.h"

#include "base/status.h"

#include <math.h>

static tc_json *file_to_json(const char *path, const struct tc_results *results)
{
    tc_json *out = tcj_object();
    tcj_set(out, "file", tcj_string(path));
    tcj_set(out, "id", tcj_string(results->id));
    tcj_set(out, "commit", tcj_string(results->commit));
    return out;
}

static tc_json *differences_to_json(const struct tc_differences *differences)
{
    tc_json *list = tcj_array();
    for (size_t i = 0; i < differences->count; i++) {
        const struct tc_difference *difference = &differences->items[i];
        tc_json *item = tcj_object();
        tcj_set(item, "name", tcj_string(difference->name));
        tcj_set(item, "base", tcj_string(difference->base));
        tcj_set(item, "new", tcj_string(difference->new));
        tcj_set(item, "identity", tcj_bool(difference->identity));
        tcj_append(list, item);
    }
    return list;
}

static tc_json *cell_to_json(const struct tc_measurement *measurement)
{
    tc_json *out = tcj_object(), *parameters = tcj_object();
    const struct tc_cell *cell = &measurement->cell;
    tcj_set(out, "workload", tcj_string(cell->workload));
    tcj_set(out, "model", tcj_string(cell->model));
    tcj_set(out, "placement", tcj_string(cell->placement));
    tcj_set(out, "tasks", tcj_integer((int64_t)cell->tasks));
    for (size_t i = 0; i < cell->param_count; i++)
        tcj_set(parameters, cell->params[i].name, tcj_string(cell->params[i].value));
    tcj_set(out, "parameters", parameters);
    tcj_set(out, "metric", tcj_string(measurement->metric));
    tcj_set(out, "unit", tcj_string(measurement->unit));
    return out;
}

static tc_json *interval_to_json(double low, double high)
{
    if (!isfinite(low) || !isfinite(high))
        return tcj_null();
    tc_json *pair = tcj_array();
    tcj_append(pair, tcj_number(low));
    tcj_append(pair, tcj_number(high));
    return pair;
}

static tc_json *row_to_json(const struct tc_compared *row)
{
    tc_json *out = cell_to_json(row->base);
    if (row->base_under)
        tcj_set(out, "over_model", tcj_string(row->base_under->cell.model));
    tcj_set(out, "base", tcj_number(row->base_value));
    tcj_set(out, "new", tcj_number(row->new_value));
    tcj_set(out, "base_rounds", tcj_integer((int64_t)row->base_rounds));
    tcj_set(out, "new_rounds", tcj_integer((int64_t)row->new_rounds));
    tcj_set(out, "ratio", tcj_number(row->ratio));
    tcj_set(out, "ci95", interval_to_json(row->low, row->high));
    tcj_set(out, "ratio_as_measured", tcj_number(row->raw_ratio));
    tcj_set(out, "adjusted", tcj_bool(row->adjusted));
    tcj_set(out, "p", tcj_number(row->p));
    tcj_set(out, "verdict", tcj_string(tc_change_name(row->change)));
    if (*row->reason)
        tcj_set(out, "reason", tcj_string(row->reason));
    return out;
}

static tc_json *together_to_json(const struct tc_together *together)
{
    tc_json *out = tcj_object();
    tcj_set(out, "rows", tcj_integer((int64_t)together->rows));
    tcj_set(out, "ratio", tcj_number(together->ratio));
    tcj_set(out, "ci95", interval_to_json(together->low, together->high));
    tcj_set(out, "p", tcj_number(together->p));
    tcj_set(out, "verdict", tcj_string(tc_change_name(together->change)));
    return out;
}

static tc_json *alone_to_json(const struct tc_measurement **items, size_t count)
{
    tc_json *list = tcj_array();
    for (size_t i = 0; i < count; i++)
        tcj_append(list, cell_to_json(items[i]));
    return list;
}

static tc_json *totals_to_json(const struct tc_comparison *comparison)
{
    tc_json *out = tcj_object();
    for (enum tc_change change = 0; change < TC_CHANGES; change++)
        tcj_set(out, tc_change_name(change), tcj_integer((int64_t)comparison->changes[change]));
    return out;
}

void compare_print_json(const struct compare_view *view)
{
    const struct tc_comparison *comparison = view->comparison;
    tc_json *out = tcj_object(), *rows = tcj_array();
    tcj_set(out, "schema", tcj_string("taskcost-comparison"));
    tcj_set(out, "schema_version", tcj_integer(1));
    tcj_set(out, "base", file_to_json(view->base_path, view->base));
    tcj_set(out, "new", file_to_json(view->new_path, view->new));
    tcj_set(out, "min_effect", tcj_number(view->rules->min_effect));
    tcj_set(out, "alpha", tcj_number(view->rules->alpha));
    tcj_set(out, "same_machine", tcj_bool(comparison->differences.same_machine));
    tcj_set(out, "differences", differences_to_json(&comparison->differences));
    for (size_t i = 0; i < comparison->count; i++)
        tcj_append(rows, row_to_json(&comparison->rows[i]));
    tcj_set(out, "rows", rows);
    tcj_set(out, "together", together_to_json(&comparison->together));
    tcj_set(out, "only_in_base", alone_to_json(comparison->only_base, comparison->only_base_count));
    tcj_set(out, "only_in_new", alone_to_json(comparison->only_new, comparison->only_new_count));
    tcj_set(out, "totals", totals_to_json(comparison));
    tcj_write(out, stdout);
    tcj_free(out);
}
