/* SPDX-License-Identifier: MIT
 *
 * The ring of the trace (trace.c), and how the hooks write to it.
 */
#ifndef RT_TRACE_H
#define RT_TRACE_H

#include "inspect.h"

int rt__trace_new(struct rt_executor *executor);
void rt__trace_free(struct rt_executor *executor);

/* The place for the next record, or NULL when there is no trace. */
static inline struct rt_record *rt__record(struct rt_inspect *inspect)
{
    struct rt_trace *trace = &inspect->trace;
    return trace->ring ? &trace->ring[trace->count++ & trace->mask] : NULL;
}

#endif
