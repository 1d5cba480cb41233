// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/vctp and /proc/net/vctp6: listeners, then all that the table of
 * identifiers holds: circuits, half-open requests, TIME_WAIT.
 *
 * The columns up to the inode are those of /proc/net/tcp, under the same
 * numbers; after them come the state's name, the two identifiers and the name
 * of the timer that "tr" and "tm->when" tell of. A socket is listed by its
 * family, a request or TIME_WAIT by its addresses.
 *
 * Nothing is locked for longer than one buffer of text. A circuit that comes
 * or goes meanwhile may be left out; where the table grows meanwhile, some
 * are shown twice.
 */
#include <linux/proc_fs.h>
#include <linux/rhashtable.h>
#include <linux/seq_file.h>

#include "../circuit/internal.h"
#include "../circuit/request.h"
#include "../circuit/time_wait.h"
#include "../compat.h"
#include "watch.h"

/* Where one reader stands. */
struct vctp_list {
	struct vctp_net *vn;
	struct rhashtable_iter circuits;
	u32	bucket, skip;	/* of the listener now shown, among the ports */
	bool	at_circuits;	/* all listeners were shown */
	u16	family;
};

/* What differs between the kinds of line. */
struct vctp_line {
	unsigned long expires;	/* jiffies */
	unsigned long inode;
	const char *timer_name;
	u32	tx, rx;		/* bytes; listeners: connections */
	kuid_t	uid;
	u8	timer;		/* as /proc/net/tcp has it; 5: orphan's end */
	u8	retransmits;
	u8	probes;
};

static void vctp_line_timer(struct vctp_line *line, u8 number, const char *name,
			    unsigned long expires)
{
	line->timer = number;
	line->timer_name = name;
	line->expires = expires;
}

static void vctp_line_socket(struct vctp_line *line, struct sock *sk)
{
	struct vctp_sock *vs = vctp_sk(sk);
	u8 event;

	line->uid = sk_uid(sk);
	line->inode = sock_i_ino(sk);
	if (inet_sk_state_load(sk) == TCP_LISTEN) {
		line->rx = READ_ONCE(vs->accept.count);
		line->tx = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	/* Nothing is locked: a difference may be negative for a moment. */
	line->tx = max_t(s64, READ_ONCE(vs->write_seq) -
			      READ_ONCE(vs->snd.una), 0);
	line->rx = max_t(s64, READ_ONCE(vs->rwnd.next) -
			      READ_ONCE(vs->copied), 0);
	line->retransmits = READ_ONCE(vs->retransmits);
	line->probes = max(READ_ONCE(vs->probes), READ_ONCE(vs->keep_unanswered));

	/* The timer itself may still run where nothing is armed any more. */
	event = READ_ONCE(vs->timer_event);
	if (event != VCTP_TIMER_NONE && timer_pending(&vs->snd_timer)) {
		vctp_line_timer(line, event == VCTP_TIMER_PROBE ? 4 : 1,
				event == VCTP_TIMER_PROBE ? "probe" : "retransmit",
				READ_ONCE(vs->snd_expires));
	} else if (timer_pending(&vs->linger_timer)) {
		vctp_line_timer(line, 5, "linger", vs->linger_timer.expires);
	} else if (timer_pending(&sk->sk_timer)) {
		vctp_line_timer(line, 2, "keepalive", sk->sk_timer.expires);
	}
}

static void vctp_line_fill(struct vctp_line *line, struct vctp_entry *entry)
{
	*line = (struct vctp_line) {
		.expires = jiffies,
		.timer_name = "off",
		.uid = GLOBAL_ROOT_UID,
	};
	switch (entry->kind) {
	case VCTP_KIND_SOCKET:
		vctp_line_socket(line, vctp_entry_sk(entry));
		break;
	case VCTP_KIND_REQUEST:
		line->uid = sk_uid(vctp_request(entry)->listener);
		line->retransmits = READ_ONCE(vctp_request(entry)->timeouts);
		vctp_line_timer(line, 1, "synack",
				vctp_request(entry)->timer.expires);
		break;
	case VCTP_KIND_TIME_WAIT:
		line->uid = vctp_time_wait(entry)->uid;
		vctp_line_timer(line, 3, "timewait",
				vctp_time_wait(entry)->ends);
		break;
	}
}

static void vctp_list_address(struct seq_file *m, u16 family,
			      const struct in6_addr *a, __be16 port)
{
	if (family == AF_INET)
		seq_printf(m, " %08X:%04X", (__force u32)a->s6_addr32[3],
			   ntohs(port));
	else
		seq_printf(m, " %08X%08X%08X%08X:%04X",
			   (__force u32)a->s6_addr32[0],
			   (__force u32)a->s6_addr32[1],
			   (__force u32)a->s6_addr32[2],
			   (__force u32)a->s6_addr32[3], ntohs(port));
}

static void vctp_list_addresses(struct seq_file *m, struct vctp_entry *entry,
				u16 family)
{
	const struct vctp_tuple *tuple = &entry->tuple;
	struct vctp_tuple any = {};

	/* A listener is in no table, and has no tuple. */
	if (entry->kind == VCTP_KIND_SOCKET &&
	    vctp_entry_state(entry) == VCTP_S_LISTEN) {
		const struct sock *sk = vctp_entry_sk(entry);

		any.local_port = inet_sk(sk)->inet_sport;
		if (family == AF_INET)
			any.local.s6_addr32[3] = inet_sk(sk)->inet_rcv_saddr;
		else
			any.local = sk->sk_v6_rcv_saddr;
		tuple = &any;
	}
	vctp_list_address(m, family, &tuple->local, tuple->local_port);
	vctp_list_address(m, family, &tuple->remote, tuple->remote_port);
}

static u16 vctp_list_family(struct vctp_entry *entry)
{
	if (entry->kind == VCTP_KIND_SOCKET)
		return vctp_entry_sk(entry)->sk_family;
	return vctp_tuple_is_v4(&entry->tuple) ? AF_INET : AF_INET6;
}

static int vctp_list_show(struct seq_file *m, void *v)
{
	struct vctp_list *list = m->private;
	struct vctp_entry *entry = v;
	struct vctp_line line;
	u8 state;

	if (v == SEQ_START_TOKEN) {
		seq_printf(m, "  sl  %-*s %-*s st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode state id peer_id timer\n",
			   list->family == AF_INET ? 13 : 37, "local_address",
			   list->family == AF_INET ? 13 : 37, "remote_address");
		return 0;
	}
	vctp_line_fill(&line, entry);
	state = vctp_entry_state(entry);
	seq_printf(m, "%4llu:", (unsigned long long)m->index - 1);
	vctp_list_addresses(m, entry, list->family);
	seq_printf(m, " %02X %08X:%08X %02X:%08lX %08X %5u %8d %lu %s %08x %08x %s\n",
		   state, line.tx, line.rx, line.timer,
		   jiffies_delta_to_clock_t(line.expires - jiffies),
		   line.retransmits,
		   from_kuid_munged(seq_user_ns(m), line.uid), line.probes,
		   line.inode, vctp_state_name(state), entry->id,
		   entry->tuple.peer_id, line.timer_name);
	return 0;
}

/* The listener at or after where we stand; NULL: there are no more. RCU. */
static struct vctp_entry *vctp_list_listener(struct vctp_list *list)
{
	struct sock *sk;

	for (;; list->skip++) {
		sk = vctp_port_walk(list->vn, &list->bucket, &list->skip);
		if (!sk)
			return NULL;
		if (sk->sk_family == list->family)
			return &vctp_sk(sk)->entry;
	}
}

/* The circuit where we stand, or the one after it. RCU. */
static struct vctp_entry *vctp_list_circuit(struct vctp_list *list, bool after)
{
	struct vctp_entry *entry;

	entry = after ? rhashtable_walk_next(&list->circuits) :
			rhashtable_walk_peek(&list->circuits);
	while (entry && (IS_ERR(entry) || vctp_list_family(entry) != list->family))
		entry = rhashtable_walk_next(&list->circuits);
	return entry;
}

static void *vctp_list_here(struct vctp_list *list)
{
	struct vctp_entry *entry;

	if (!list->at_circuits) {
		entry = vctp_list_listener(list);
		if (entry)
			return entry;
		list->at_circuits = true;
	}
	return vctp_list_circuit(list, false);
}

static void vctp_list_rewind(struct vctp_list *list)
{
	rhashtable_walk_exit(&list->circuits);
	rhashtable_walk_enter(&list->vn->ids, &list->circuits);
	list->bucket = 0;
	list->skip = 0;
	list->at_circuits = false;
}

static void *vctp_list_start(struct seq_file *m, loff_t *pos)
	__acquires(RCU)
{
	struct vctp_list *list = m->private;

	if (!*pos)
		vctp_list_rewind(list);
	rhashtable_walk_start(&list->circuits);
	return *pos ? vctp_list_here(list) : SEQ_START_TOKEN;
}

static void *vctp_list_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct vctp_list *list = m->private;

	++*pos;
	if (v == SEQ_START_TOKEN)
		return vctp_list_here(list);
	if (list->at_circuits)
		return vctp_list_circuit(list, true);
	list->skip++;
	return vctp_list_here(list);
}

static void vctp_list_stop(struct seq_file *m, void *v)
	__releases(RCU)
{
	struct vctp_list *list = m->private;

	rhashtable_walk_stop(&list->circuits);
}

static const struct seq_operations vctp_list_ops = {
	.start	= vctp_list_start,
	.next	= vctp_list_next,
	.stop	= vctp_list_stop,
	.show	= vctp_list_show,
};

static int vctp_list_open(struct file *file, struct net *net, u16 family)
{
	struct vctp_list *list = __seq_open_private(file, &vctp_list_ops,
						    sizeof(*list));

	if (!list)
		return -ENOMEM;
	list->vn = vctp_net(net);
	list->family = family;
	rhashtable_walk_enter(&list->vn->ids, &list->circuits);
	return 0;
}

static int vctp_list_open_v4(struct inode *inode, struct file *file)
{
	return vctp_list_open(file, pde_data(inode), AF_INET);
}

static int vctp_list_open_v6(struct inode *inode, struct file *file)
{
	return vctp_list_open(file, pde_data(inode), AF_INET6);
}

static int vctp_list_release(struct inode *inode, struct file *file)
{
	struct vctp_list *list = ((struct seq_file *)file->private_data)->private;

	rhashtable_walk_exit(&list->circuits);
	return seq_release_private(inode, file);
}

/* The entry's removal closes what is open: the namespace outlives us. */
static const struct proc_ops vctp_list_v4_ops = {
	.proc_open	= vctp_list_open_v4,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= vctp_list_release,
};

static const struct proc_ops vctp_list_v6_ops = {
	.proc_open	= vctp_list_open_v6,
	.proc_read	= seq_read,
	.proc_lseek	= seq_lseek,
	.proc_release	= vctp_list_release,
};

/**
 * vctp_list_net_init() - a namespace's lists of sockets
 * @vn: the namespace, its tables in place
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_list_net_init(struct vctp_net *vn)
{
	struct proc_dir_entry *dir = vn->net->proc_net;

	if (!proc_create_data("vctp", 0444, dir, &vctp_list_v4_ops, vn->net))
		return -ENOMEM;
	if (!proc_create_data("vctp6", 0444, dir, &vctp_list_v6_ops, vn->net)) {
		remove_proc_entry("vctp", dir);
		return -ENOMEM;
	}
	return 0;
}

/**
 * vctp_list_net_exit() - the lists go; whoever has one open reads no further
 * @vn: the namespace
 */
void vctp_list_net_exit(struct vctp_net *vn)
{
	remove_proc_entry("vctp6", vn->net->proc_net);
	remove_proc_entry("vctp", vn->net->proc_net);
}
