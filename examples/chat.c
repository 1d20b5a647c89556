/* SPDX-License-Identifier: MIT
 *
 * A chat server with rooms, each member a task with two branches: one hears the room and
 * writes, one reads and speaks to it. Whichever ends first ends the other.
 *
 *     chat [--port N] [--connections N] [--grace-ms N]
 */
#include "chat_app.h"
#include "service_tasks.h"

struct site {
    struct list rooms; /* of struct place */
};

/* A room, and how its members learn of new lines. */
struct place {
    struct room room; /* first */
    struct rt_broadcast *news;
};

static struct place *place_enter(struct site *site, const char *name)
{
    struct place *place = (struct place *)room_find(&site->rooms, name);
    if (!place) {
        place = calloc(1, sizeof *place);
        struct rt_broadcast *news = rt_broadcast_new(KEPT);
        if (!place || !news) {
            free(place);
            rt_broadcast_free(news);
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
    rt_broadcast_free(place->news);
    free(place);
}

/* Writes what is said in the room. */
struct hear {
    RT_FRAME;
    struct place *place;
    struct rt_io *io;
    struct rt_broadcast_receiver *receiver;
    int64_t number, count;
    size_t size, sent;
    char out[OUT_BYTES];
};

static rt_poll hear(void *frame, struct rt_cx *cx)
{
    struct hear *self = frame;
    RT_BEGIN(self, cx);
    for (;;) {
        RT_TRY_INTO(self->count, rt_broadcast_recv, self->receiver, &self->number);
        self->size = self->count ? tell_lost(self->count, self->out)
                                 : room_copy(&self->place->room, self->number, self->out);
        for (self->sent = 0; self->sent < self->size; self->sent += (size_t)self->count)
            RT_TRY_INTO(self->count, rt_write, self->io, self->out + self->sent,
                        self->size - self->sent);
    }
    RT_END(0);
}

/* Says in the room what is read. */
struct speak {
    RT_FRAME;
    struct place *place;
    struct rt_io *io;
    struct inbox *inbox;
    const char *name;
    char *to;
    int64_t count;
};

static void say(struct place *place, const char *name, const char *text, size_t size)
{
    rt_broadcast_send(place->news, room_keep(&place->room, name, text, size));
}

static rt_poll speak(void *frame, struct rt_cx *cx)
{
    struct speak *self = frame;
    const char *line;
    size_t size;
    RT_BEGIN(self, cx);
    for (;;) {
        while (inbox_line(self->inbox, &line, &size))
            say(self->place, self->name, line, size);
        self->count = inbox_room(self->inbox, &self->to);
        if (self->count < 0)
            RT_RETURN(self->count);
        RT_TRY_INTO(self->count, rt_read, self->io, self->to, (size_t)self->count);
        if (self->count == 0)
            break;
        self->inbox->filled += (size_t)self->count;
    }
    RT_END(0);
}

struct member {
    RT_FRAME;
    struct site *site;
    struct rt_io *io; /* closed by us */
    struct inbox inbox;
    struct member_name name;
    struct place *place;
    struct rt_broadcast_receiver receiver;
    struct rt_node node;
    RT_CHILD(hear) hearing;
    RT_CHILD(speak) speaking;
    char *to;
    int64_t count;
};

static int64_t enter(struct member *self)
{
    self->place = place_enter(self->site, self->name.room);
    if (!self->place)
        return -ENOMEM;
    rt_broadcast_subscribe(self->place->news, &self->receiver);
    say(self->place, "+", self->name.name, strlen(self->name.name));
    return 0;
}

static void leave(struct member *self)
{
    rt_io_close(self->io);
    if (!self->place)
        return;
    rt_broadcast_unsubscribe(&self->receiver);
    say(self->place, "-", self->name.name, strlen(self->name.name));
    place_leave(self->place);
}

static rt_poll member(void *frame, struct rt_cx *cx)
{
    struct member *self = frame;
    RT_BEGIN(self, cx);
    while (!inbox_name(&self->inbox, &self->name)) {
        self->count = inbox_room(&self->inbox, &self->to);
        if (self->count < 0)
            RT_RETURN(self->count);
        RT_TRY_INTO(self->count, rt_read, self->io, self->to, (size_t)self->count);
        if (self->count == 0)
            RT_RETURN(0);
        self->inbox.filled += (size_t)self->count;
    }
    self->count = enter(self);
    if (self->count < 0)
        RT_RETURN(self->count);
    RT_ARM(&self->node, &self->hearing, hear,
           {.place = self->place, .io = self->io, .receiver = &self->receiver});
    RT_ARM(&self->node, &self->speaking, speak,
           {.place = self->place, .io = self->io, .inbox = &self->inbox, .name = self->name.name});
    RT_AWAIT(rt_node_select, &self->node);
    RT_END_FINALLY(0, { leave(self); });
}

static int begin(struct rt_group *connections, void *context, struct rt_io *io)
{
    return RT_SPAWN_INTO(connections, member, {.site = context, .io = io});
}

int main(int argc, char **argv)
{
    struct service_options options = SERVICE_DEFAULTS;
    const struct service_number numbers[] = {SERVICE_NUMBERS(&options)};
    struct site site;
    const struct service_tasks service = {.begin = begin, .context = &site};
    read_numbers(numbers, TC_COUNT_OF(numbers), argc, argv);
    raise_descriptors();
    list_init(&site.rooms);
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor)
        refuse(argv[0], "no executor: no memory or descriptors");
    int64_t result = service_run(executor, &service, &options);
    rt_executor_free(executor);
    return result < 0 ? tell_failure(argv[0], &options, result) : 0;
}
