/* SPDX-License-Identifier: MIT
 *
 * What chat.c and chat_threads.c share, so that each shows only how it waits: lines in, rooms, and
 * lines out.
 *
 * A member's first line is "NAME ROOM"; every further line goes to all members of the room, the
 * member included, as "NAME: line". Each gets each line once, in the same order. A broadcast tells
 * the members the numbers of the lines; the lines themselves stay in the room's ring, which keeps
 * as many as the broadcast does. So nobody waits for a slow member, who is told how many lines were
 * lost to it.
 *
 * With threads, what touches rooms is called with the site's mutex held; tasks need none.
 */
#ifndef CHAT_APP_H
#define CHAT_APP_H

#include "base/list.h"
#include "base/status.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_BYTES = 32, LINE_BYTES = 256, KEPT = 128, OUT_BYTES = WORD_BYTES + LINE_BYTES + 2 };

/* -- what a member sends -- */

struct inbox {
    char bytes[LINE_BYTES];
    size_t taken, filled;
};

/* Where to receive to; -EMSGSIZE when a line is longer than there is room for. */
static inline int64_t inbox_room(struct inbox *inbox, char **to)
{
    memmove(inbox->bytes, inbox->bytes + inbox->taken, inbox->filled - inbox->taken);
    inbox->filled -= inbox->taken;
    inbox->taken = 0;
    *to = inbox->bytes + inbox->filled;
    return inbox->filled < LINE_BYTES ? (int64_t)(LINE_BYTES - inbox->filled) : -EMSGSIZE;
}

/* The next whole line, its end left out: good until the next call of inbox_room(). False when more
 * must come. */
static inline bool inbox_line(struct inbox *inbox, const char **line, size_t *size)
{
    char *from = inbox->bytes + inbox->taken;
    char *end = memchr(from, '\n', inbox->filled - inbox->taken);
    if (!end)
        return false;
    *line = from;
    *size = (size_t)(end - from) - (end > from && end[-1] == '\r');
    inbox->taken += (size_t)(end - from) + 1;
    return true;
}

/* The two words of the first line. */
struct member_name {
    char name[WORD_BYTES], room[WORD_BYTES];
};

static inline bool read_name(struct member_name *member, const char *line, size_t size)
{
    const char *blank = memchr(line, ' ', size);
    size_t name = blank ? (size_t)(blank - line) : 0, room = size - name - 1;
    if (name == 0 || name >= WORD_BYTES || room == 0 || room >= WORD_BYTES)
        return false;
    *member = (struct member_name){{0}, {0}};
    memcpy(member->name, line, name);
    memcpy(member->room, blank + 1, room);
    return true;
}

/* Reads the first line, once it is whole: false when more must come. A line that is none is passed
 * over. */
static inline bool inbox_name(struct inbox *inbox, struct member_name *member)
{
    const char *line;
    size_t size;
    while (inbox_line(inbox, &line, &size))
        if (read_name(member, line, size))
            return true;
    return false;
}

/* -- rooms -- */

struct line {
    uint64_t number;
    uint32_t size;
    char text[OUT_BYTES];
};

struct room {
    struct list link;
    char name[WORD_BYTES];
    size_t members;
    uint64_t lines; /* so far; also the number of the next */
    struct line kept[KEPT];
};

/* The room of this name, or NULL. */
static inline struct room *room_find(struct list *rooms, const char *name)
{
    for (struct list *node = rooms->next; node != rooms; node = node->next) {
        struct room *room = TC_CONTAINER_OF(node, struct room, link);
        if (strcmp(room->name, name) == 0)
            return room;
    }
    return NULL;
}

/* Keeps the line in the place of the oldest; its number. */
static inline int64_t room_keep(struct room *room, const char *name, const char *text, size_t size)
{
    struct line *line = &room->kept[room->lines % KEPT];
    line->number = room->lines++;
    line->size = (uint32_t)snprintf(line->text, OUT_BYTES, "%s: ", name);
    memcpy(line->text + line->size, text, size);
    line->size += (uint32_t)size;
    line->text[line->size++] = '\n';
    return (int64_t)line->number;
}

/* Copies the line of that number for a member: its size; or of a line that was lost meanwhile, the
 * sentence that says so. */
static inline size_t room_copy(const struct room *room, int64_t number, char *out)
{
    const struct line *line = &room->kept[(uint64_t)number % KEPT];
    if (line->number != (uint64_t)number)
        return (size_t)snprintf(out, OUT_BYTES, "* 1 line was lost\n");
    memcpy(out, line->text, line->size);
    return line->size;
}

static inline size_t tell_lost(int64_t count, char *out)
{
    return (size_t)snprintf(out, OUT_BYTES, "* %lld lines were lost\n", (long long)count);
}

#endif
