/* SPDX-License-Identifier: MIT
 *
 * Memory and threads refused at every place in turn, once and for good: each refusal is an answer,
 * leaves nothing behind, and what is not concerned goes on. The allocator's functions and
 * pthread_create() pass through here. That needs glibc's names for the real ones; sanitizers and
 * valgrind bring allocators of their own, and without ours the tests are skipped.
 */
#include "test_main.h"

#include "threads.h"

#include <dlfcn.h>

static int64_t fails_at; /* which of the calls to come is refused: 1 is the next, 0 none */
static bool fails_for_good;
static int64_t kept; /* allocations not given back */

#if defined(__GLIBC__) && !defined(TC_SANITIZED)

static bool refused(void)
{
    if (fails_at == 0)
        return false;
    if (fails_at > 1) {
        fails_at--;
        return false;
    }
    fails_at = fails_for_good ? 1 : 0;
    errno = ENOMEM; /* as malloc() leaves it */
    return true;
}

/* Only the test's own thread is refused: the others free what they were given. */
static pthread_t tested;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void __libc_free(void *memory);

static void *counted(void *memory)
{
    __atomic_add_fetch(&kept, memory != NULL, __ATOMIC_RELAXED);
    return memory;
}

static bool refused_here(void)
{
    return pthread_equal(pthread_self(), tested) && refused();
}

void *malloc(size_t size)
{
    return refused_here() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return refused_here() ? NULL : counted(__libc_calloc(count, size));
}

void free(void *memory)
{
    __atomic_sub_fetch(&kept, memory != NULL, __ATOMIC_RELAXED);
    __libc_free(memory);
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes,
                   void *(*body)(void *), void *restrict argument)
{
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    if (!real)
        real = dlsym(RTLD_NEXT, "pthread_create");
    if (refused_here())
        return EAGAIN;
    int64_t before = fails_at;
    fails_at = 0; /* what glibc allocates for a thread is its own affair */
    int err = real(thread, attributes, body, argument);
    fails_at = before;
    return err;
}

static void need_our_allocator(void)
{
    tested = pthread_self();
}

#else

static void need_our_allocator(void)
{
    print_message("skipped: not glibc, or a sanitizer in the place of its allocator\n");
    skip();
}

#endif

static int64_t nothing(void *frame)
{
    return *(int64_t *)frame;
}

/* Takes one of everything and gives it back: 0, or the first refusal. */
static int take_everything(void)
{
    int64_t frame = 7;
    struct tb_handle plain, cancellable;
    struct tb_pool_handle on_pool;
    struct tb_group group;
    struct tb_chan *chan = tb_chan_new(100);
    struct tb_broadcast *broadcast = tb_broadcast_new(100);
    int first = chan && broadcast ? 0 : -ENOMEM;
    int err = tb_spawn(&spawner, nothing, &frame, sizeof frame, &plain);
    if (!err)
        MUST(tb_join(plain) == 7);
    first = first ? first : err;
    err = tb_spawn_cancellable(&spawner, NULL, nothing, &frame, sizeof frame, &cancellable);
    if (!err)
        MUST(tb_join(cancellable) == 7);
    first = first ? first : err;
    tb_group_init(&group, &spawner, 2);
    err = tb_group_spawn(&group, nothing, &frame, sizeof frame);
    first = first ? first : err;
    MUST(tb_group_wait(&group) == 0);
    tb_group_destroy(&group);
    struct tc_pool *pool = tc_pool_new(&(struct tc_pool_config){.threads_max = 2});
    err = pool ? tb_pool_spawn(pool, nothing, &frame, sizeof frame, &on_pool) : -errno;
    if (!err)
        MUST(tb_pool_join(on_pool) == 7);
    first = first ? first : err;
    tc_pool_free(pool);
    tb_chan_free(chan);
    tb_broadcast_free(broadcast);
    return first;
}

static void sweep(bool for_good)
{
    int refusals = 0;
    need_our_allocator();
    assert_int_equal(take_everything(), 0); /* what is allocated once is there from now on */
    for (int n = 1;; n++) {
        int64_t before = __atomic_load_n(&kept, __ATOMIC_RELAXED);
        fails_at = n;
        fails_for_good = for_good;
        int err = take_everything();
        bool was_refused = fails_at == 0 || for_good ? fails_at <= 1 : false;
        fails_at = 0;
        if (!was_refused)
            break;
        refusals++;
        assert_true(err == -ENOMEM || err == -EAGAIN || err == 0); /* 0: a pool's second thread */
        for (int turn = 0; turn < 1000 && __atomic_load_n(&kept, __ATOMIC_RELAXED) != before;
             turn++)
            tb_sleep_until(tc_now_ns() + 100000); /* a detached thread frees its block at the end */
        assert_int_equal(__atomic_load_n(&kept, __ATOMIC_RELAXED), before);
        assert_int_equal(take_everything(), 0); /* it works again at once */
    }
    assert_true(refusals >= 9);
}

static void test_refused_once(void **state)
{
    (void)state;
    sweep(false);
}

static void test_refused_for_good(void **state)
{
    (void)state;
    sweep(true);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_refused_once),
    cmocka_unit_test(test_refused_for_good),
};
TEST_MAIN(tests)
