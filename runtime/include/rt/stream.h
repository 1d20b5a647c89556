/* SPDX-License-Identifier: MIT
 *
 * Streams: values that come one after the other, some time, until the end.
 *
 *     struct rt_chan_stream words;        // in the frame
 *     ...
 *     rt_stream_of_chan(&self->words, chan);
 *     for (;;) {
 *         RT_AWAIT_INTO(more, rt_stream_next, &self->words.stream, &self->word);
 *         if (more <= 0)
 *             break;                      // 0: the end; negative: an error
 *         ...
 *     }
 *
 * The end is for good: what asks again is told so at once. An error is not, because some pass: a
 * listener that has run out of descriptors accepts again later. Giving up a wait for the next value
 * loses none.
 *
 * A new kind is a struct that begins with a struct rt_stream and the two functions of its kind;
 * generator.h is one whose values come from an async function.
 */
#ifndef RT_STREAM_H
#define RT_STREAM_H

#include "rt/chan.h"
#include "rt/interval.h"
#include "rt/io.h"

struct rt_stream;

/* What a kind of stream does: `next` is polled for 1 with a value in *item, 0 at the end, or a
 * negative errno value; `drop` gives up a `next` that is pending. */
struct rt_stream_kind {
    rt_poll (*next)(struct rt_stream *stream, struct rt_wait *wait, struct rt_cx *cx,
                    int64_t *item);
    void (*drop)(struct rt_stream *stream, struct rt_wait *wait);
};

struct rt_stream {
    const struct rt_stream_kind *kind;
    bool ended;
};

/* Awaitable: 1 with the next value in *item, 0 at the end, or a negative errno value. One task may
 * wait at a time. */
static inline rt_poll rt_stream_next_poll(struct rt_wait *wait, struct rt_cx *cx,
                                          struct rt_stream *stream, int64_t *item)
{
    if (stream->ended)
        return 0;
    rt_poll result = stream->kind->next(stream, wait, cx, item);
    stream->ended = result == 0;
    return result;
}

static inline void rt_stream_next_drop(struct rt_wait *wait, struct rt_stream *stream,
                                       int64_t *item)
{
    (void)item;
    stream->kind->drop(stream, wait);
}

/* -- kinds; what they are made of must outlive them -- */

/* The messages of a channel, until it is closed and empty. */
struct rt_chan_stream {
    struct rt_stream stream;
    struct rt_chan *chan;
};

void rt_stream_of_chan(struct rt_chan_stream *stream, struct rt_chan *chan);

/* The connections to a listener (see rt_accept()): each item is a struct rt_io *, the receiver's to
 * close, as an integer; rt_stream_io() gives the pointer back. Never ends. */
struct rt_listener_stream {
    struct rt_stream stream;
    struct rt_io *listener, *accepted;
};

void rt_stream_of_listener(struct rt_listener_stream *stream, struct rt_io *listener);

static inline struct rt_io *rt_stream_io(int64_t item)
{
    return (struct rt_io *)(intptr_t)item;
}

/* The ticks of an interval: each item is how many were left out after it. Never ends. */
struct rt_interval_stream {
    struct rt_stream stream;
    struct rt_interval *interval;
};

void rt_stream_of_interval(struct rt_interval_stream *stream, struct rt_interval *interval);

/* The words of an array. */
struct rt_array_stream {
    struct rt_stream stream;
    const int64_t *items;
    size_t left;
};

void rt_stream_of_array(struct rt_array_stream *stream, const int64_t *items, size_t count);

#endif
