/* SPDX-License-Identifier: MIT
 *
 * What a thread may be told at its creation. Everything that changes a figure is here, so that
 * results can name it.
 */
#ifndef TB_CONFIG_H
#define TB_CONFIG_H

#include <stddef.h>

struct tb_config {
    size_t stack_bytes; /* 0 takes the system's default (RLIMIT_STACK, commonly 8 MiB) */
};

#endif
