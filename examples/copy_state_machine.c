/* SPDX-License-Identifier: MIT
 *
 * Copies as futures written by hand: what an async function is turned into. The frame holds the
 * state, the loop is cut open at every wait, and each poll takes up where the last one left off.
 * A poll with no context drops the future: it gives up the one operation that it waits for.
 */
#include "rt/rt.h"

#include "copy.h"

enum state { READING, WRITING };

struct copy {
    enum state state;
    struct rt_wait wait; /* of the operation that is under way */
    struct rt_io *from, *to;
    int64_t total, size, at;
    char buffer[BUFFER_SIZE];
};

static rt_poll end(struct copy *self, rt_poll result)
{
    rt_io_close(self->from);
    rt_io_close(self->to);
    return result;
}

static rt_poll drop(struct copy *self)
{
    if (self->state == READING)
        rt_read_drop(&self->wait, self->from, self->buffer, BUFFER_SIZE);
    else
        rt_write_drop(&self->wait, self->to, self->buffer + self->at,
                      (size_t)(self->size - self->at));
    return end(self, 0);
}

/* Begins the next operation. */
static void enter(struct copy *self, enum state state)
{
    self->state = state;
    rt_wait_init(&self->wait);
}

static rt_poll copy(void *frame, struct rt_cx *cx)
{
    struct copy *self = frame;
    if (!cx)
        return drop(self);
    for (;;) {
        rt_poll count;
        switch (self->state) {
        case READING:
            count = rt_read_poll(&self->wait, cx, self->from, self->buffer, BUFFER_SIZE);
            if (count == RT_PENDING)
                return RT_PENDING;
            if (count <= 0)
                return end(self, count < 0 ? count : self->total);
            self->size = count;
            self->at = 0;
            enter(self, WRITING);
            break;
        case WRITING:
            count = rt_write_poll(&self->wait, cx, self->to, self->buffer + self->at,
                                  (size_t)(self->size - self->at));
            if (count == RT_PENDING)
                return RT_PENDING;
            if (count < 0)
                return end(self, count);
            self->at += count;
            self->total += count;
            enter(self, self->at < self->size ? WRITING : READING);
            break;
        }
    }
}

/* Starts the copy of one pair. 0 or a negative errno value. */
static int start(struct rt_executor *executor, const struct pair *pair, struct rt_handle *handle)
{
    struct rt_io *from, *to;
    int err = rt_io_open(executor, pair->from, &from);
    if (!err)
        err = rt_io_open(executor, pair->to, &to);
    if (err)
        return err;
    struct rt_task *task = rt_task_new(executor, copy, sizeof(struct copy));
    if (!task)
        return -errno;
    struct copy *self = (struct copy *)(void *)task->frame;
    *self = (struct copy){.from = from, .to = to};
    enter(self, READING);
    *handle = rt_task_start(task);
    return 0;
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
