/* SPDX-License-Identifier: MIT
 *
 * How failures travel.
 *
 * Three kinds, three ways:
 *   - the caller or the machine is at fault: a function returns a negative errno value (0 is
 *     success) and, where a person will read it, fills a struct tc_error with one sentence;
 *   - taskcost itself is at fault: MUST() prints file and line and aborts, in every build;
 *   - something cannot be measured here: the harness records a status and a reason, never a number.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdarg.h>
#include <stddef.h>

/* One sentence for a person: it names the thing and the remedy. No trailing newline. */
struct tc_error {
    char text[1024];
};

/* Writes the sentence into `err` (which may be NULL) and returns `code`, so that a failing function
 * can end with `return tc_fail(err, -EINVAL, "...")`. `code` must be negative. Thread-safe. */
int tc_fail(struct tc_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The name of an errno value given as a negative or positive code ("EAGAIN"); never NULL. */
const char *tc_errno_name(int code);

/* Prints the broken promise and aborts. Use MUST() instead. */
__attribute__((noreturn, cold)) void tc_must_failed(const char *what, const char *file, int line);

/* An invariant of our own that is checked in release builds too. */
#define MUST(condition)                                     \
    do {                                                    \
        if (__builtin_expect(!(condition), 0))              \
            tc_must_failed(#condition, __FILE__, __LINE__); \
    } while (0)

#define TC_LIKELY(x)   __builtin_expect(!!(x), 1)
#define TC_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* For paths so hot that the call itself would show in a figure. */
#define TC_ALWAYS_INLINE static inline __attribute__((always_inline))

#define TC_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define TC_CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
