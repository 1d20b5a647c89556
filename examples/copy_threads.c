/* SPDX-License-Identifier: MIT
 *
 * Copies as threads: the plainest text, one stack and one kernel task a copy. Each waits by
 * standing still.
 */
#include "tb/tb.h"

#include "copy.h"

struct copy {
    struct tb_io from, to;
    char buffer[BUFFER_SIZE];
};

/* Writes all of it: 0 or a negative errno value. */
static int64_t write_all(struct copy *self, int64_t size)
{
    for (int64_t at = 0, count; at < size; at += count) {
        count = tb_write(&self->to, self->buffer + at, (size_t)(size - at));
        if (count < 0)
            return count;
    }
    return 0;
}

static int64_t copy(void *frame)
{
    struct copy *self = frame;
    int64_t total = 0, size, err = 0;
    while ((size = tb_read(&self->from, self->buffer, BUFFER_SIZE)) > 0) {
        err = write_all(self, size);
        if (err)
            break;
        total += size;
    }
    tb_io_close(&self->from);
    tb_io_close(&self->to);
    return size < 0 ? size : err ? err : total;
}

/* Starts the copy of one pair. 0 or a negative errno value. */
static int start(const struct tb_spawner *spawner, const struct pair *pair,
                 struct tb_handle *handle)
{
    struct copy frame = {0};
    int err = tb_io_open(pair->from, &frame.from);
    if (!err)
        err = tb_io_open(pair->to, &frame.to);
    return err ? err : tb_spawn(spawner, copy, &frame, sizeof frame, handle);
}

int main(int argc, char **argv)
{
    int count = count_pairs(argc, &argv), failed = 0;
    struct pair *pairs = must_allocate((size_t)count, sizeof *pairs);
    struct tb_handle *handles = must_allocate((size_t)count, sizeof *handles);
    struct tb_spawner spawner;
    tb_spawner_init(&spawner, &(struct tb_config){0});
    for (int i = 0; next_pair(&pairs[i], &argv); i++) {
        int err = start(&spawner, &pairs[i], &handles[i]);
        if (err)
            failed |= tell(&pairs[i], err);
    }
    for (int i = 0; i < count; i++)
        if (handles[i].start)
            failed |= tell(&pairs[i], tb_join(handles[i]));
    tb_spawner_destroy(&spawner);
    free(handles);
    free(pairs);
    return failed;
}
