/* SPDX-License-Identifier: MIT
 *
 * Look at every channel; with no message anywhere, register as parked with each, sleep on all their
 * turns, and sign off. Who signs off after a wake that it did not use passes it on: the message
 * that woke it may be another's whose wake that was.
 */
#include "tb/select.h"

#include "chan_parts.h"
#include "tb/scope.h"

#include "base/status.h"

#include <errno.h>
#include <stdbool.h>

/* Takes a message; else registers if that is wanted. 0, -EAGAIN or -EPIPE. */
static int look(struct tb_chan *chan, struct tb_word *word, int64_t *message)
{
    pthread_mutex_lock(&chan->mutex);
    if (chan->count > 0) {
        *message = tb__chan_take(chan);
        unsigned due = tb_cond_due(&chan->has_place);
        pthread_mutex_unlock(&chan->mutex);
        tb_cond_wake_one(&chan->has_place, due);
        return 0;
    }
    bool closed = chan->closed;
    if (word) {
        *word = (struct tb_word){&chan->has_message.turn, chan->has_message.turn};
        chan->has_message.parked++;
    }
    pthread_mutex_unlock(&chan->mutex);
    return closed ? -EPIPE : -EAGAIN;
}

static void sign_off(struct tb_chan *chan)
{
    pthread_mutex_lock(&chan->mutex);
    chan->has_message.parked--;
    unsigned due = chan->count > 0 ? tb_cond_due(&chan->has_message) : TB_DUE_NONE;
    pthread_mutex_unlock(&chan->mutex);
    tb_cond_wake_one(&chan->has_message, due);
}

struct selection {
    struct tb_chan *const *channels;
    unsigned count, first; /* where to begin: they take turns */
    unsigned open;         /* of those looked at */
    unsigned registered;   /* the first so many of them */
    struct tb_word words[TB_WORDS_MAX];
};

/* Looks at all: the index of the one received from, or -EAGAIN, registered with those looked at. */
static int64_t look_at_all(struct selection *self, bool registering, int64_t *message)
{
    self->open = self->registered = 0;
    for (unsigned i = 0; i < self->count; i++) {
        unsigned index = (self->first + i) % self->count;
        int result = look(self->channels[index], registering ? &self->words[i] : NULL, message);
        if (result == 0)
            return index;
        self->registered += registering;
        self->open += result == -EAGAIN;
    }
    return -EAGAIN;
}

static void sign_off_all(const struct selection *self)
{
    for (unsigned i = 0; i < self->registered; i++)
        sign_off(self->channels[(self->first + i) % self->count]);
}

int64_t tb_select_recv(struct tb_chan *const *channels, unsigned count, int64_t *message)
{
    static _Thread_local unsigned turns;
    MUST(count > 0 && count <= TB_WORDS_MAX);
    struct selection self = {.channels = channels, .count = count, .first = turns++ % count};
    int64_t result = look_at_all(&self, false, message);
    for (int err = 0; result == -EAGAIN;) {
        if (self.open == 0)
            return -EPIPE;
        if (err)
            return err;
        result = look_at_all(&self, true, message);
        if (result == -EAGAIN && self.open > 0)
            err = tb_park_any(self.words, count);
        sign_off_all(&self);
        if (result == -EAGAIN && err)
            result = look_at_all(&self, false, message);
    }
    return result;
}
