/* SPDX-License-Identifier: MIT
 *
 * What only the executor does with its slab: give back, walk, destroy.
 */
#ifndef RT_SLAB_WALK_H
#define RT_SLAB_WALK_H

#include "rt/slab.h"

/* Bytes of a block of a class. */
static inline size_t rt__slab_slot_size(size_t class)
{
    if (class < RT_SLAB_SMALL_CLASSES)
        return class * RT_SLAB_STEP;
    return (size_t)2048 << (class - RT_SLAB_SMALL_CLASSES);
}

/* Gives a block back; its tasks' wakers become stale. */
static inline void rt__slab_give(struct rt_slab *slab, struct rt_task *block)
{
    struct rt_task **list = &slab->free[block->state >> RT_CLASS_SHIFT];
    block->state = (block->state >> RT_CLASS_SHIFT << RT_CLASS_SHIFT) | RT_FREE;
    block->generation++;
    block->step = (rt_step_fn *)(void *)*list;
    *list = block;
}

/* Visits every block that was ever taken, free ones too, in the order of their addresses within a
 * chunk. A visit may take and give blocks. O(blocks). */
void rt__slab_each(struct rt_slab *slab, void (*visit)(struct rt_task *task));

/* Unmaps everything. */
void rt__slab_destroy(struct rt_slab *slab);

#endif
