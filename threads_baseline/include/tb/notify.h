/* SPDX-License-Identifier: MIT
 *
 * Notifications: "look again", to one thread or to all that wait now, as rt/notify.h. Notifying one
 * wakes the longest waiting; when nobody waits, one notification (never two) is kept for the next
 * who does. Notifying all wakes those who wait at that moment and keeps nothing.
 *
 * Thread-safe but for init and destroy, when nobody may use it. O(1), notifying all O(waiters).
 * Waiting heeds the thread's scope (tb/scope.h), with no notification taken.
 */
#ifndef TB_NOTIFY_H
#define TB_NOTIFY_H

#include "base/list.h"

#include <pthread.h>
#include <stdint.h>

struct tb_notify {
    pthread_mutex_t mutex; /* guards what follows */
    struct list waiters;
    bool kept; /* a notification that nobody has taken; then nobody waits */
};

void tb_notify_init(struct tb_notify *notify);
void tb_notify_destroy(struct tb_notify *notify);
int64_t tb_notify_wait(struct tb_notify *notify); /* 0 once notified */
void tb_notify_one(struct tb_notify *notify);
void tb_notify_all(struct tb_notify *notify);

#endif
