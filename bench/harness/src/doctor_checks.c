/* SPDX-License-Identifier: MIT
 *
 * What the doctor looks at: a line a setting. What a run warns of is judged by the same code
 * (warnings.c); what only matters to some figures, or only to large runs, is judged here. A setting
 * without a judge is shown because machines differ in it, and is never bad.
 */
#include "doctor_checks.h"

#include "base/status.h"
#include "harness/doctor.h"

#include <string.h>

/* -- judges; all get a value that could be read -- */

static bool number_of(const tc_json *value, double *out)
{
    /* {soft, hard}: a worker raises itself to the hard limit */
    return tcj_read_number(tcj_is_object(value) ? tcj_get(value, "hard") : value, out);
}

static bool is_zero(const tc_json *value, const tc_json *environment)
{
    double number;
    (void)environment;
    return number_of(value, &number) && number == 0;
}

static bool is_positive(const tc_json *value, const tc_json *environment)
{
    double number;
    (void)environment;
    return number_of(value, &number) && number > 0;
}

static bool is_felt(const tc_json *value, const tc_json *environment)
{
    double percent;
    (void)environment;
    return number_of(value, &percent) && percent > 1;
}

static bool is_above_2(const tc_json *value, const tc_json *environment)
{
    double number;
    (void)environment;
    return number_of(value, &number) && number > 2;
}

static bool is_2(const tc_json *value, const tc_json *environment)
{
    double number;
    (void)environment;
    return number_of(value, &number) && number == 2;
}

static bool is_true(const tc_json *value, const tc_json *environment)
{
    bool truth;
    (void)environment;
    return tcj_read_bool(value, &truth) && truth;
}

/* More than the kernel gives a process by default: 50 us. */
static bool is_slack(const tc_json *value, const tc_json *environment)
{
    double ns;
    (void)environment;
    return number_of(value, &ns) && ns > 50000;
}

/* The latency of the deepest state, in us; negative where there is none. */
static double slowest_state(const tc_json *states, const char **name)
{
    double most = -1, us;
    for (void *it = tcj_first(states); it; it = tcj_next(states, it)) {
        if (!tcj_read_number(tcj_value(it), &us) || us <= most)
            continue;
        most = us;
        *name = tcj_key(it);
    }
    return most;
}

/* Deeper than the first sleeping states of common processors. */
static bool wakes_late(const tc_json *value, const tc_json *environment)
{
    const char *name;
    (void)environment;
    return slowest_state(value, &name) > 10;
}

/* Intel's driver of frequencies is known not to see load on CPUs without a tick. */
static bool blinds_governor(const tc_json *value, const tc_json *environment)
{
    const char *driver = tcj_text(tcj_get(tcj_get(environment, "cpu"), "driver"), "");
    return *tcj_text(value, "") && strstr(driver, "intel_pstate");
}

static bool is_small(const tc_json *value, const tc_json *environment)
{
    double number;
    (void)environment;
    return number_of(value, &number) && number < TC_DOCTOR_LARGE_RUN;
}

/* A thread has two mappings, its stack and the guard below; a task of a ring two descriptors. */
static bool is_small_for_two(const tc_json *value, const tc_json *environment)
{
    double number;
    (void)environment;
    return number_of(value, &number) && number < 2.0 * TC_DOCTOR_LARGE_RUN;
}

/* -- values in words -- */

static void describe_states(const tc_json *value, char *text, size_t size)
{
    const char *name = "";
    double us = slowest_state(value, &name);
    snprintf(text, size, "%s: %.0f us", name, us);
}

/* How many cost something; their names are in every result. */
static void describe_mitigations(const tc_json *value, char *text, size_t size)
{
    size_t active = 0;
    for (void *it = tcj_first(value); it; it = tcj_next(value, it))
        active += strstr(tcj_text(tcj_value(it), ""), "Mitigation") != NULL;
    snprintf(text, size, "%zu active", active);
}

static void describe_holes(const tc_json *value, char *text, size_t size)
{
    double count = 0, longest_ns = 0;
    tcj_read_number(tcj_get(value, "count"), &count);
    tcj_read_number(tcj_get(value, "longest_ns"), &longest_ns);
    snprintf(text, size, "%.0f, up to %.0f us", count, longest_ns / 1000);
}

/* -- the table -- */

#define SMALL "a run of 100,000 tasks would be stopped by it"

static const struct tc_check checks[] = {
    /* speed */
    {"governor", "cpu", "governor", .meaning = "how the clock follows load", .warning = "governor",
     .change = "cpupower frequency-set -g performance", .undo = "cpupower frequency-set -g {}"},
    {"turbo", "cpu", "turbo", .meaning = "the clock rises while heat and other cores allow it",
     .warning = "turbo",
     .change = "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo (Intel), or echo 0 > "
               "/sys/devices/system/cpu/cpufreq/boost",
     .undo = "echo 0 > /sys/devices/system/cpu/intel_pstate/no_turbo (Intel), or echo 1 > "
             "/sys/devices/system/cpu/cpufreq/boost"},
    {"smt", "cpu", "smt", .meaning = "hardware threads share a core", .warning = "smt",
     .change = "echo off > /sys/devices/system/cpu/smt/control",
     .undo = "echo on > /sys/devices/system/cpu/smt/control"},
    {"idle-states", "cpu", "idle_states_us",
     .meaning = "the deepest idle state, and how long waking from it takes", .is_bad = wakes_late,
     .why = "a CPU that idles takes long to wake ({}), which wake-ups across cores pay",
     .change = "cpupower idle-set -D 10", .undo = "cpupower idle-set -E",
     .describe = describe_states},
    {"mitigations", "kernel", "mitigations",
     .meaning = "what system calls and switches pay for safety", .describe = describe_mitigations},
    {"hypervisor", "virtualization", "hypervisor", .meaning = "a virtual machine",
     .warning = "virtual-machine",
     .change = "measure on bare metal, or read ratios instead of times"},
    /* who else runs */
    {"load", "load", "one_minute", .meaning = "tasks that were ready or running, over a minute",
     .warning = "load", .change = "stop what `ps -eo pcpu,pid,comm --sort=-pcpu | head` shows"},
    {"pressure", "load", "pressure_cpu",
     .meaning = "percent of the last 10 s in which a task waited for a CPU", .is_bad = is_felt,
     .why = "tasks waited for a CPU in {} % of the last 10 s",
     .change = "stop what `ps -eo pcpu,pid,comm --sort=-pcpu | head` shows"},
    {"holes", NULL, "holes", .meaning = "moments in which a thread that only spins stood still",
     .warning = "holes", .change = "stop other work, or measure when the host is quieter",
     .describe = describe_holes},
    {"steal", "cpu", "steal_share",
     .meaning = "share of CPU time that the hypervisor gave to others", .warning = "steal",
     .change = "measure when the host is quieter, or on bare metal"},
    {"cpu-quota", "cgroup", "cpu_quota", .meaning = "CPUs that a control group allows",
     .warning = "cpu-quota",
     .change = "measure outside of the container, or docker update --cpus 0 CONTAINER",
     .undo = "docker update --cpus {} CONTAINER"},
    {"throttling", "cgroup", "throttled_periods",
     .meaning = "periods that the quota has held tasks up in", .is_bad = is_positive,
     .why = "the quota has held tasks up in {} periods", .change = "lift the quota, see cpu-quota"},
    {"isolated", "cpu", "isolated",
     .meaning = "CPUs that the scheduler leaves alone; names never choose them"},
    {"nohz-full", "cpu", "nohz_full", .meaning = "CPUs without a tick while one task runs",
     .is_bad = blinds_governor,
     .why = "intel_pstate does not see the load of CPUs without a tick ({})",
     .change = "boot without nohz_full=", .undo = "boot with nohz_full={}"},
    {"irqbalance", "scheduler", "irqbalance",
     .meaning = "a service that moves interrupts between CPUs", .is_bad = is_true,
     .why = "it may bring interrupts to the CPUs that are measured",
     .change = "systemctl stop irqbalance", .undo = "systemctl start irqbalance"},
    {"interrupts", "cpu", "interrupt_affinity",
     .meaning = "CPUs that new interrupts go to, a mask"},
    /* the scheduler and the clock */
    {"preemption", "kernel", "preemption", .meaning = "when the kernel lets a woken task run"},
    {"autogroup", "kernel", "autogroup", .meaning = "sessions get equal shares of the CPUs"},
    {"sched-ext", "scheduler", "sched_ext", .meaning = "a scheduler loaded as BPF",
     .warning = "sched-ext", .change = "stop the service that loaded it",
     .undo = "start that service"},
    {"clock-source", "clock", "source", .meaning = "what the time is read from",
     .warning = "clocksource",
     .change = "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource",
     .undo = "echo {} > /sys/devices/system/clocksource/clocksource0/current_clocksource"},
    {"timer-slack", "scheduler", "timer_slack_ns", .meaning = "how late a sleeper may wake, in ns",
     .is_bad = is_slack, .why = "sleepers may wake {} ns late, and workers inherit it",
     .change =
         "start taskcost from a shell with the usual 50000 (echo 50000 > /proc/$$/timerslack_ns)",
     .undo = "echo {} > /proc/$$/timerslack_ns"},
    {"seccomp", "kernel", "seccomp", .meaning = "a filter that each system call passes",
     .is_bad = is_positive, .why = "each system call passes a filter (mode {})",
     .change = "measure outside of the sandbox, or docker run --security-opt seccomp=unconfined"},
    /* memory */
    {"aslr", "kernel", "aslr",
     .meaning =
         "addresses differ from round to round; wanted on, since rounds average over layouts",
     .is_bad = is_zero,
     .why = "all rounds share one layout, and intervals do not show what another would give",
     .change = "sysctl kernel.randomize_va_space=2", .undo = "sysctl kernel.randomize_va_space={}"},
    {"huge-pages", "memory", "transparent_huge_pages", .meaning = "memory in pieces of 2 MiB",
     .warning = "huge-pages",
     .change = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled",
     .undo = "echo {} > /sys/kernel/mm/transparent_hugepage/enabled"},
    {"swap", "memory", "swap_bytes", .meaning = "bytes of swap", .is_bad = is_positive,
     .why = "idle tasks may be written out, and are missing from memory then",
     .change = "swapoff -a", .undo = "swapon -a"},
    {"overcommit", "memory", "overcommit",
     .meaning = "whether memory may be promised that is not there", .is_bad = is_2,
     .why = "stacks count in full against a limit, whether touched or not",
     .change = "sysctl vm.overcommit_memory=0", .undo = "sysctl vm.overcommit_memory={}"},
    {"numa-balancing", "scheduler", "numa_balancing",
     .meaning = "moves pages to where they are used", .warning = "numa-balancing",
     .change = "sysctl kernel.numa_balancing=0", .undo = "sysctl kernel.numa_balancing={}"},
    /* limits */
    {"pid-max", "limits", "pid_max", .meaning = "numbers for processes and threads",
     .is_bad = is_small, .why = SMALL, .change = "sysctl kernel.pid_max=4194304",
     .undo = "sysctl kernel.pid_max={}"},
    {"threads-max", "limits", "threads_max", .meaning = "threads of the whole machine",
     .is_bad = is_small, .why = SMALL, .change = "sysctl kernel.threads-max=1000000",
     .undo = "sysctl kernel.threads-max={}"},
    {"max-map-count", "limits", "max_map_count", .meaning = "mappings of a process, two a thread",
     .is_bad = is_small_for_two, .why = SMALL, .change = "sysctl vm.max_map_count=1000000",
     .undo = "sysctl vm.max_map_count={}"},
    {"cgroup-pids", "limits", "cgroup_pids", .meaning = "threads of the control group",
     .is_bad = is_small, .why = SMALL,
     .change =
         "measure outside of the container, or systemd-run --user --scope -p TasksMax=infinity "
         "taskcost"},
    {"processes", "limits", "processes", .meaning = "threads of the user (hard limit)",
     .is_bad = is_small, .why = SMALL,
     .change = "ulimit -u 1000000 as root, in the shell that runs taskcost",
     .undo = "leave that shell"},
    {"files", "limits", "files", .meaning = "descriptors of a process (hard limit), two a task",
     .is_bad = is_small_for_two, .why = SMALL,
     .change = "ulimit -n 1000000 as root, in the shell that runs taskcost",
     .undo = "leave that shell"},
    {"address-space", "limits", "address_space_bytes",
     .meaning = "addresses of a process (hard limit)", .is_bad = is_positive,
     .why = "stacks of threads are mostly addresses, and {} bytes of them end somewhere",
     .change = "ulimit -v unlimited as root, in the shell that runs taskcost",
     .undo = "leave that shell"},
    /* ourselves */
    {"perf-events", "kernel", "perf_event_paranoid",
     .meaning = "who may use the kernel's counters; only the comparisons with perf need them",
     .is_bad = is_above_2, .why = "perf works for root alone (level {})",
     .change = "sysctl kernel.perf_event_paranoid=2",
     .undo = "sysctl kernel.perf_event_paranoid={}"},
    {"topology", "topology", "real", .meaning = "whether hwloc shows this very machine",
     .warning = "simulated", .change = "unset HWLOC_SYNTHETIC HWLOC_XMLFILE"},
    {"build", NULL, "build", .meaning = "how taskcost itself was compiled", .warning = "build",
     .change = "make clean && make"},
};

const struct tc_check *tc__check(size_t index)
{
    return index < TC_COUNT_OF(checks) ? &checks[index] : NULL;
}
