/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A page that may not be touched, right behind the octets under test: a read past the end is a
 * SIGSEGV in every build, not only where a sanitizer looks.
 */
#ifndef PACKET_GUARD_H
#define PACKET_GUARD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_PAGES 16 /* readable ones: 64 KiB where a page is 4 KiB */

/* A copy of `bytes` octets that ends where the forbidden page begins. Valid until the next call. */
static inline const uint8_t *guard_copy(const uint8_t *octets, uint32_t bytes)
{
	static uint8_t *forbidden;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (!forbidden) {
		uint8_t *map = mmap(NULL, (GUARD_PAGES + 1) * page, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (map == MAP_FAILED || mprotect(map + GUARD_PAGES * page, page, PROT_NONE) != 0)
			abort();
		forbidden = map + GUARD_PAGES * page;
	}
	if (bytes > GUARD_PAGES * page)
		abort();
	if (bytes)
		memcpy(forbidden - bytes, octets, bytes);
	return forbidden - bytes;
}

#endif
