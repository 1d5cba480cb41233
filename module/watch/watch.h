/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The windows: what a namespace shows of itself, and how it is set.
 */
#ifndef _VCTP_WATCH_H
#define _VCTP_WATCH_H

#include "../circuit/namespace.h"

/* counters.c: first of all, since everything counts. 0 or -ENOMEM. */
int vctp_counters_net_init(struct vctp_net *vn);
void vctp_counters_net_exit(struct vctp_net *vn);

/* sysctl.c: the defaults are set even where there are no sysctls. */
int vctp_sysctl_net_init(struct vctp_net *vn);
void vctp_sysctl_net_exit(struct vctp_net *vn);

/* proc.c: /proc/net/vctp_snmp and vctp_sockstat, and list.c's two. */
int vctp_proc_net_init(struct vctp_net *vn);
void vctp_proc_net_exit(struct vctp_net *vn);

/* list.c: /proc/net/vctp and vctp6. */
int vctp_list_net_init(struct vctp_net *vn);
void vctp_list_net_exit(struct vctp_net *vn);

#endif /* _VCTP_WATCH_H */
