/* SPDX-License-Identifier: MIT
 *
 * What of the environment makes figures doubtful: each with its cause and what to do about it. Only
 * what is known to be bad; an absent reading never warns. Nothing is changed for the user.
 */
#include "harness/environment.h"

#include <string.h>

struct warner {
    const tc_json *environment;
    void (*add)(void *context, const char *id, const char *cause, const char *remedy);
    void *context;
};

static const tc_json *get(const struct warner *warner, const char *part, const char *key)
{
    return tcj_get(tcj_get(warner->environment, part), key);
}

static bool is_true(const struct warner *warner, const char *part, const char *key)
{
    bool value = false;
    return tcj_read_bool(get(warner, part, key), &value) && value;
}

static bool is_false(const struct warner *warner, const char *part, const char *key)
{
    bool value = true;
    return tcj_read_bool(get(warner, part, key), &value) && !value;
}

static void warn(const struct warner *warner, const char *id, const char *cause, const char *remedy)
{
    warner->add(warner->context, id, cause, remedy);
}

static void warn_speed(const struct warner *warner)
{
    char cause[200];
    const char *governor = tcj_text(get(warner, "cpu", "governor"), NULL);
    if (governor && strcmp(governor, "performance") != 0) {
        snprintf(cause, sizeof cause,
                 "the CPU frequency governor is %.100s, so that speed depends "
                 "on load",
                 governor);
        warn(warner, "governor", cause, "cpupower frequency-set -g performance (as root)");
    }
    if (is_true(warner, "cpu", "turbo"))
        warn(warner, "turbo", "turbo is on, so that speed depends on heat and on the other cores",
             "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo, or echo 0 > "
             "/sys/devices/system/cpu/cpufreq/boost (as root)");
    if (is_true(warner, "cpu", "smt"))
        warn(warner, "smt", "SMT is on, so that work on a sibling slows a core",
             "leave the machine idle, or echo off > /sys/devices/system/cpu/smt/control (as root)");
}

static void warn_sharing(const struct warner *warner)
{
    char cause[200];
    double load = 0, quota = 0, cores = 0;
    tcj_read_number(get(warner, "topology", "cores"), &cores);
    if (tcj_read_number(get(warner, "load", "one_minute"), &load) && cores > 0 &&
        load > cores / 2) {
        snprintf(cause, sizeof cause, "the load average was %.2f on %.0f cores at the start", load,
                 cores);
        warn(warner, "load", cause, "stop other work and measure again");
    }
    if (tcj_read_number(get(warner, "cgroup", "cpu_quota"), &quota)) {
        snprintf(cause, sizeof cause,
                 "a cgroup allows %.2f CPUs: what exceeds them stands still until the next period",
                 quota);
        warn(warner, "cpu-quota", cause, "run outside of the container, or lift its CPU limit");
    }
}

static bool is_good_clock(const char *source)
{
    static const char *const good[] = {"tsc", "arch_sys_counter", "timebase", "tod",
                                       "riscv_clocksource"};
    for (size_t i = 0; i < TC_COUNT_OF(good); i++)
        if (strcmp(source, good[i]) == 0)
            return true;
    return false;
}

static void warn_system(const struct warner *warner)
{
    char cause[200];
    const char *clock = tcj_text(get(warner, "clock", "source"), NULL);
    const char *pages = tcj_text(get(warner, "memory", "transparent_huge_pages"), "");
    if (is_true(warner, "virtualization", "hypervisor"))
        warn(warner, "virtual-machine",
             "this is a virtual machine: waking a core and timing cost more, and neighbours show",
             "compare ratios rather than times, or measure on bare metal");
    if (clock && !is_good_clock(clock)) {
        snprintf(cause, sizeof cause, "the clock source is %.100s, which is slow to read", clock);
        warn(warner, "clocksource", cause, "boot with clocksource=tsc if the kernel trusts it");
    }
    if (strcmp(pages, "always") == 0)
        warn(warner, "huge-pages",
             "transparent huge pages are set to always, so that a stack may take 2 MiB",
             "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled (as root)");
}

static void warn_kernel(const struct warner *warner)
{
    double balancing = 0, nodes = 0;
    if (strcmp(tcj_text(get(warner, "scheduler", "sched_ext"), ""), "enabled") == 0)
        warn(warner, "sched-ext", "a scheduler of its own (sched_ext) decides which task runs",
             "stop it, or name it beside the figures");
    tcj_read_number(get(warner, "topology", "numa_nodes"), &nodes);
    if (tcj_read_number(get(warner, "scheduler", "numa_balancing"), &balancing) && balancing > 0 &&
        nodes > 1)
        warn(warner, "numa-balancing", "the kernel may move memory between NUMA nodes meanwhile",
             "echo 0 > /proc/sys/kernel/numa_balancing (as root)");
}

static void warn_holes(const struct warner *warner)
{
    char cause[200];
    double lost = 0, duration = 0, count = 0;
    tcj_read_number(get(warner, "holes", "lost_ns"), &lost);
    tcj_read_number(get(warner, "holes", "count"), &count);
    if (!tcj_read_number(get(warner, "holes", "duration_ns"), &duration) || lost <= duration / 100)
        return;
    snprintf(cause, sizeof cause,
             "before the first round a thread that only reads the clock stood still %.0f times in "
             "%.0f ms, for %.1f %% of the time",
             count, duration / 1e6, 100 * lost / duration);
    warn(warner, "holes", cause, "stop other work, or measure when the host is quieter");
}

static void warn_ourselves(const struct warner *warner)
{
    char cause[200];
    const char *build = tcj_text(tcj_get(warner->environment, "build"), "release");
    if (strcmp(build, "release") != 0) {
        snprintf(cause, sizeof cause, "this is a %.40s build", build);
        warn(warner, "build", cause, "make clean && make");
    }
    if (is_false(warner, "topology", "real"))
        warn(warner, "simulated", "the topology is simulated: no placement can be bound",
             "unset HWLOC_SYNTHETIC and HWLOC_XMLFILE");
}

static void warn_steal(const struct warner *warner)
{
    char cause[200];
    double share;
    if (!tcj_read_number(get(warner, "cpu", "steal_share"), &share) || share <= 0.01)
        return;
    snprintf(cause, sizeof cause,
             "the hypervisor gave %.1f %% of the CPU time to others during the run", 100 * share);
    warn(warner, "steal", cause, "measure when the host is quieter, or on bare metal");
}

void tc_environment_warn(const tc_json *environment,
                         void (*add)(void *context, const char *id, const char *cause,
                                     const char *remedy),
                         void *context)
{
    const struct warner warner = {environment, add, context};
    warn_speed(&warner);
    warn_sharing(&warner);
    warn_system(&warner);
    warn_kernel(&warner);
    warn_holes(&warner);
    warn_ourselves(&warner);
    warn_steal(&warner);
}
