/* SPDX-License-Identifier: MIT
 *
 * What this worker's model is; compiled once a model.
 */
#include "model.h"

const struct wl_model wl_model = {
    .name = MODEL_NAME,
    .description = MODEL_DESCRIPTION,
    .one_thread = MODEL_ONE_THREAD,
    .params = MODEL_PARAMS,
    .choices = MODEL_CHOICES,
    .environment = MODEL_ENVIRONMENT,
};

#ifdef TC_COUNT_OPERATIONS
uint64_t model_counts[MODEL_OP_COUNT];

/* For the worker: the name and count of an operation, NULL after the last. */
const char *wl_operation_count(unsigned index, uint64_t *count)
{
    static const char *const names[] = {
#define X(name) #name,
        MODEL_OPERATIONS(X)
#undef X
    };
    if (index >= MODEL_OP_COUNT)
        return NULL;
    *count = __atomic_load_n(&model_counts[index], __ATOMIC_RELAXED);
    return names[index];
}
#else
const char *wl_operation_count(unsigned index, uint64_t *count)
{
    (void)index, (void)count;
    return NULL;
}
#endif
