/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs a fuzz target over seed files without libFuzzer, so that every compiler and every sanitizer
 * build repeats what fuzzing has found: one TAP line a file. Each file is given whole and cut off
 * at each of its first CUTS_MAX octets, in a block of exactly that size, so that a read past the
 * end is seen by a sanitizer or a guard page.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUTS_MAX 4096
#define SEED_BYTES_MAX (1 << 20)
#define PATH_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run_exact(const uint8_t *data, size_t size)
{
	uint8_t *block = malloc(size);

	if (!block && size)
		abort();
	if (size)
		memcpy(block, data, size);
	LLVMFuzzerTestOneInput(block, size);
	free(block);
}

static int run_seed(const char *path)
{
	static uint8_t seed[SEED_BYTES_MAX];
	FILE *file = fopen(path, "rb");

	if (!file)
		return -errno;
	size_t size = fread(seed, 1, sizeof(seed), file);
	int error = ferror(file) ? -EIO : 0;
	fclose(file);
	if (error)
		return error;
	for (size_t cut = 0; cut < size && cut < CUTS_MAX; cut++)
		run_exact(seed, cut);
	run_exact(seed, size);
	return 0;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **entries;
	int failed = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 64;
	}
	int count = scandir(argv[1], &entries, is_visible, alphasort);
	if (count <= 0) {
		fprintf(stderr, "%s: no seeds in %s\n", argv[0], argv[1]);
		return 66;
	}
	printf("1..%d\n", count);
	for (int i = 0; i < count; i++) {
		char path[PATH_BYTES];
		snprintf(path, sizeof(path), "%s/%s", argv[1], entries[i]->d_name);
		int error = run_seed(path);
		failed += error != 0;
		printf("%sok %d - %s\n", error ? "not " : "", i + 1, entries[i]->d_name);
		fflush(stdout);
		free(entries[i]);
	}
	free(entries);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
