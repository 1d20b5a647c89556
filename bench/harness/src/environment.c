/* SPDX-License-Identifier: MIT
 *
 * The environment block: everything about the machine that explains a difference between two
 * results. Only reads; nothing on the machine is changed. Left out: temperatures, which say
 * nothing about a run of minutes.
 */
#include "harness/environment.h"

#include "environment_parts.h"
#include "harness/reading.h"

#include "base/clock.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <gnu/libc-version.h>
#endif

/* -- the program itself -- */

static const char *compiler(void)
{
#ifdef __clang__
    return __VERSION__; /* "Clang 14.0.6" or "Debian Clang ..." */
#else
    return "gcc " __VERSION__;
#endif
}

static tc_json *libc(void)
{
#ifdef __GLIBC__
    char text[64];
    snprintf(text, sizeof text, "glibc %s", gnu_get_libc_version());
    return tcj_string(text);
#else
    return tc_reading_absent();
#endif
}

/* Of this program; workers start with a clean environment and say what they set themselves. */
static tc_json *tunables(void)
{
    const char *text = getenv("GLIBC_TUNABLES");
    return text ? tcj_string(text) : tc_reading_absent();
}

static const char *build(void)
{
#if defined(TC_SANITIZED)
    return "sanitized";
#elif defined(__OPTIMIZE__)
    return "release";
#else
    return "debug";
#endif
}

/* -- the kernel -- */

/* "none voluntary (full)" names the choice in brackets; where that file may not be read, the
 * version's text still tells how the kernel was built. */
static tc_json *read_preemption(const char *root, const char *version)
{
    char text[128], *open, *close;
    int code = tc_reading_file(root, "/sys/kernel/debug/sched/preempt", text, sizeof text);
    if (code == 0 && (open = strchr(text, '(')) && (close = strchr(open, ')'))) {
        *close = '\0';
        return tcj_string(open + 1);
    }
    const char *word = strstr(version, "PREEMPT");
    if (!word)
        return tc_reading_failed(code < 0 ? -code : 0);
    snprintf(text, sizeof text, "%.*s", (int)strcspn(word, " "), word);
    return tcj_string(text);
}

static tc_json *read_mitigations(const char *root)
{
    char pattern[4096];
    glob_t found = {0};
    snprintf(pattern, sizeof pattern, "%s/sys/devices/system/cpu/vulnerabilities/*", root);
    if (glob(pattern, 0, NULL, &found) != 0)
        return tc_reading_absent();
    tc_json *out = tcj_object();
    for (size_t i = 0; i < found.gl_pathc; i++)
        tcj_set(out, strrchr(found.gl_pathv[i], '/') + 1, tc_reading_line("", found.gl_pathv[i]));
    globfree(&found);
    return out;
}

static tc_json *read_kernel(const char *root, const struct utsname *name)
{
    tc_json *out = tcj_object();
    tcj_set(out, "release", tcj_string(name->release));
    tcj_set(out, "version", tcj_string(name->version));
    tcj_set(out, "architecture", tcj_string(name->machine));
    tcj_set(out, "command_line", tc_reading_line(root, "/proc/cmdline"));
    tcj_set(out, "preemption", read_preemption(root, name->version));
    tcj_set(out, "autogroup", tc_reading_line(root, "/proc/sys/kernel/sched_autogroup_enabled"));
    tcj_set(out, "seccomp", tc_reading_field(root, "/proc/self/status", "Seccomp"));
    tcj_set(out, "mitigations", read_mitigations(root));
    tcj_set(out, "speculation_store_bypass",
            tc_reading_field(root, "/proc/self/status", "Speculation_Store_Bypass"));
    tcj_set(out, "speculation_indirect_branch",
            tc_reading_field(root, "/proc/self/status", "SpeculationIndirectBranch"));
    tcj_set(out, "aslr", tc_reading_line(root, "/proc/sys/kernel/randomize_va_space"));
    tcj_set(out, "perf_event_paranoid",
            tc_reading_line(root, "/proc/sys/kernel/perf_event_paranoid"));
    return out;
}

/* -- memory, clock, load -- */

/* The choice in brackets: "always [madvise] never". */
static tc_json *read_choice(const char *root, const char *path)
{
    char text[256], *open, *close;
    int code = tc_reading_file(root, path, text, sizeof text);
    if (code < 0)
        return tc_reading_failed(-code);
    if (!(open = strchr(text, '[')) || !(close = strchr(open, ']')))
        return tc_reading_value(text);
    *close = '\0';
    return tcj_string(open + 1);
}

static tc_json *read_memory_now(const char *root)
{
    tc_json *out = tcj_object();
    tcj_set(out, "available_bytes", tc_reading_field(root, "/proc/meminfo", "MemAvailable"));
    tcj_set(out, "committed_bytes", tc_reading_field(root, "/proc/meminfo", "Committed_AS"));
    return out;
}

static tc_json *read_memory(const char *root)
{
    tc_json *out = read_memory_now(root);
    tcj_set(out, "total_bytes", tc_reading_field(root, "/proc/meminfo", "MemTotal"));
    tcj_set(out, "swap_bytes", tc_reading_field(root, "/proc/meminfo", "SwapTotal"));
    tcj_set(out, "commit_limit_bytes", tc_reading_field(root, "/proc/meminfo", "CommitLimit"));
    tcj_set(out, "page_size_bytes", tcj_integer(sysconf(_SC_PAGESIZE)));
    tcj_set(out, "transparent_huge_pages",
            read_choice(root, "/sys/kernel/mm/transparent_hugepage/enabled"));
    tcj_set(out, "overcommit", tc_reading_line(root, "/proc/sys/vm/overcommit_memory"));
    return out;
}

static tc_json *read_clock(const char *root)
{
    double cost_ns;
    uint64_t step_ns;
    tc_json *out = tcj_object();
    tc_clock_calibrate(&cost_ns, &step_ns);
    tcj_set(
        out, "source",
        tc_reading_line(root, "/sys/devices/system/clocksource/clocksource0/current_clocksource"));
    tcj_set(out, "cost_ns", tcj_number(cost_ns));
    tcj_set(out, "step_ns", tcj_integer((int64_t)step_ns));
    return out;
}

/* avg10 of the line "some avg10=0.00 avg60=...". */
static tc_json *read_pressure(const char *root, const char *path)
{
    char text[256];
    double percent;
    int code = tc_reading_file(root, path, text, sizeof text);
    if (code < 0)
        return tc_reading_failed(-code);
    return sscanf(text, "some avg10=%lf", &percent) == 1 ? tcj_number(percent)
                                                         : tc_reading_absent();
}

static tc_json *read_load(const char *root)
{
    char text[128];
    double one;
    int runnable;
    tc_json *out = tcj_object();
    int code = tc_reading_file(root, "/proc/loadavg", text, sizeof text);
    bool known = code == 0 && sscanf(text, "%lf %*f %*f %d/", &one, &runnable) == 2;
    tcj_set(out, "one_minute", known ? tcj_number(one) : tc_reading_failed(code < 0 ? -code : 0));
    tcj_set(out, "runnable",
            known ? tcj_integer(runnable) : tc_reading_failed(code < 0 ? -code : 0));
    tcj_set(out, "pressure_cpu", read_pressure(root, "/proc/pressure/cpu"));
    tcj_set(out, "pressure_memory", read_pressure(root, "/proc/pressure/memory"));
    return out;
}

static tc_json *read_os(const char *root)
{
    tc_json *field = tc_reading_field(root, "/etc/os-release", "PRETTY_NAME");
    const char *quoted = tcj_text(field, NULL);
    if (!quoted || quoted[0] != '"')
        return field;
    char name[256];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(quoted + 1, "\""), quoted + 1);
    tcj_free(field);
    return tcj_string(name);
}

tc_json *tc_environment_read(const struct tc_topology *topology, const char *root)
{
    struct utsname name;
    tc_json *out = tcj_object();
    MUST(uname(&name) == 0);
    tcj_set(out, "host", tcj_string(name.nodename));
    tcj_set(out, "os", read_os(root));
    tcj_set(out, "kernel", read_kernel(root, &name));
    tcj_set(out, "cpu", environment_cpu(root));
    tcj_set(out, "topology", tc_topology_describe(topology));
    tcj_set(out, "memory", read_memory(root));
    tcj_set(out, "limits", environment_limits(root));
    tcj_set(out, "cgroup", environment_cgroup(root));
    tcj_set(out, "virtualization", environment_virtualization(root));
    tcj_set(out, "clock", read_clock(root));
    tcj_set(out, "load", read_load(root));
    tcj_set(out, "scheduler", environment_scheduler(root));
    tcj_set(out, "compiler", tcj_string(compiler()));
    tcj_set(out, "libc", libc());
    tcj_set(out, "libc_tunables", tunables());
    tcj_set(out, "build", tcj_string(build()));
    return out;
}

tc_json *tc_environment_read_again(const char *root)
{
    tc_json *out = tcj_object();
    tcj_set(out, "cpu", environment_cpu_now(root));
    tcj_set(out, "memory", read_memory_now(root));
    tcj_set(out, "cgroup", environment_cgroup_now(root));
    tcj_set(out, "load", read_load(root));
    return out;
}
