/* SPDX-License-Identifier: MIT
 *
 * What rt/blocking.h moves to a pool of threads: here the caller is a thread already and may block.
 */
#ifndef TB_BLOCKING_H
#define TB_BLOCKING_H

#include <stddef.h>
#include <stdint.h>

typedef int64_t tb_blocking_fn(void *data);

/* Calls the function on `size` bytes of arguments and returns its result. */
static inline int64_t tb_blocking(tb_blocking_fn *function, void *data, size_t size)
{
    (void)size;
    return function(data);
}

#endif
