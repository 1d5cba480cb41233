/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hosts: network namespaces, each with a card or two whose wire is a file
 * descriptor of ours.
 */
#ifndef _SIM_HOSTS_H
#define _SIM_HOSTS_H

#include <netinet/in.h>

#include "scenario.h"

#define PACKET_MOST	65536

enum card_number {
	CARD_LEFT = LEFT,
	CARD_RIGHT = RIGHT,
	CARD_ROUTER_LEFT,	/* the router's, towards the left */
	CARD_ROUTER_RIGHT,
	CARDS,
};

struct card {
	enum host host;
	const char *name;
	bool used;
	bool down;
	int fd;			/* TUN: what it sends and receives */
};

extern struct card cards[CARDS];

void hosts_make(const struct scenario *scenario, bool vctp);
void hosts_check(void);
void hosts_seed(const struct scenario *scenario);
void host_enter(enum host host);
void host_address(enum host host, u64 family, u16 port,
		  struct sockaddr_storage *address, socklen_t *len);
void card_up(enum card_number which, bool up);
void card_mtu(enum card_number which, u64 bytes);
int host_file(enum host host, const char *path);
bool setting(const char *path, const char *value);

#endif /* _SIM_HOSTS_H */
