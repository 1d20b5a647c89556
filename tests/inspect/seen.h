/* SPDX-License-Identifier: MIT
 *
 * What the tests of the inspect flavour share: an executor whose findings land in memory, and
 * looking for sentences there.
 */
#ifndef SEEN_H
#define SEEN_H

#include "rt/report.h"
#include "rt/rt.h"

#include "counting.h"

struct stage {
    struct rt_executor *executor;
    const struct rt_counters *counters;
    FILE *out;
    char *text; /* up to date after every finding and after told() */
    size_t size;
};

static inline void begin(struct stage *stage, const struct rt_config *config)
{
    *stage = (struct stage){.executor = rt_executor_new(config)};
    assert_non_null(stage->executor);
    stage->counters = rt_counters(stage->executor);
    stage->out = open_memstream(&stage->text, &stage->size);
    assert_non_null(stage->out);
    rt_report_to(stage->executor, stage->out);
}

static inline void end(struct stage *stage)
{
    rt_executor_free(stage->executor);
    fclose(stage->out);
    free(stage->text);
}

static inline void expect(struct stage *stage, const char *sentence)
{
    fflush(stage->out);
    if (!strstr(stage->text, sentence))
        fail_msg("no '%s' in:\n%s", sentence, stage->text);
}

static inline void expect_silence(struct stage *stage)
{
    fflush(stage->out);
    assert_string_equal(stage->text, "");
}

#endif
