// SPDX-License-Identifier: GPL-2.0
/*
 * Written packet by packet, unbuffered: it has to be there when the kernel
 * stops in the middle.
 */
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pcap.h"

#define PCAP_MAGIC	0xa1b2c3d4U	/* µs */
#define LINKTYPE_RAW	101		/* IPv4 and IPv6 without a frame */

struct pcap_file {
	u32 magic;
	u16 major, minor;
	u32 zone, accuracy;
	u32 snap;
	u32 link;
};

struct pcap_record {
	u32 seconds, useconds;
	u32 kept, len;
};

static int pcap_fd = -1;

/**
 * pcap_open() - packets go there from now on
 * @path: a file; written anew
 */
void pcap_open(const char *path)
{
	const struct pcap_file head = {
		.magic = PCAP_MAGIC, .major = 2, .minor = 4,
		.snap = 65535, .link = LINKTYPE_RAW,
	};

	pcap_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (pcap_fd < 0 || write(pcap_fd, &head, sizeof(head)) != sizeof(head))
		err(1, "%s", path);
}

/**
 * pcap_packet() - one packet, where a file is open
 * @at_us: when, since the beginning
 * @data: its IP header
 * @len: of all of it
 */
void pcap_packet(s64 at_us, const u8 *data, size_t len)
{
	u8 record[sizeof(struct pcap_record) + 65536];
	const struct pcap_record head = {
		.seconds = at_us / USEC_PER_SEC,
		.useconds = at_us % USEC_PER_SEC,
		.kept = len, .len = len,
	};

	if (pcap_fd < 0 || len > 65535)
		return;
	memcpy(record, &head, sizeof(head));
	memcpy(record + sizeof(head), data, len);
	if (write(pcap_fd, record, sizeof(head) + len) < 0)
		err(1, "pcap");
}
