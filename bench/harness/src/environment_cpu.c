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

/* Intel's driver has a switch of its own, the others share one. */
static tc_json *read_turbo(const char *root)
{
    bool known;
    tc_json *turbo = read_switch(root, CPUS "/intel_pstate/no_turbo", 0);
    if (tcj_read_bool(turbo, &known))
        return turbo;
    tcj_free(turbo);
    return read_switch(root, CPUS "/cpufreq/boost", 1);
}

tc_json *environment_cpu(const char *root)
{
    tc_json *out = tcj_object();
    tcj_set(out, "model", tc_reading_field(root, "/proc/cpuinfo", "model name"));
    tcj_set(out, "governor", read_of_all_cpus(root, "cpufreq/scaling_governor"));
    tcj_set(out, "driver", read_of_all_cpus(root, "cpufreq/scaling_driver"));
    tcj_set(out, "turbo", read_turbo(root));
    tcj_set(out, "smt", read_switch(root, CPUS "/smt/active", 1));
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
