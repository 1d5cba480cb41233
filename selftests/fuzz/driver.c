// SPDX-License-Identifier: GPL-2.0
/*
 * Where there is no libFuzzer: the corpus, and inputs made from it by random
 * changes, as many as -runs=N says. No coverage leads it; the same seed gives
 * the same inputs.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"

#define INPUT_MAX	4096
#define INPUTS		1024

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct {
	u8 data[INPUT_MAX];
	size_t size;
} inputs[INPUTS];
static u32 count;

static void load(const char *folder)
{
	struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir) {
		perror(folder);
		exit(2);
	}
	while ((entry = readdir(dir)) && count < INPUTS) {
		char path[1024];
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file = fopen(path, "rb");
		if (!file)
			continue;
		inputs[count].size = fread(inputs[count].data, 1, INPUT_MAX, file);
		LLVMFuzzerTestOneInput(inputs[count].data, inputs[count].size);
		fclose(file);
		count++;
	}
	closedir(dir);
}

/* A few changes: a bit, a byte, a hole, a piece of another input. */
static size_t change(struct random *r, u8 *data, size_t size)
{
	u32 changes = 1 + random_below(r, 6);

	while (changes--) {
		u32 other = random_below(r, count), at, len;

		switch (random_below(r, 5)) {
		case 0:
			if (size)
				data[random_below(r, size)] ^= 1 << random_below(r, 8);
			break;
		case 1:
			if (size)
				data[random_below(r, size)] = random_next(r);
			break;
		case 2:
			at = random_below(r, size + 1);
			len = random_below(r, 9);
			if (size + len <= INPUT_MAX) {
				memmove(data + at + len, data + at, size - at);
				while (len--)
					data[at + len] = random_next(r), size++;
			}
			break;
		case 3:
			at = random_below(r, size + 1);
			len = random_below(r, min_t(u32, size - at, 16) + 1);
			memmove(data + at, data + at + len, size - at - len);
			size -= len;
			break;
		default:
			at = random_below(r, inputs[other].size + 1);
			len = random_below(r, inputs[other].size - at + 1);
			if (size + len <= INPUT_MAX) {
				memcpy(data + size, inputs[other].data + at, len);
				size += len;
			}
		}
	}
	return size;
}

int main(int argc, char **argv)
{
	struct random r = { 1 };
	long i, runs = 1;

	for (i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "-runs=", 6))
			runs = atol(argv[i] + 6);
		else if (argv[i][0] != '-')
			load(argv[i]);
	}
	if (!count)
		return 2;
	for (i = 0; i < runs; i++) {
		u32 from = random_below(&r, count);
		size_t size = inputs[from].size;
		static u8 data[INPUT_MAX];
		u8 *exact;

		memcpy(data, inputs[from].data, size);
		size = change(&r, data, size);
		/* a block of its own, so that ASan sees what is read beyond it */
		exact = malloc(size ? size : 1);
		memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	return 0;
}
