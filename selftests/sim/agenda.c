// SPDX-License-Identifier: GPL-2.0
/*
 * A binary heap of things to do.
 */
#include <err.h>
#include <stdlib.h>

#include "agenda.h"

struct item {
	s64 at_us;
	u64 order;
	agenda_fn fn;
	void *what;
	u64 detail;
};

s64 now_us;

static struct item *heap;
static size_t items, room;
static u64 orders;

static bool before(const struct item *a, const struct item *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us :
				      a->order < b->order;
}

static void swap_items(size_t a, size_t b)
{
	struct item held = heap[a];

	heap[a] = heap[b];
	heap[b] = held;
}

/**
 * agenda_add() - something to do later
 * @at_us: when; not before now
 * @fn: what
 * @what: with what
 * @detail: and which
 */
void agenda_add(s64 at_us, agenda_fn fn, void *what, u64 detail)
{
	size_t i = items++;

	if (items > room) {
		room = room ? 2 * room : 256;
		heap = realloc(heap, room * sizeof(*heap));
		if (!heap)
			err(1, "agenda");
	}
	heap[i] = (struct item) {
		.at_us = at_us < now_us ? now_us : at_us,
		.order = orders++,
		.fn = fn,
		.what = what,
		.detail = detail,
	};
	for (; i && before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap_items(i, (i - 1) / 2);
}

static void sift_down(void)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < items) {
		if (child + 1 < items && before(&heap[child + 1], &heap[child]))
			child++;
		if (!before(&heap[child], &heap[i]))
			break;
		swap_items(i, child);
		i = child;
	}
}

/**
 * agenda_run() - do the first thing, if its time has come
 *
 * Return: true where something was done.
 */
bool agenda_run(void)
{
	struct item first;

	if (!items || heap[0].at_us > now_us)
		return false;
	first = heap[0];
	heap[0] = heap[--items];
	sift_down();
	first.fn(first.what, first.detail);
	return true;
}

/**
 * agenda_next() - when the next thing is due
 *
 * Return: µs since the beginning, or -1: there is nothing to do.
 */
s64 agenda_next(void)
{
	return items ? heap[0].at_us : -1;
}
