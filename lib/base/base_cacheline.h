/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cache lines, hints and the few helpers that every module needs. Plain C: no EAL.
 */
#ifndef BASE_CACHELINE_H
#define BASE_CACHELINE_H

#include <assert.h>
#include <stdint.h>

#define BASE_CACHE_LINE_BYTES 64
#define BASE_CACHE_ALIGNED __attribute__((aligned(BASE_CACHE_LINE_BYTES)))

#define BASE_LIKELY(x) __builtin_expect(!!(x), 1)
#define BASE_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define BASE_ALWAYS_INLINE inline __attribute__((always_inline))
#define BASE_MUST_CHECK __attribute__((warn_unused_result))

#define BASE_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Read-prefetch to all levels. Write-prefetch measured 20-25 % slower in the flow table. */
static inline void base_prefetch(const void *p)
{
	__builtin_prefetch(p, 0, 3);
}

#endif
