/* SPDX-License-Identifier: MIT
 *
 * The twin of chat.c with two threads a member: one hears the room and writes, one reads and speaks
 * to it. Whichever ends first ends the other: the one by asking it, the other by shutting the
 * socket down.
 *
 *     chat_threads [--port N] [--connections N] [--grace-ms N]
 */
#include "chat_app.h"
#include "service_threads.h"

struct site {
    pthread_mutex_t mutex; /* guards the rooms */
    struct list rooms;     /* of struct place */
    struct tb_spawner spawner;
    struct tb_cancel stop;
};

/* A room, and how its members learn of new lines. */
struct place {
    struct room room; /* first */
    struct tb_broadcast *news;
};

struct member {
    struct site *site;
    struct tb_io io; /* closed by us */
    struct inbox inbox;
    struct member_name name;
    struct place *place;
    struct tb_broadcast_receiver receiver;
    struct tb_cancel done;
};

static struct place *place_enter(struct site *site, const char *name)
{
    struct place *place = (struct place *)room_find(&site->rooms, name);
    if (!place) {
        place = calloc(1, sizeof *place);
        struct tb_broadcast *news = tb_broadcast_new(KEPT);
        if (!place || !news) {
            free(place);
            tb_broadcast_free(news);
            return NULL;
        }
        strcpy(place->room.name, name);
        place->news = news;
        list_push_tail(&site->rooms, &place->room.link);
    }
    place->room.members++;
    return place;
}

static void place_leave(struct place *place)
{
    if (--place->room.members > 0)
        return;
    list_unlink(&place->room.link);
    tb_broadcast_free(place->news);
    free(place);
}

/* With the mutex held, so that the numbers are sent in order. */
static void say(struct place *place, const char *name, const char *text, size_t size)
{
    tb_broadcast_send(place->news, room_keep(&place->room, name, text, size));
}

static int64_t enter(struct member *self)
{
    pthread_mutex_lock(&self->site->mutex);
    self->place = place_enter(self->site, self->name.room);
    if (self->place) {
        tb_broadcast_subscribe(self->place->news, &self->receiver);
        say(self->place, "+", self->name.name, strlen(self->name.name));
    }
    pthread_mutex_unlock(&self->site->mutex);
    return self->place ? 0 : -ENOMEM;
}

static void leave(struct member *self)
{
    pthread_mutex_lock(&self->site->mutex);
    tb_broadcast_unsubscribe(&self->receiver);
    say(self->place, "-", self->name.name, strlen(self->name.name));
    place_leave(self->place);
    pthread_mutex_unlock(&self->site->mutex);
}

/* -- hearing -- */

static size_t copy_line(struct member *self, int64_t number, char *out)
{
    pthread_mutex_lock(&self->site->mutex);
    size_t size = room_copy(&self->place->room, number, out);
    pthread_mutex_unlock(&self->site->mutex);
    return size;
}

static int64_t hear(void *frame)
{
    struct member *self = *(struct member **)frame;
    char out[OUT_BYTES];
    int64_t number, count = 0;
    tb_scope_enter(TC_NEVER, &self->done);
    while (count >= 0) {
        count = tb_broadcast_recv(&self->receiver, &number);
        if (count >= 0) {
            size_t size = count ? tell_lost(count, out) : copy_line(self, number, out);
            count = tb_write_all(&self->io, out, size);
        }
    }
    tb_shutdown(&self->io, SHUT_RDWR);
    return 0;
}

/* -- speaking -- */

/* More of what the member says: the count, 0 at the end, or a negative errno value. */
static int64_t receive(struct member *self)
{
    char *to;
    int64_t room = inbox_room(&self->inbox, &to);
    if (room < 0)
        return room;
    int64_t count = tb_read(&self->io, to, (size_t)room);
    self->inbox.filled += count > 0 ? (size_t)count : 0;
    return count;
}

static void speak(struct member *self)
{
    const char *line;
    size_t size;
    do
        while (inbox_line(&self->inbox, &line, &size)) {
            pthread_mutex_lock(&self->site->mutex);
            say(self->place, self->name.name, line, size);
            pthread_mutex_unlock(&self->site->mutex);
        }
    while (receive(self) > 0);
}

static void take_part(struct member *self)
{
    struct tb_handle hearing;
    tb_cancel_init(&self->done);
    if (tb_spawn(&self->site->spawner, hear, &self, sizeof self, &hearing) == 0) {
        speak(self);
        tb_cancel_request(&self->done);
        /* It uses our frame, so nothing may cut this wait short, not even the server's end. */
        tb_scope_leave((struct tb_scope){.deadline_ns = TC_NEVER});
        tb_join(hearing);
    }
    tb_cancel_destroy(&self->done);
}

static int64_t member(void *frame)
{
    struct member *self = frame;
    int64_t err = 1;
    tb_scope_enter(TC_NEVER, &self->site->stop);
    while (err > 0 && !inbox_name(&self->inbox, &self->name))
        err = receive(self);
    if (err > 0 && enter(self) == 0) {
        take_part(self);
        leave(self);
    }
    tb_io_close(&self->io);
    return 0;
}

static int begin(struct tb_group *connections, void *context, struct tb_io io)
{
    struct member frame = {.site = context, .io = io};
    return tb_group_spawn(connections, member, &frame, sizeof frame);
}

int main(int argc, char **argv)
{
    struct service_options options = SERVICE_DEFAULTS;
    const struct service_number numbers[] = {SERVICE_NUMBERS(&options)};
    struct site site = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    struct service_threads service = {.begin = begin, .context = &site, .stop = &site.stop};
    read_numbers(numbers, TC_COUNT_OF(numbers), argc, argv);
    raise_descriptors();
    list_init(&site.rooms);
    tb_cancel_init(&site.stop);
    tb_spawner_init(&site.spawner, &(struct tb_config){.stack_bytes = 64 << 10});
    int64_t result = service_run(&service, &options);
    tb_spawner_destroy(&site.spawner);
    tb_cancel_destroy(&site.stop);
    return result < 0 ? tell_failure(argv[0], &options, result) : 0;
}
