/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The face to programs: one file for each group of calls.
 */
#ifndef _VCTP_SOCKET_H
#define _VCTP_SOCKET_H

#include <linux/net.h>
#include <net/sock.h>

#include "../circuit/circuit.h"

/* socket.c: creation, and the tables of calls. */
extern struct proto vctp_prot;
extern struct proto vctp6_prot;
extern const struct proto_ops vctp_stream_ops;
extern const struct proto_ops vctp6_stream_ops;
/* Pages of all sockets: no pressure, pressure, the limit (net.vctp.mem). */
extern long vctp_mem[3];
int vctp_socket_module_init(void);
void vctp_socket_module_exit(void);
/* Programs can make sockets: when all else is ready. */
int vctp_protosw_init(void);
void vctp_protosw_exit(void);

/* Data or room or an end: wake who waits. Called by circuit/. */
void vctp_socket_readable(struct sock *sk);
void vctp_socket_writable(struct sock *sk);

#endif /* _VCTP_SOCKET_H */
