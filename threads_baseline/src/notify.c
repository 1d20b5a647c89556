/* SPDX-License-Identifier: MIT
 *
 * A row of waiters and one kept notification.
 */
#include "tb/notify.h"

#include "waiters.h"

#include "base/status.h"

void tb_notify_init(struct tb_notify *notify)
{
    MUST(pthread_mutex_init(&notify->mutex, NULL) == 0);
    list_init(&notify->waiters);
    notify->kept = false;
}

void tb_notify_destroy(struct tb_notify *notify)
{
    pthread_mutex_destroy(&notify->mutex);
}

int64_t tb_notify_wait(struct tb_notify *notify)
{
    pthread_mutex_lock(&notify->mutex);
    if (!notify->kept)
        return tb__wait_in_row(&notify->waiters, 1, &notify->mutex);
    notify->kept = false;
    pthread_mutex_unlock(&notify->mutex);
    return 0;
}

void tb_notify_one(struct tb_notify *notify)
{
    struct list chosen;
    list_init(&chosen);
    pthread_mutex_lock(&notify->mutex);
    struct tb__waiter *first = tb__first_waiter(&notify->waiters);
    if (first)
        tb__choose(first, &chosen);
    else
        notify->kept = true;
    pthread_mutex_unlock(&notify->mutex);
    tb__tell(&chosen);
}

void tb_notify_all(struct tb_notify *notify)
{
    struct tb__waiter *first;
    struct list chosen;
    list_init(&chosen);
    pthread_mutex_lock(&notify->mutex);
    while ((first = tb__first_waiter(&notify->waiters)))
        tb__choose(first, &chosen);
    pthread_mutex_unlock(&notify->mutex);
    tb__tell(&chosen);
}
