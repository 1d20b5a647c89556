/* SPDX-License-Identifier: MIT
 *
 * Oneshots on a mutex and a condition. The wake stands inside the mutex, as in events: the receiver
 * may destroy the oneshot once it has the mutex.
 */
#include "tb/oneshot.h"

#include "base/status.h"

#include <errno.h>

void tb_oneshot_init(struct tb_oneshot *oneshot)
{
    MUST(pthread_mutex_init(&oneshot->mutex, NULL) == 0);
    tb_cond_init(&oneshot->changed);
    oneshot->state = TB_ONESHOT_EMPTY;
    oneshot->awaited = false;
}

void tb_oneshot_destroy(struct tb_oneshot *oneshot)
{
    tb_cond_destroy(&oneshot->changed);
    pthread_mutex_destroy(&oneshot->mutex);
}

static int settle(struct tb_oneshot *oneshot, int state, int64_t word)
{
    int err = -EPIPE;
    pthread_mutex_lock(&oneshot->mutex);
    if (oneshot->state == TB_ONESHOT_EMPTY) {
        oneshot->state = state;
        oneshot->word = word;
        tb_cond_wake_one(&oneshot->changed, tb_cond_due(&oneshot->changed));
        err = 0;
    }
    pthread_mutex_unlock(&oneshot->mutex);
    return err;
}

int tb_oneshot_send(struct tb_oneshot *oneshot, int64_t word)
{
    return settle(oneshot, TB_ONESHOT_FULL, word);
}

void tb_oneshot_close(struct tb_oneshot *oneshot)
{
    settle(oneshot, TB_ONESHOT_CLOSED, 0);
}

/* With the mutex held, in the only thread that waits. */
static int take_word(struct tb_oneshot *oneshot, int64_t *word)
{
    int err = 0;
    oneshot->awaited = true;
    while (oneshot->state == TB_ONESHOT_EMPTY && !err)
        err = tb_cond_wait(&oneshot->changed, &oneshot->mutex);
    oneshot->awaited = false;
    if (oneshot->state != TB_ONESHOT_FULL)
        return oneshot->state == TB_ONESHOT_CLOSED ? -EPIPE : err;
    oneshot->state = TB_ONESHOT_CLOSED;
    *word = oneshot->word;
    return 0;
}

int64_t tb_oneshot_recv(struct tb_oneshot *oneshot, int64_t *word)
{
    pthread_mutex_lock(&oneshot->mutex);
    int err = oneshot->awaited ? -EBUSY : take_word(oneshot, word);
    pthread_mutex_unlock(&oneshot->mutex);
    return err;
}
