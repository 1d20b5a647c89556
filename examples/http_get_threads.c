/* SPDX-License-Identifier: MIT
 *
 * The twin of http_get.c with a thread a fetch.
 *
 *     http_get_threads PORT [--bytewise] TARGET...
 */
#include "http_fetch.h"

#include "tb/tb.h"

struct get {
    struct fetch *fetch;
    const struct sockaddr_in *address;
};

static int64_t exchange(struct fetch *fetch, struct tb_io *io)
{
    int64_t count = 0;
    for (size_t sent = 0; sent < fetch->request_size; sent += (size_t)count) {
        count = tb_write(io, fetch->request + sent, next_piece(fetch, sent));
        if (count < 0)
            return count;
    }
    tb_shutdown(io, SHUT_WR);
    do {
        count = tb_read(io, fetch->reply + fetch->size, REPLY_MAX - fetch->size);
        fetch->size += count > 0 ? (size_t)count : 0;
    } while (count > 0);
    return count;
}

static int64_t get(void *frame)
{
    struct get *self = frame;
    struct tb_io io;
    tb_scope_enter(tc_now_ns() + PATIENCE_NS, NULL);
    int64_t err = tb_connect((const struct sockaddr *)self->address, sizeof *self->address, &io);
    if (err)
        return err;
    err = exchange(self->fetch, &io);
    tb_io_close(&io);
    return err;
}

int main(int argc, char **argv)
{
    struct fetches fetches;
    struct tb_spawner spawner;
    read_arguments(&fetches, argc, argv);
    struct tb_handle *handles = calloc((size_t)fetches.count, sizeof *handles);
    MUST(handles && tb_spawner_init(&spawner, &(struct tb_config){0}) == 0);
    for (int i = 0; i < fetches.count; i++) {
        struct get frame = {.fetch = &fetches.items[i], .address = &fetches.address};
        fetches.items[i].error = tb_spawn(&spawner, get, &frame, sizeof frame, &handles[i]);
    }
    for (int i = 0; i < fetches.count; i++)
        if (!fetches.items[i].error)
            fetches.items[i].error = tb_join(handles[i]);
    tb_spawner_destroy(&spawner);
    free(handles);
    return tell_all(&fetches);
}
