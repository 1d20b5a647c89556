/* SPDX-License-Identifier: MIT
 *
 * Memory for tasks: a free list a size class, last freed first taken, so that a new task gets a
 * warm block. Classes are 16 bytes apart up to 1 KiB (a task costs what it holds), powers of two
 * above. Chunks come from mmap and go back only when the slab goes, so a freed block stays
 * readable: a late waker finds a changed generation there and not another kind of object.
 */
#ifndef RT_SLAB_H
#define RT_SLAB_H

#include "rt/task.h"

#include "base/status.h"

#include <stdbool.h>

enum {
    RT_SLAB_STEP = 16,
    RT_SLAB_SMALL_MAX = 1024,
    RT_SLAB_SMALL_CLASSES = RT_SLAB_SMALL_MAX / RT_SLAB_STEP + 1,
    RT_SLAB_CLASSES = RT_SLAB_SMALL_CLASSES + 10, /* 2 KiB to 1 MiB */
};

struct rt_slab_chunk {
    struct rt_slab_chunk *next;
    size_t bytes;     /* of the mapping */
    size_t slot_size; /* of each block in it */
    char *unused;     /* blocks from here on have never been taken */
};

struct rt_slab {
    struct rt_task *free[RT_SLAB_CLASSES]; /* linked through `step` */
    struct rt_slab_chunk
        *current[RT_SLAB_CLASSES]; /* where fresh blocks come from; head of a list */
};

/* The class of a block of `size` bytes; RT_SLAB_CLASSES or more when it is too large (over 1 MiB).
 */
static inline size_t rt__slab_class(size_t size)
{
    if (TC_LIKELY(size <= RT_SLAB_SMALL_MAX))
        return (size + RT_SLAB_STEP - 1) / RT_SLAB_STEP;
    return RT_SLAB_SMALL_CLASSES + (size_t)(63 - __builtin_clzll(size - 1)) - 10;
}

/* Out of line: a block that was never used before, from a new chunk if need be. NULL when memory is
 * short or the size too large. */
struct rt_task *rt__slab_fresh(struct rt_slab *slab, size_t size);

/* A block of at least `size` bytes with a valid generation, or NULL. */
static inline struct rt_task *rt__slab_take(struct rt_slab *slab, size_t size)
{
    size_t class = rt__slab_class(size);
    if (TC_UNLIKELY(class >= RT_SLAB_CLASSES))
        return NULL;
    struct rt_task *block = slab->free[class];
    if (TC_UNLIKELY(!block))
        return rt__slab_fresh(slab, size);
    slab->free[class] = (struct rt_task *)(void *)block->step;
    return block;
}

#endif
