/* SPDX-License-Identifier: MIT
 *
 * Intrusive doubly linked list. The head is a node that points at itself when the list is empty, so
 * that unlinking needs neither the head nor a branch. Nothing here allocates; every call is O(1).
 * Not thread-safe.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>

struct list {
    struct list *next, *prev;
};

static inline void list_init(struct list *head)
{
    head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
    return head->next == head;
}

static inline void list_push_tail(struct list *head, struct list *node)
{
    node->next = head;
    node->prev = head->prev;
    head->prev->next = node;
    head->prev = node;
}

/* Takes `node` out of whatever list it is in and leaves it pointing at itself, so that unlinking
 * twice is harmless and list_empty(node) tells whether it is linked. */
static inline void list_unlink(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    node->next = node->prev = node;
}

/* Moves all of `from` to the tail of `to`; `from` is left empty. */
static inline void list_splice_tail(struct list *to, struct list *from)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#endif
