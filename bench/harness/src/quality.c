/* SPDX-License-Identifier: MIT
 *
 * The verdict on a figure; see harness/quality.h. First the evidence of all rounds of the cell is
 * added up, then each rule of the table looks at one figure of it. Readings of time taken away are
 * summed over the rounds before they are judged: one tick of /proc/stat is 10 ms, as long as a
 * tenth of a round.
 */
#include "harness/quality.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A round is unsteady when its probes differ by more than this. */
static const double speed_change = 0.02;

struct evidence {
    const struct tc_measurement *measurement;
    const struct tc_measurement *faults; /* page_faults of the cell, or NULL */
    double rounds_min;                   /* as the run asked for; NaN where unknown */
    double rounds;                       /* that tell of their conditions */
    double throttled, heated, unbound, unoptimised;
    double stolen, ticks;
    double sibling_busy, sibling_ticks;
    double wait_ns, preempted, span_ns; /* of rounds whose model has one thread */
    double probed, unsteady;            /* rounds */
    double *speeds;                     /* of each probed round, its median */
};

/* -- gathering -- */

static double number_in(const tc_json *object, const char *key)
{
    double number = NAN;
    tcj_read_number(tcj_get(object, key), &number);
    return number;
}

/* NaN, for what is not known, adds nothing. */
static double known(double number)
{
    return isnan(number) ? 0 : number;
}

/* Whether a list ("0,2-3") has the number. */
static bool list_has(const char *list, long number)
{
    for (char *end; *list; list = *end == ',' ? end + 1 : "") {
        long first = strtol(list, &end, 10), last = first;
        if (end == list)
            return false;
        if (*end == '-')
            last = strtol(end + 1, &end, 10);
        if (first <= number && number <= last)
            return true;
    }
    return false;
}

/* Outside of the CPUs it was allowed, or those were changed while it ran. */
static bool is_unbound(const tc_json *observed)
{
    const char *allowed = tcj_text(tcj_get(observed, "cpus_allowed"), "");
    const tc_json *seen = tcj_get(observed, "cpus_seen");
    int64_t cpu;
    for (size_t i = 0; *allowed && i < tcj_size(seen); i++)
        if (tcj_read_integer(tcj_at(seen, i), &cpu) && !list_has(allowed, (long)cpu))
            return true;
    return number_in(tcj_get(observed, "conditions"), "binding_held") == 0;
}

static bool differ(double a, double b)
{
    return fmax(a, b) / fmin(a, b) - 1 > speed_change; /* false for NaN */
}

static void add_probe(struct evidence *e, const tc_json *probe)
{
    double median = number_in(probe, "median");
    if (!(median > 0))
        return;
    e->speeds = realloc(e->speeds, ((size_t)e->probed + 1) * sizeof *e->speeds);
    MUST(e->speeds);
    e->speeds[(size_t)e->probed++] = median;
    e->unsteady += differ(number_in(probe, "before"), number_in(probe, "after")) ||
                   differ(number_in(probe, "low"), number_in(probe, "high"));
}

/* A part and its whole, where both are known. */
static void add_share(const tc_json *conditions, const char *part, const char *whole,
                      double *part_sum, double *whole_sum)
{
    double of = number_in(conditions, part), all = number_in(conditions, whole);
    if (isnan(of) || isnan(all))
        return;
    *part_sum += of;
    *whole_sum += all;
}

static void add_conditions(struct evidence *e, const tc_json *conditions)
{
    add_share(conditions, "steal_ticks", "ticks", &e->stolen, &e->ticks);
    add_share(conditions, "sibling_busy_ticks", "sibling_ticks", &e->sibling_busy,
              &e->sibling_ticks);
    e->throttled += known(number_in(conditions, "throttled_periods")) > 0;
    e->heated += known(number_in(conditions, "thermal_throttles")) > 0;
}

static void add_waiting(struct evidence *e, const tc_json *observed)
{
    const tc_json *conditions = tcj_get(observed, "conditions");
    bool one_thread = false;
    if (!tcj_read_bool(tcj_get(observed, "one_thread"), &one_thread) || !one_thread)
        return;
    e->wait_ns += known(number_in(conditions, "wait_ns"));
    e->preempted += known(number_in(conditions, "switches_involuntary"));
    e->span_ns += known(number_in(conditions, "span_ns"));
}

static void add_round(struct evidence *e, const tc_json *observed)
{
    e->rounds++;
    e->unbound += is_unbound(observed);
    e->unoptimised += strcmp(tcj_text(tcj_get(observed, "build"), "release"), "release") != 0;
    add_probe(e, tcj_get(observed, "probe"));
    add_conditions(e, tcj_get(observed, "conditions"));
    add_waiting(e, observed);
}

/* What a round observed is stored with its first metric only, whichever that is. */
static struct evidence gather(const struct tc_results *results, const struct tc_measurement *m)
{
    struct evidence e = {.measurement = m, .rounds_min = number_in(results->rules, "rounds_min")};
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *one = &results->measurements[i];
        if (!tc_cell_same_plan(&one->cell, &m->cell))
            continue;
        if (strcmp(one->metric, "page_faults") == 0)
            e.faults = one;
        for (size_t r = 0; r < one->round_count; r++)
            if (one->rounds[r].observed)
                add_round(&e, one->rounds[r].observed);
    }
    if (e.probed > 0)
        tc_sort(e.speeds, (size_t)e.probed);
    return e;
}

/* -- the figures that are judged; NaN where one does not apply -- */

static double throttled(const struct evidence *e)
{
    return e->throttled;
}

static double unbound(const struct evidence *e)
{
    return e->unbound;
}

static double unoptimised(const struct evidence *e)
{
    return e->unoptimised;
}

static double heated(const struct evidence *e)
{
    return e->heated;
}

static double stolen(const struct evidence *e)
{
    return e->stolen / e->ticks;
}

static double sibling_busy(const struct evidence *e)
{
    return e->sibling_busy / e->sibling_ticks;
}

static double waiting(const struct evidence *e)
{
    return e->wait_ns / e->span_ns;
}

static double preempted_per_s(const struct evidence *e)
{
    return e->preempted / (e->span_ns / 1e9);
}

/* NaN where no round was probed. */
static double unsteady(const struct evidence *e)
{
    return e->unsteady / e->probed;
}

/* From the slowest tenth of the rounds to the fastest. */
static double speed_range(const struct evidence *e)
{
    return tc_quantile_sorted(e->speeds, (size_t)e->probed, 0.9) /
               tc_quantile_sorted(e->speeds, (size_t)e->probed, 0.1) -
           1;
}

static double mean_of_rounds(const struct tc_measurement *m)
{
    double sum = 0;
    for (size_t i = 0; i < m->round_count; i++)
        sum += known(m->rounds[i].median);
    return sum / (double)m->round_count;
}

/* Once the memory is warm, passing a value on touches nothing new. */
static double faults(const struct evidence *e)
{
    static const char prefix[] = "switch-";
    bool none_expected =
        strncmp(e->measurement->cell.workload, prefix, sizeof prefix - 1) == 0 && e->faults;
    return none_expected ? mean_of_rounds(e->faults) : NAN;
}

/* Counts an operation are whole numbers at heart, and often 0: their spread says little. */
static bool is_count(const struct tc_measurement *m)
{
    return strcmp(m->unit, "1/operation") == 0;
}

static double far_rounds(const struct evidence *e)
{
    const struct tc_outliers *outliers = &e->measurement->summary.outliers;
    return is_count(e->measurement) ? NAN : (double)(outliers->low_severe + outliers->high_severe);
}

/* A share of a median that is 0 is none. */
static double interval_width(const struct evidence *e)
{
    const struct tc_summary *s = &e->measurement->summary;
    bool has_share = !is_count(e->measurement) && s->median != 0;
    return has_share ? (s->ci_high - s->ci_low) / fabs(s->median) : NAN;
}

/* How many rounds there are where they don't make an interval. */
static double rounds_without_interval(const struct evidence *e)
{
    const struct tc_summary *s = &e->measurement->summary;
    return is_count(e->measurement) || !isnan(s->ci_low) ? NAN : (double)s->rounds;
}

/* Counts are made once where they can be exact. */
static double rounds_missing(const struct evidence *e)
{
    return is_count(e->measurement) ? NAN : e->rounds_min - (double)e->measurement->summary.rounds;
}

/* -- the rules -- */

enum unit { COUNT, ROUNDS, PERCENT };

/* Broken when the figure is above the limit. Of rules with the same figure, which stand together,
 * only the first that is broken speaks. */
static const struct rule {
    enum tc_quality_verdict verdict;
    double limit;
    double (*figure)(const struct evidence *);
    enum unit unit;
    const char *cause, *of; /* "cause: FIGURE of" */
} rules[] = {
    {TC_INVALID, 0, unoptimised, ROUNDS, "the worker was not built for release", ""},
    {TC_INVALID, 0, unbound, ROUNDS, "it left the CPUs it was bound to", ""},
    {TC_INVALID, 0, throttled, ROUNDS, "a CPU quota held it up", ""},
    {TC_INVALID, 0.10, stolen, PERCENT, "the hypervisor gave the CPU to others", " of the time"},
    {TC_NOISY, 0.01, stolen, PERCENT, "the hypervisor gave the CPU to others", " of the time"},
    {TC_NOISY, 0.10, sibling_busy, PERCENT, "a sibling on its core was busy", " of the time"},
    {TC_NOISY, 0, heated, ROUNDS, "the CPU was slowed down for its heat", ""},
    {TC_NOISY, 0.10, unsteady, PERCENT, "the CPU's speed changed within rounds", " of them"},
    {TC_NOISY, 0.02, speed_range, PERCENT, "the CPU's speed differed between rounds", ""},
    {TC_NOISY, 0.01, waiting, PERCENT, "its thread had to wait for other work", " of the time"},
    {TC_NOISY, 100, preempted_per_s, COUNT, "its thread was preempted", " times a second"},
    {TC_NOISY, 0.01, faults, PERCENT, "page faults though memory was warm", " of the operations"},
    {TC_NOISY, 0, far_rounds, ROUNDS, "rounds far out, by three interquartile ranges", ""},
    {TC_NOISY, 0.10, interval_width, PERCENT, "a wide interval", " of the median"},
    {TC_NOISY, 0, rounds_without_interval, COUNT, "too few rounds for an interval", ""},
    {TC_NOISY, 0, rounds_missing, COUNT, "fewer rounds than the run was to have", " missing"},
};

static void add_reason(struct tc_quality *out, const struct rule *rule, double figure,
                       const struct evidence *e)
{
    char text[200], total[64] = "";
    if (rule->unit == ROUNDS)
        snprintf(total, sizeof total, " of %.0f rounds",
                 fmax(e->rounds, (double)e->measurement->summary.rounds));
    if (rule->unit == PERCENT)
        snprintf(text, sizeof text, "%s: %.*f %%%s", rule->cause, figure < 0.1 ? 1 : 0,
                 100 * figure, rule->of);
    else
        snprintf(text, sizeof text, "%s: %.0f%s%s", rule->cause, figure, total, rule->of);
    tc_words_add(&out->reasons, text);
    out->verdict = rule->verdict > out->verdict ? rule->verdict : out->verdict;
}

void tc_quality_judge(const struct tc_results *results, const struct tc_measurement *measurement,
                      struct tc_quality *out)
{
    tc_quality_clear(out);
    if (measurement->status != TC_OK)
        return;
    struct evidence e = gather(results, measurement);
    out->verdict = TC_GOOD;
    for (size_t i = 0; i < TC_COUNT_OF(rules); i++) {
        double figure = rules[i].figure(&e);
        if (!(figure > rules[i].limit))
            continue;
        add_reason(out, &rules[i], figure, &e);
        while (i + 1 < TC_COUNT_OF(rules) && rules[i + 1].figure == rules[i].figure)
            i++;
    }
    free(e.speeds);
}

void tc_quality_clear(struct tc_quality *quality)
{
    tc_words_clear(&quality->reasons);
    *quality = (struct tc_quality){0};
}

const char *tc_quality_name(enum tc_quality_verdict verdict)
{
    static const char *const names[] = {
        [TC_GOOD] = "ok", [TC_NOISY] = "noisy", [TC_INVALID] = "invalid"};
    return names[verdict];
}
