/* SPDX-License-Identifier: MIT
 *
 * N tasks wait for an event, and each holds so many bytes that it has written: of its stack, or of
 * a block of its own. What a task takes beyond them shows against the number of bytes: a stack's
 * last page is shared with what the thread needs anyway, and a block of the heap has the
 * allocator's header.
 */
#include "memory_idle.h"

#include "base/parse.h"

static void run(struct wl_round *round)
{
    uint64_t bytes;
    struct tc_error err;
    if (tc_parse_bytes(wl_param(round, "frame"), "frame", UINT64_C(1) << 30, &bytes, &err) < 0)
        wl_wrong(round, "%s", err.text);
    memory_idle_run(round, (size_t)bytes);
}

const struct workload memory_frame = {
    .name = "memory-frame",
    .question = "how much memory does a waiting task take that holds some bytes itself?",
    .metrics = {WL_MEMORY_METRICS},
    .params = {{"frame", "4KiB,64B,1KiB,16KiB,64KiB,...",
                "bytes that each task holds and has written, of its stack or of a block of its "
                "own"}},
    .sweeps = {{"default", "async,threads,floor", "free", "1000", "frame=4KiB"},
               {"full", "async,threads,floor", "free", "1000", "frame=64B|16KiB|64KiB"},
               {"full", "async,threads,floor", "free", "10000", "frame=4KiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
