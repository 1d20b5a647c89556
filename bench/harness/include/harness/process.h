/* SPDX-License-Identifier: MIT
 *
 * Runs one child to its end: bound, in a process group of its own, with a time limit, its output
 * captured. Whatever happens, nothing of the group is left afterwards; if the caller itself is
 * killed, the kernel kills the child. (A grandchild that has left the group and outlives a killed
 * caller is beyond this.) For a single-threaded caller.
 */
#ifndef HARNESS_PROCESS_H
#define HARNESS_PROCESS_H

#include "harness/topology.h"

#include <stdint.h>

enum tc_process_end {
    TC_PROCESS_EXITED,      /* `code` is its exit code */
    TC_PROCESS_SIGNALLED,   /* `code` is the signal */
    TC_PROCESS_TIMED_OUT,   /* killed at the time limit */
    TC_PROCESS_FLOODED,     /* killed for writing more than TC_PROCESS_OUTPUT_MAX */
    TC_PROCESS_INTERRUPTED, /* killed because tc_interrupt_signal() became non-zero */
    TC_PROCESS_NOT_STARTED, /* `error` says why: fork, binding or exec */
};

enum { TC_PROCESS_OUTPUT_MAX = 64 << 20, TC_PROCESS_STDERR_KEPT = 4096 };

struct tc_process_result {
    enum tc_process_end end;
    int code;
    char *output; /* standard output, ended by a NUL that is not counted; never NULL */
    size_t output_length;
    char last_words[256]; /* last non-empty line of standard error, or "" */
    uint64_t wall_ns;     /* from fork to the end */
    struct tc_error error;
};

/* Runs argv[0] (a path) with the fixed environment of workers: PATH, HOME, LANG=C, LD_BIND_NOW=1,
 * and the sanitizers' options. Standard input is empty. `placement` may be NULL: not bound. Free
 * the result with tc_process_clear(). */
void tc_process_run(char *const *argv, const struct tc_placement *placement, uint64_t limit_ns,
                    struct tc_process_result *out);
void tc_process_clear(struct tc_process_result *result);

/* From here on the first SIGINT, SIGTERM or SIGHUP only sets tc_interrupt_signal(); the second ends
 * the program at once, as by default. Signals that are ignored stay ignored (nohup). */
void tc_interrupt_watch(void);
/* The signal that came, or 0. */
int tc_interrupt_signal(void);

#endif
