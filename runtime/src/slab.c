/* SPDX-License-Identifier: MIT
 *
 * The slow half of the slab: chunks from the kernel, and walking all blocks at the end. The fast
 * half, taking and giving, is inline in rt/slab.h.
 */
#include "slab_walk.h"

#include "rt/config.h"

#include "base/status.h"

#include <sys/mman.h>

/* Room for the chunk's header, a cache line. */
enum { HEADER_BYTES = 64 };
_Static_assert(sizeof(struct rt_slab_chunk) <= HEADER_BYTES, "the chunk header fits its room");

static struct rt_slab_chunk *map_chunk(size_t slot_size)
{
    size_t bytes = RT_SLAB_CHUNK_BYTES;
    while (bytes < HEADER_BYTES + 4 * slot_size)
        bytes *= 2;
    struct rt_slab_chunk *chunk =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED)
        return NULL;
    *chunk = (struct rt_slab_chunk){
        .bytes = bytes, .slot_size = slot_size, .unused = (char *)chunk + HEADER_BYTES};
    return chunk;
}

struct rt_task *rt__slab_fresh(struct rt_slab *slab, size_t size)
{
    size_t class = rt__slab_class(size);
    struct rt_slab_chunk *chunk = slab->current[class];
    if (!chunk || chunk->unused + chunk->slot_size > (char *)chunk + chunk->bytes) {
        chunk = map_chunk(rt__slab_slot_size(class));
        if (!chunk)
            return NULL;
        chunk->next = slab->current[class];
        slab->current[class] = chunk;
    }
    struct rt_task *block = (struct rt_task *)(void *)chunk->unused;
    chunk->unused += chunk->slot_size;
    block->state = (uint32_t) class << RT_CLASS_SHIFT | RT_FREE;
    return block;
}

void rt__slab_each(struct rt_slab *slab, void (*visit)(struct rt_task *task))
{
    for (size_t class = 0; class < RT_SLAB_CLASSES; class ++) {
        for (struct rt_slab_chunk *chunk = slab->current[class]; chunk; chunk = chunk->next) {
            for (char *block = (char *)chunk + HEADER_BYTES; block < chunk->unused;
                 block += chunk->slot_size)
                visit((struct rt_task *)(void *)block);
        }
    }
}

void rt__slab_destroy(struct rt_slab *slab)
{
    for (size_t class = 0; class < RT_SLAB_CLASSES; class ++) {
        while (slab->current[class]) {
            struct rt_slab_chunk *chunk = slab->current[class];
            slab->current[class] = chunk->next;
            MUST(munmap(chunk, chunk->bytes) == 0);
        }
    }
}
