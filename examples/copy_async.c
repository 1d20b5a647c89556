/* SPDX-License-Identifier: MIT
 *
 * Copies as async functions: the text of the thread version, the cost of the state machine. What
 * lives across an await stands in the frame; all copies share one thread. An error ends the
 * function where it happens (RT_TRY), and the clean-up runs on every way out, also when a copy is
 * dropped in the middle.
 */
#include "rt/rt.h"

#include "copy.h"

struct copy {
    RT_FRAME;
    struct rt_io *from, *to;
    int64_t total, size, at, count;
    char buffer[BUFFER_SIZE];
};

static rt_poll copy(void *frame, struct rt_cx *cx)
{
    struct copy *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_TRY_INTO(self->size, rt_read, self->from, self->buffer, BUFFER_SIZE);
        if (self->size == 0)
            break;
        for (self->at = 0; self->at < self->size; self->at += self->count)
            RT_TRY_INTO(self->count, rt_write, self->to, self->buffer + self->at,
                        (size_t)(self->size - self->at));
        self->total += self->size;
    }
    RT_END_FINALLY(self->total, {
        rt_io_close(self->from);
        rt_io_close(self->to);
    });
}

/* Starts the copy of one pair. 0 or a negative errno value. */
static int start(struct rt_executor *executor, const struct pair *pair, struct rt_handle *handle)
{
    struct rt_io *from, *to;
    int err = rt_io_open(executor, pair->from, &from);
    if (!err)
        err = rt_io_open(executor, pair->to, &to);
    return err ? err : RT_SPAWN(executor, copy, handle, {.from = from, .to = to});
}

int main(int argc, char **argv)
{
    int count = count_pairs(argc, &argv), failed = 0;
    struct pair *pairs = must_allocate((size_t)count, sizeof *pairs);
    struct rt_handle *handles = must_allocate((size_t)count, sizeof *handles);
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor) {
        perror("no executor");
        return 2;
    }
    for (int i = 0; next_pair(&pairs[i], &argv); i++) {
        int err = start(executor, &pairs[i], &handles[i]);
        if (err)
            failed |= tell(&pairs[i], err);
    }
    for (int i = 0; i < count; i++)
        if (handles[i].task)
            failed |= tell(&pairs[i], rt_block_on(executor, handles[i]));
    rt_executor_free(executor);
    free(handles);
    free(pairs);
    return failed;
}
