/* SPDX-License-Identifier: MIT
 *
 * One round: the command line of docs/protocol.md, and every way in which it can end put into one
 * sentence.
 */
#include "harness/round.h"

#include "harness/process.h"

#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* -- the command line -- */

static void add_text(struct tc_words *argv, const char *option, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    tc_words_add(argv, option);
    tc_words_add(argv, text);
}

/* Ended by the NULL that exec wants, which is not counted. */
static void build_command(struct tc_words *argv, const struct tc_planned *planned,
                          const struct tc_round_order *order)
{
    const struct tc_cell *cell = &planned->cell;
    for (size_t i = 0; order->prefix && i < order->prefix->count; i++)
        tc_words_add(argv, order->prefix->items[i]);
    tc_words_add(argv, planned->worker->path);
    tc_words_add(argv, "run");
    tc_words_add(argv, cell->workload);
    add_text(argv, "--tasks", cell->tasks);
    for (size_t i = 0; i < cell->param_count; i++) {
        char *text = NULL;
        MUST(asprintf(&text, "%s=%s", cell->params[i].name, cell->params[i].value) >= 0);
        tc_words_add(argv, "--param");
        tc_words_add(argv, text);
        free(text);
    }
    if (order->laps)
        add_text(argv, "--laps", order->laps);
    else
        add_text(argv, "--time-ms", order->measure_ms);
    if (order->inject_percent)
        add_text(argv, "--inject", order->inject_percent);
    argv->items = realloc(argv->items, (argv->count + 1) * sizeof *argv->items);
    MUST(argv->items);
    argv->items[argv->count] = NULL;
}

/* -- how it ended -- */

static const char *worker_name(const struct tc_planned *planned)
{
    const char *slash = strrchr(planned->worker->path, '/');
    return slash ? slash + 1 : planned->worker->path;
}

static void explain_signal(int number, char *text, size_t size)
{
    const char *name = sigabbrev_np(number);
    if (name)
        snprintf(text, size, "was ended by SIG%s%s", name,
                 number == SIGKILL ? " (out of memory?)" : "");
    else
        snprintf(text, size, "was ended by signal %d", number);
}

/* The sentence for an end that is not an exit with 0. */
static void explain_end(const struct tc_planned *planned, const struct tc_process_result *result,
                        uint64_t limit_ns, struct tc_error *reason)
{
    char text[700] = "was interrupted";
    switch (result->end) {
    case TC_PROCESS_NOT_STARTED:
        snprintf(text, sizeof text, "%.600s", result->error.text);
        break;
    case TC_PROCESS_SIGNALLED:
        explain_signal(result->code, text, sizeof text);
        break;
    case TC_PROCESS_TIMED_OUT:
        snprintf(text, sizeof text,
                 "gave no result within its time limit of %.3g s (--round-limit)",
                 (double)limit_ns / TC_NS_PER_S);
        break;
    case TC_PROCESS_FLOODED:
        snprintf(text, sizeof text, "wrote more than %d MiB", TC_PROCESS_OUTPUT_MAX >> 20);
        break;
    case TC_PROCESS_EXITED:
        snprintf(text, sizeof text, "exited with code %d", result->code);
        break;
    case TC_PROCESS_INTERRUPTED:
        break;
    }
    tc_fail(reason, -EIO, "%s %s%s%s", worker_name(planned), text, *result->last_words ? ": " : "",
            result->last_words);
}

static void read_object(const struct tc_planned *planned, const struct tc_process_result *result,
                        struct tc_round_outcome *out)
{
    struct tc_error why;
    tc_json *value = tcj_parse(result->output, result->output_length, "its output", &why);
    if (tcj_is_object(value)) {
        out->object = value;
        return;
    }
    tc_fail(&out->reason, -EINVAL, "%s wrote no JSON object: %.500s%s%s", worker_name(planned),
            value ? "the value is of another type" : why.text, *result->last_words ? "; " : "",
            result->last_words);
    tcj_free(value);
}

void tc_round_run(const struct tc_planned *planned, const struct tc_round_order *order,
                  struct tc_round_outcome *out)
{
    struct tc_words argv = {0};
    struct tc_process_result result;
    *out = (struct tc_round_outcome){0};
    build_command(&argv, planned, order);
    tc_process_run(argv.items, planned->placement, order->limit_ns, &result);
    out->wall_ns = result.wall_ns;
    out->timed_out = result.end == TC_PROCESS_TIMED_OUT;
    out->interrupted = result.end == TC_PROCESS_INTERRUPTED;
    if (result.end == TC_PROCESS_EXITED && result.code == 0)
        read_object(planned, &result, out);
    else
        explain_end(planned, &result, order->limit_ns, &out->reason);
    tc_process_clear(&result);
    tc_words_clear(&argv);
}

void tc_round_clear(struct tc_round_outcome *outcome)
{
    tcj_free(outcome->object);
    *outcome = (struct tc_round_outcome){0};
}
