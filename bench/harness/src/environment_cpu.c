/* SPDX-License-Identifier: MIT
 *
 * The processors: what they are, what moves their speed, and whether they are real.
 */
#include "environment_parts.h"

#include "harness/environment.h"
#include "harness/words.h"

#include "harness/reading.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CPUS "/sys/devices/system/cpu"

/* The different values of a file that every CPU has ("powersave" or "performance, powersave"). */
static tc_json *read_of_all_cpus(const char *root, const char *name)
{
    char pattern[4096], text[256];
    struct tc_words values = {0};
    int code = -ENOENT;
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s" CPUS "/cpu[0-9]*/%s", root, name);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            int one = tc_reading_file("", found.gl_pathv[i], text, sizeof text);
            text[one < 0 ? 0 : strcspn(text, "\n")] = '\0';
            if (one == 0)
                tc_words_add_once(&values, text);
            else if (values.count == 0)
                code = one;
        }
        globfree(&found);
    }
    tc_json *out = values.count ? tcj_string(tc_words_join(&values, text, sizeof text))
                                : tc_reading_failed(-code);
    tc_words_clear(&values);
    return out;
}

/* A line that is text even where it looks like a number (a mask of CPUs). */
static tc_json *read_text_line(const char *root, const char *path)
{
    char text[1024];
    int code = tc_reading_file(root, path, text, sizeof text);
    text[code < 0 ? 0 : strcspn(text, "\n")] = '\0';
    return code < 0 ? tc_reading_failed(-code) : tcj_string(text);
}

/* A switch that a file holds as 0 or 1; `on` is the number that means on. */
static tc_json *read_switch(const char *root, const char *path, int64_t on)
{
    int64_t value;
    tc_json *line = tc_reading_line(root, path);
    if (!tcj_read_integer(line, &value))
        return tcj_is_object(line) ? line : (tcj_free(line), tc_reading_absent());
    tcj_free(line);
    return tcj_bool(value == on);
}

/* Intel's driver has a switch of its own, the others share one. Where neither tells its value, one
 * that may not be read says more than one that is not there. */
static tc_json *read_turbo(const char *root)
{
    bool known, hidden = false;
    tc_json *own = read_switch(root, CPUS "/intel_pstate/no_turbo", 0);
    tcj_read_bool(tcj_get(own, "not_permitted"), &hidden);
    if (tcj_read_bool(own, &known))
        return own;
    tc_json *shared = read_switch(root, CPUS "/cpufreq/boost", 1);
    if (hidden && !tcj_read_bool(shared, &known)) {
        tcj_free(shared);
        return own;
    }
    tcj_free(own);
    return shared;
}

/* The sleep states of the first CPU, each with the microseconds that waking from it takes. */
static tc_json *read_idle_states(const char *root)
{
    tc_json *out = tcj_object();
    enum { STATES_MAX = 32 };
    for (int i = 0; i < STATES_MAX; i++) {
        char path[128];
        snprintf(path, sizeof path, CPUS "/cpu0/cpuidle/state%d/name", i);
        tc_json *name = tc_reading_line(root, path);
        if (tcj_text(name, NULL)) {
            snprintf(path, sizeof path, CPUS "/cpu0/cpuidle/state%d/latency", i);
            tcj_set(out, tcj_text(name, ""), tc_reading_line(root, path));
            tcj_free(name);
        } else if (i == 0) {
            tcj_free(out);
            return name; /* why there are none */
        } else {
            tcj_free(name);
            break;
        }
    }
    return out;
}

/* Of the number that each CPU has in a file: the least, the largest and the sum. */
struct range {
    bool seen;
    int code; /* why a file could not be read */
    double low, high, sum;
};

static struct range range_of_all_cpus(const char *root, const char *name)
{
    char pattern[4096], text[64];
    struct range range = {.code = -ENOENT};
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s" CPUS "/cpu[0-9]*/%s", root, name);
    if (glob(pattern, 0, NULL, &found) != 0)
        return range;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        int code = tc_reading_file("", found.gl_pathv[i], text, sizeof text);
        double value = strtod(text, NULL);
        if (code < 0) {
            range.code = code;
            continue;
        }
        range.low = range.seen ? fmin(range.low, value) : value;
        range.high = range.seen ? fmax(range.high, value) : value;
        range.sum += value;
        range.seen = true;
    }
    globfree(&found);
    return range;
}

static tc_json *read_frequency(const char *root)
{
    struct range range = range_of_all_cpus(root, "cpufreq/scaling_cur_freq");
    if (!range.seen)
        return tc_reading_failed(-range.code);
    tc_json *out = tcj_object();
    tcj_set(out, "low", tcj_number(range.low));
    tcj_set(out, "high", tcj_number(range.high));
    return out;
}

static tc_json *read_throttles(const char *root)
{
    struct range range = range_of_all_cpus(root, "thermal_throttle/core_throttle_count");
    return range.seen ? tcj_number(range.sum) : tc_reading_failed(-range.code);
}

tc_json *environment_cpu_now(const char *root)
{
    tc_json *out = tcj_object();
    tcj_set(out, "frequency_khz", read_frequency(root));
    tcj_set(out, "thermal_throttles", read_throttles(root));
    return out;
}

/* Whether the time stamp counter ticks alike at every speed and in every sleep; x86 tells. */
static tc_json *read_invariant_tsc(const char *root)
{
    tc_json *flags = tc_reading_field(root, "/proc/cpuinfo", "flags");
    const char *text = tcj_text(flags, NULL);
    if (!text)
        return flags;
    tc_json *out = tcj_bool(strstr(text, " constant_tsc") && strstr(text, " nonstop_tsc"));
    tcj_free(flags);
    return out;
}

tc_json *environment_cpu(const char *root)
{
    tc_json *out = environment_cpu_now(root);
    tcj_set(out, "model", tc_reading_field(root, "/proc/cpuinfo", "model name"));
    tcj_set(out, "governor", read_of_all_cpus(root, "cpufreq/scaling_governor"));
    tcj_set(out, "driver", read_of_all_cpus(root, "cpufreq/scaling_driver"));
    tcj_set(out, "turbo", read_turbo(root));
    tcj_set(out, "smt", read_switch(root, CPUS "/smt/active", 1));
    tcj_set(out, "energy_preference",
            read_of_all_cpus(root, "cpufreq/energy_performance_preference"));
    tcj_set(out, "idle_driver", tc_reading_line(root, CPUS "/cpuidle/current_driver"));
    tcj_set(out, "idle_governor", tc_reading_line(root, CPUS "/cpuidle/current_governor"));
    tcj_set(out, "idle_states_us", read_idle_states(root));
    tcj_set(out, "invariant_tsc", read_invariant_tsc(root));
    tcj_set(out, "interrupt_affinity", read_text_line(root, "/proc/irq/default_smp_affinity"));
    tcj_set(out, "isolated", tc_reading_line(root, CPUS "/isolated"));
    tcj_set(out, "nohz_full", tc_reading_line(root, CPUS "/nohz_full"));
    return out;
}

/* x86 says so in a flag; elsewhere only a hypervisor that shows itself is known. */
static tc_json *read_hypervisor(const char *root)
{
    tc_json *flags = tc_reading_field(root, "/proc/cpuinfo", "flags");
    const char *text = tcj_text(flags, NULL);
    tc_json *out = text ? tcj_bool(strstr(text, " hypervisor") != NULL) : NULL;
    tcj_free(flags);
    if (out)
        return out;
    out = tc_reading_line(root, "/sys/hypervisor/type");
    if (!tcj_text(out, NULL))
        return out;
    tcj_free(out);
    return tcj_bool(true);
}

tc_json *environment_virtualization(const char *root)
{
    tc_json *out = tcj_object();
    tcj_set(out, "hypervisor", read_hypervisor(root));
    tcj_set(out, "vendor", tc_reading_line(root, "/sys/class/dmi/id/sys_vendor"));
    tcj_set(out, "product", tc_reading_line(root, "/sys/class/dmi/id/product_name"));
    return out;
}

bool tc_cpu_ticks(const char *root, uint64_t *stolen, uint64_t *all)
{
    /* user nice system idle iowait irq softirq steal; guest time is in user's already */
    uint64_t ticks[8] = {0};
    char text[256];
    if (tc_reading_file(root, "/proc/stat", text, sizeof text) < 0 ||
        sscanf(text,
               "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
               " %" SCNu64 " %" SCNu64,
               &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6],
               &ticks[7]) != 8)
        return false;
    *stolen = ticks[7];
    *all = 0;
    for (int i = 0; i < 8; i++)
        *all += ticks[i];
    return true;
}
