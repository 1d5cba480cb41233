/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of io_uring as a test of a socket needs, by plain system calls:
 * liburing is not everywhere.
 */
#ifndef _VCTP_SELFTESTS_URING_H
#define _VCTP_SELFTESTS_URING_H

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/io_uring.h>
#include <sys/mman.h>
#include <sys/syscall.h>

struct uring {
	int fd;
	unsigned int *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned int unsubmitted;
};

/* 0, or -errno: ENOSYS or EPERM where the machine has it switched off. */
static inline int uring_open(struct uring *ring, unsigned int entries)
{
	struct io_uring_params p = { 0 };
	char *sq, *cq;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(__NR_io_uring_setup, entries, &p);
	if (ring->fd < 0)
		return -errno;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(unsigned int),
		  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*ring->cqes),
		  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd,
		  IORING_OFF_CQ_RING);
	ring->sqes = mmap(NULL, p.sq_entries * sizeof(*ring->sqes),
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			  ring->fd, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || ring->sqes == MAP_FAILED)
		return -errno;
	ring->sq_tail = (unsigned int *)(sq + p.sq_off.tail);
	ring->sq_mask = (unsigned int *)(sq + p.sq_off.ring_mask);
	ring->sq_array = (unsigned int *)(sq + p.sq_off.array);
	ring->cq_head = (unsigned int *)(cq + p.cq_off.head);
	ring->cq_tail = (unsigned int *)(cq + p.cq_off.tail);
	ring->cq_mask = (unsigned int *)(cq + p.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	return 0;
}

/* Ask for one operation; the caller never has more than the ring's entries. */
static inline void uring_queue(struct uring *ring, int op, int fd, void *buf,
			       unsigned int len, unsigned long long tag)
{
	unsigned int tail = *ring->sq_tail, at = tail & *ring->sq_mask;
	struct io_uring_sqe *sqe = &ring->sqes[at];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	sqe->addr = (unsigned long)buf;
	sqe->len = len;
	sqe->user_data = tag;
	ring->sq_array[at] = at;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	ring->unsubmitted++;
}

/* Submit what is queued and wait for one result; 0 or -errno. */
static inline int uring_wait(struct uring *ring, int *result,
			     unsigned long long *tag)
{
	unsigned int head = *ring->cq_head;
	struct io_uring_cqe *cqe;
	int n;

	while (ring->unsubmitted ||
	       head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE)) {
		n = syscall(__NR_io_uring_enter, ring->fd, ring->unsubmitted, 1,
			    IORING_ENTER_GETEVENTS, NULL, 0);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			ring->unsubmitted -= n;
	}
	cqe = &ring->cqes[head & *ring->cq_mask];
	*result = cqe->res;
	*tag = cqe->user_data;
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return 0;
}

#endif /* _VCTP_SELFTESTS_URING_H */
