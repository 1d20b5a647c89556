/* SPDX-License-Identifier: MIT
 *
 * The trace: the latest things that happened in an executor, kept in a ring and written in the JSON
 * of Chrome's trace events, which Perfetto and chrome://tracing open as a timeline.
 *
 * Source: Duffy and others, "Trace Event Format", 2016 (the phases X, i, s, f and M).
 *
 * A record is a few words; names are pointers to what never goes, so that a task may have ended
 * long before the trace is written. What was overwritten is counted. An arrow leads from each wake
 * to the poll that it caused.
 */
#include "trace.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Records kept when the environment asks for a trace and the configuration does not say. */
enum { FROM_ENVIRONMENT = 1 << 15 };

int rt__trace_new(struct rt_executor *executor)
{
    struct rt_trace *trace = &executor->inspect->trace;
    size_t capacity = executor->config.trace_events, rounded = 1;
    if (capacity == 0 && getenv("RT_TRACE"))
        capacity = FROM_ENVIRONMENT;
    if (capacity == 0)
        return 0;
    while (rounded < capacity && rounded <= SIZE_MAX / 2 / sizeof *trace->ring)
        rounded *= 2;
    trace->ring = malloc(rounded * sizeof *trace->ring);
    if (!trace->ring)
        return -ENOMEM;
    trace->mask = rounded - 1;
    return 0;
}

/* -- writing -- */

/* A string of JSON. What a name could hold that is not printable ASCII is left out. */
static void write_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        if (*text >= ' ' && *text <= '~')
            fputc(*text, out);
    }
    fputc('"', out);
}

/* Opens an event, up to its members that depend on the phase. Times are in microseconds. */
static void open_event(FILE *out, const char *phase, const char *category, const char *verb,
                       const char *name, uint64_t at_ns)
{
    char text[256];
    snprintf(text, sizeof text, "%s%s", verb, name);
    fprintf(out, ",\n{\"ph\":\"%s\",\"cat\":\"%s\",\"pid\":%d,\"tid\":1,\"ts\":%llu.%03u,\"name\":",
            phase, category, (int)getpid(), (unsigned long long)(at_ns / TC_NS_PER_US),
            (unsigned)(at_ns % TC_NS_PER_US));
    write_string(out, text);
}

static void write_duration(FILE *out, uint64_t ns)
{
    fprintf(out, ",\"dur\":%llu.%03u", (unsigned long long)(ns / TC_NS_PER_US),
            (unsigned)(ns % TC_NS_PER_US));
}

static void write_site(FILE *out, const char *key, const struct rt_site *site)
{
    struct rt_text text;
    fprintf(out, ",\"%s\":", key);
    write_string(out, rt__site_text(&text, site));
}

/* One end of the arrow from a wake to its poll. */
static void write_arrow(FILE *out, const struct rt_record *record, const char *phase)
{
    open_event(out, phase, "wake", "", "wake", record->at_ns);
    fprintf(out, ",\"id\":\"%llu.%llu\"%s}", (unsigned long long)record->task,
            (unsigned long long)record->wakes, *phase == 'f' ? ",\"bp\":\"e\"" : "");
}

static void write_poll(FILE *out, const struct rt_record *record)
{
    open_event(out, "X", "poll", "", rt__name(record->spawned), record->at_ns);
    write_duration(out, record->length_ns);
    fprintf(out, ",\"args\":{\"task\":%llu", (unsigned long long)record->task);
    if (record->kind == RT_RECORD_POLL)
        write_site(out, "awaits", record->at);
    else
        fputs(",\"ended\":true", out);
    fputs("}}", out);
    if (record->wakes)
        write_arrow(out, record, "f");
}

static void write_spawn(FILE *out, const struct rt_record *record)
{
    open_event(out, "i", "spawn", "spawn ", rt__name(record->spawned), record->at_ns);
    fprintf(out, ",\"s\":\"t\",\"args\":{\"task\":%llu", (unsigned long long)record->task);
    write_site(out, "at", record->spawned);
    fputs("}}", out);
}

static void write_wake(FILE *out, const struct rt_record *record)
{
    open_event(out, "i", "wake", "wake ", rt__name(record->spawned), record->at_ns);
    fprintf(out, ",\"s\":\"t\",\"args\":{\"task\":%llu,\"by\":%llu}}",
            (unsigned long long)record->task, (unsigned long long)record->by);
    write_arrow(out, record, "s");
}

static void write_record(FILE *out, const struct rt_record *record)
{
    switch (record->kind) {
    case RT_RECORD_SPAWN:
        write_spawn(out, record);
        return;
    case RT_RECORD_WAKE:
        write_wake(out, record);
        return;
    case RT_RECORD_POLL:
    case RT_RECORD_LAST_POLL:
        write_poll(out, record);
        return;
    case RT_RECORD_OUTSIDE:
        open_event(out, "X", "loop", "", "timers and descriptors", record->at_ns);
        write_duration(out, record->length_ns);
        fputc('}', out);
        return;
    }
}

int rt_trace_write(struct rt_executor *executor, FILE *out)
{
    const struct rt_trace *trace = &executor->inspect->trace;
    uint64_t kept = trace->ring ? trace->mask + 1 : 0;
    uint64_t at = trace->count > kept ? trace->count - kept : 0;
    fprintf(out,
            "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"overwritten\":%llu},\"traceEvents\":[\n"
            "{\"ph\":\"M\",\"pid\":%d,\"tid\":1,\"name\":\"thread_name\","
            "\"args\":{\"name\":\"executor\"}}",
            (unsigned long long)at, (int)getpid());
    for (; at < trace->count; at++)
        write_record(out, &trace->ring[at & trace->mask]);
    fputs("\n]}\n", out);
    return fflush(out) == 0 && !ferror(out) ? 0 : -EIO;
}

/* -- at the executor's end -- */

/* To the file that RT_TRACE names; the second executor of a process adds ".2" to it. */
static void write_as_asked(struct rt_executor *executor, const char *path)
{
    static _Atomic unsigned written;
    char name[4096];
    unsigned number = ++written;
    snprintf(name, sizeof name, number > 1 ? "%s.%u" : "%s", path, number);
    FILE *out = fopen(name, "w");
    int err = out ? rt_trace_write(executor, out) : -errno;
    if (out)
        fclose(out);
    if (err)
        rt__say(executor, "trace: %s cannot be written: %s; RT_TRACE names a file", name,
                strerror(-err));
}

void rt__trace_free(struct rt_executor *executor)
{
    const char *path = getenv("RT_TRACE");
    if (path && executor->inspect->trace.ring)
        write_as_asked(executor, path);
    free(executor->inspect->trace.ring);
}
