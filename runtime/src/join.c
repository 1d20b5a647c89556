/* SPDX-License-Identifier: MIT
 *
 * Collections of branches: a node and an array of headers with their frames, in one block.
 */
#include "rt/join.h"

#include <stdlib.h>

int rt__branches_new(struct rt_branches *branches, size_t count, size_t frame_bytes,
                     size_t alignment)
{
    MUST(alignment <= _Alignof(struct rt_task));
    size_t step = _Alignof(struct rt_task);
    size_t stride_bytes = (sizeof(struct rt_task) + frame_bytes + step - 1) / step * step;
    size_t room = ((size_t)UINT32_MAX * step - sizeof(struct rt_node)) / stride_bytes;
    struct rt_node *node =
        count <= room ? malloc(sizeof(struct rt_node) + count * stride_bytes) : NULL;
    if (!node)
        return -ENOMEM;
    RT_SEE(rt__see_object(RT_COLLECTIONS, 1));
    *node = (struct rt_node){0};
    *branches = (struct rt_branches){.node = node, .count = count, .stride_bytes = stride_bytes};
    return 0;
}

struct rt_task *rt__branches_at(const struct rt_branches *branches, size_t index)
{
    MUST(index < branches->count);
    return (struct rt_task *)(void *)((char *)(branches->node + 1) +
                                      index * branches->stride_bytes);
}

int64_t rt_branches_result(const struct rt_branches *branches, size_t index)
{
    return *rt_task_result(rt__branches_at(branches, index));
}

void rt_branches_free(struct rt_branches *branches)
{
    if (branches->node)
        rt__node_drop(branches->node);
    RT_SEE(rt__see_object(RT_COLLECTIONS, branches->node ? -1 : 0));
    free(branches->node);
    *branches = (struct rt_branches){0};
}
