/* SPDX-License-Identifier: MIT
 *
 * The allocator's functions pass through here, to be counted and to fail on demand. That needs
 * glibc's names for the real ones; sanitizers and valgrind bring allocators of their own, and a
 * test that calls need_our_allocator() is skipped then.
 */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include "test_main.h"

#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* Volatile: compilers know that malloc() changes no variable of the program, and would not look. */
static volatile long allocations;    /* how many succeeded */
static volatile long kept;           /* how many were not given back */
static volatile long fails_at;       /* the allocation to refuse: 1 is the next one, 0 none */
static volatile bool fails_for_good; /* and all after it */

#if defined(__GLIBC__) && !defined(TC_SANITIZED)

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

static inline bool refused(void)
{
    if (fails_at == 0 || (fails_at > 1 && fails_at--))
        return false;
    fails_at = fails_for_good ? 1 : 0;
    errno = ENOMEM;
    return true;
}

static inline void *counted(void *memory, bool is_new)
{
    allocations += memory != NULL;
    kept += memory && is_new;
    return memory;
}

void *malloc(size_t size)
{
    return refused() ? NULL : counted(__libc_malloc(size), true);
}

void *calloc(size_t count, size_t size)
{
    return refused() ? NULL : counted(__libc_calloc(count, size), true);
}

void *realloc(void *old, size_t size)
{
    return refused() ? NULL : counted(__libc_realloc(old, size), !old);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refused() ? NULL : counted(__libc_memalign(alignment, size), true);
}

void free(void *memory)
{
    kept -= memory != NULL;
    __libc_free(memory);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (refused())
        return MAP_FAILED;
    return counted((void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset), true);
}

int munmap(void *at, size_t size)
{
    kept--;
    return (int)syscall(SYS_munmap, at, size);
}

#endif

/* Skips the test where another allocator has taken our place. */
static inline void need_our_allocator(void)
{
    long before = allocations;
    void *volatile memory = malloc(1);
    free(memory);
    if (allocations == before) {
        print_message(
            "skipped: not glibc, or a sanitizer or valgrind in the place of its allocator\n");
        skip();
    }
}

#endif
