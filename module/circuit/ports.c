// SPDX-License-Identifier: GPL-2.0
/*
 * Bound ports: bind(), the ephemeral port of connect(), and which of two
 * sockets may share a port. The rules of bind() are TCP's.
 *
 * A port object lives in the bucket of its number while anybody has it. The
 * bucket's lock guards its lists and the owners' vctp_sock.port. Unlike TCP's,
 * a port that connect() chose is shared by any number of circuits: only their
 * 4-tuples have to differ, and the table of reservations sees to that.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/sock_reuseport.h>

#include "../net/net.h"
#include "internal.h"
#include "ports.h"
#include "time_wait.h"

static struct kmem_cache *vctp_port_cache;

/**
 * vctp_port_bucket() - where ports of a number are
 * @vn: the namespace
 * @number: the port, host order
 */
struct vctp_port_bucket *vctp_port_bucket(struct vctp_net *vn, u16 number)
{
	return &vn->ports[number & (VCTP_PORT_BUCKETS - 1)];
}

/**
 * vctp_ports_init() - the buckets of one namespace
 * @vn: the namespace
 *
 * Process context. Return: 0 or -ENOMEM.
 */
int vctp_ports_init(struct vctp_net *vn)
{
	int i;

	vn->ports = kvcalloc(VCTP_PORT_BUCKETS, sizeof(*vn->ports),
			     GFP_KERNEL_ACCOUNT);
	if (!vn->ports)
		return -ENOMEM;
	for (i = 0; i < VCTP_PORT_BUCKETS; i++) {
		spin_lock_init(&vn->ports[i].lock);
		INIT_HLIST_HEAD(&vn->ports[i].ports);
	}
	return 0;
}

/**
 * vctp_ports_exit() - the buckets go; no port is left in them
 * @vn: the namespace
 */
void vctp_ports_exit(struct vctp_net *vn)
{
	kvfree(vn->ports);
	vn->ports = NULL;
}

static struct vctp_port *vctp_port_find(struct vctp_port_bucket *bucket,
					u16 number, int l3mdev)
{
	struct vctp_port *port;

	hlist_for_each_entry(port, &bucket->ports, node)
		if (port->number == number && port->l3mdev == l3mdev)
			return port;
	return NULL;
}

/* Bucket lock. */
static struct vctp_port *vctp_port_create(struct vctp_port_bucket *bucket,
					  u16 number, int l3mdev)
{
	struct vctp_port *port = kmem_cache_zalloc(vctp_port_cache, GFP_ATOMIC);

	if (!port)
		return NULL;
	port->number = number;
	port->l3mdev = l3mdev;
	hlist_add_head_rcu(&port->node, &bucket->ports);
	return port;
}

static void vctp_port_free(struct rcu_head *rcu)
{
	kmem_cache_free(vctp_port_cache, container_of(rcu, struct vctp_port, rcu));
}

/* Bucket lock: gone with its last user; readers look for listeners still. */
static void vctp_port_release(struct vctp_port *port)
{
	if (!hlist_empty(&port->owners) || !hlist_empty(&port->time_waits))
		return;
	DEBUG_NET_WARN_ON_ONCE(!hlist_empty(&port->listeners));
	hlist_del_rcu(&port->node);
	call_rcu(&port->rcu, vctp_port_free);
}

/* Bucket lock. */
static void vctp_port_own(struct vctp_port *port, struct sock *sk, bool shared)
{
	struct vctp_sock *vs = vctp_sk(sk);
	bool reuse = sk->sk_reuse && sk->sk_state != TCP_LISTEN;

	if (hlist_empty(&port->owners) && hlist_empty(&port->time_waits))
		port->all_reuse = reuse && !shared;
	else if (!reuse || shared)
		port->all_reuse = false;
	if (vs->port)
		return;		/* listen() looked at its own port again */
	hlist_add_head(&vs->port_node, &port->owners);
	vs->port_shared = shared;
	if (!shared)
		port->bound++;
	inet_sk(sk)->inet_num = port->number;
	WRITE_ONCE(vs->port, port);
}

/* What the rules of bind() look at in who is there already. */
struct vctp_port_claim {
	int	bound_dev;
	kuid_t	uid;
	bool	reuse;		/* SO_REUSEADDR, and not listening */
	bool	reuseport;
	bool	time_wait;
};

/* How strict a question is. */
struct vctp_port_question {
	struct sock *sk;	/* who asks */
	bool	relax;		/* two with SO_REUSEADDR may share */
	bool	reuseport_ok;	/* two with SO_REUSEPORT may */
	bool	group_open;	/* and the asker is in no running group yet */
};

/* As inet_bind_conflict() has it, addresses left aside. */
static bool vctp_port_claims_conflict(const struct vctp_port_question *q,
				      const struct vctp_port_claim *other)
{
	const struct sock *sk = q->sk;
	bool same_user = other->time_wait || uid_eq(sk_uid(sk), other->uid);
	bool group = sk->sk_reuseport && other->reuseport && q->group_open &&
		     same_user;

	if (sk->sk_bound_dev_if && other->bound_dev &&
	    sk->sk_bound_dev_if != other->bound_dev)
		return false;
	if (sk->sk_reuse && other->reuse)
		return !q->relax || (!q->reuseport_ok && group);
	return !q->reuseport_ok || !group;
}

/* The address of a circuit in TIME_WAIT is one of those that @sk binds? */
static bool vctp_port_covers(const struct sock *sk, const struct in6_addr *local)
{
	bool v4 = ipv6_addr_v4mapped(local);

	if (sk->sk_family == AF_INET)
		return v4 && (!sk->sk_rcv_saddr ||
			      sk->sk_rcv_saddr == local->s6_addr32[3]);
	if (ipv6_addr_any(&sk->sk_v6_rcv_saddr))
		return !v4 || !ipv6_only_sock(sk);
	return ipv6_addr_equal(&sk->sk_v6_rcv_saddr, local);
}

/* Bucket lock. */
static bool vctp_port_conflict(struct vctp_port *port,
			       const struct vctp_port_question *q)
{
	struct vctp_time_wait *tw;
	struct vctp_sock *vs;

	hlist_for_each_entry(vs, &port->owners, port_node) {
		struct sock *other = &vs->inet.sk;
		struct vctp_port_claim claim = {
			.bound_dev = READ_ONCE(other->sk_bound_dev_if),
			.uid = sk_uid(other),
			.reuse = other->sk_reuse &&
				 READ_ONCE(other->sk_state) != TCP_LISTEN,
			.reuseport = other->sk_reuseport,
		};

		if (other != q->sk && vctp_port_claims_conflict(q, &claim) &&
		    vctp_net_address_conflict(q->sk, other, true))
			return true;
	}
	hlist_for_each_entry(tw, &port->time_waits, port_node) {
		struct vctp_port_claim claim = {
			.bound_dev = tw->entry.bound_dev,
			.reuse = tw->reuse,
			.reuseport = tw->reuseport,
			.time_wait = true,
		};

		if (vctp_port_claims_conflict(q, &claim) &&
		    vctp_port_covers(q->sk, &tw->entry.tuple.local))
			return true;
	}
	return false;
}

/* The socket is not in a SO_REUSEPORT group that runs already. */
static bool vctp_port_group_open(const struct sock *sk)
{
	struct sock_reuseport *group;
	bool open;

	rcu_read_lock();
	group = rcu_dereference(sk->sk_reuseport_cb);
	open = !group || READ_ONCE(group->num_closed_socks);
	rcu_read_unlock();
	return open;
}

/* Take port @number for bind() or listen(), if the rules allow. */
static int vctp_port_try(const struct vctp_port_question *q, u16 number)
{
	struct sock *sk = q->sk;
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_port_bucket *bucket = vctp_port_bucket(vn, number);
	bool reuse = sk->sk_reuse && sk->sk_state != TCP_LISTEN;
	int l3mdev = inet_sk_bound_l3mdev(sk);
	struct vctp_port *port;
	int err = 0;

	spin_lock_bh(&bucket->lock);
	port = vctp_sk(sk)->port;
	if (!port)
		port = vctp_port_find(bucket, number, l3mdev);
	if (!port)
		port = vctp_port_create(bucket, number, l3mdev);
	if (!port)
		err = -ENOMEM;
	else if (sk->sk_reuse != SK_FORCE_REUSE &&
		 !(q->relax && reuse && port->all_reuse) &&
		 vctp_port_conflict(port, q))
		err = -EADDRINUSE;
	else
		vctp_port_own(port, sk, false);
	spin_unlock_bh(&bucket->lock);
	return err;
}

/* A walk over all ephemeral ports from a random one on. */
struct vctp_ephemeral {
	u32	first, count;	/* of the range */
	u32	start, step;
};

/* IP_LOCAL_PORT_RANGE narrows the namespace's range; each bound by itself. */
static void vctp_ephemeral_init(struct vctp_ephemeral *walk,
				const struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	u32 first = READ_ONCE(vn->sysctl.port_min);
	u32 last = max_t(u32, first, READ_ONCE(vn->sysctl.port_max));
	u32 own = vctp_local_port_range(sk);

	if (unlikely(own)) {
		u32 low = own & U16_MAX, high = own >> 16;
		u32 least = first;

		if (low >= first && low <= last)
			first = low;
		if (high >= least && high <= last)
			last = max(high, first);
	}
	walk->first = first;
	walk->count = last - first + 1;
	walk->start = reciprocal_scale(vctp_random_u32(vn), walk->count);
	walk->step = 0;
}

/* The next port, or 0 after the last one. */
static u16 vctp_ephemeral_next(struct vctp_ephemeral *walk)
{
	u32 place = walk->start + walk->step;

	if (walk->step == walk->count)
		return 0;
	if (!(++walk->step & 63))
		cond_resched();
	return walk->first + (place < walk->count ? place : place - walk->count);
}

/**
 * vctp_port_get() - bind() to a port, or look at the rules again for listen()
 * @sk: the socket; locked, its address set
 * @number: the port, host order; 0: any ephemeral one
 *
 * Return: 0; -EADDRINUSE where the rules forbid it; -ENOMEM.
 */
int vctp_port_get(struct sock *sk, unsigned short number)
{
	struct vctp_port_question q = {
		.sk = sk,
		.relax = number,
		.reuseport_ok = number,
		.group_open = vctp_port_group_open(sk),
	};
	struct vctp_ephemeral walk;
	int err;

	if (number)
		return vctp_port_try(&q, number);

	vctp_ephemeral_init(&walk, sk);
	while ((number = vctp_ephemeral_next(&walk))) {
		err = vctp_port_try(&q, number);
		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRINUSE;
}

/* A port that nobody bound by name, with a 4-tuple that nobody has. */
static int vctp_port_try_connect(struct sock *sk, u16 number)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_port_bucket *bucket = vctp_port_bucket(vn, number);
	struct vctp_entry *entry = &vctp_sk(sk)->entry;
	int l3mdev = inet_sk_bound_l3mdev(sk);
	struct vctp_port *port;
	int err = -EEXIST;

	spin_lock_bh(&bucket->lock);
	port = vctp_port_find(bucket, number, l3mdev);
	if (port && port->bound)
		goto unlock;
	entry->tuple.local_port = htons(number);
	err = vctp_reserve(vn, entry);
	if (err)
		goto unlock;
	if (!port)
		port = vctp_port_create(bucket, number, l3mdev);
	if (port)
		vctp_port_own(port, sk, true);
	else
		err = -ENOMEM;
unlock:
	spin_unlock_bh(&bucket->lock);
	if (err == -ENOMEM)
		vctp_leave(vn, entry);
	return err;
}

/**
 * vctp_port_connect() - a local port for connect(), and the 4-tuple reserved
 * @sk: the socket; locked, addresses and the remote port set, in no table
 *
 * RFC 6056, 3.3.1: a random port. A port from bind() is kept.
 *
 * Return: 0; -EADDRNOTAVAIL where the 4-tuple, or every one, is taken;
 * -ENOMEM.
 */
int vctp_port_connect(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_entry *entry = &vctp_sk(sk)->entry;
	struct inet_sock *inet = inet_sk(sk);
	struct vctp_ephemeral walk;
	int err = -EEXIST;
	u16 number;

	vctp_net_tuple_of(sk, &entry->tuple);
	entry->tuple.peer_id = 0;
	entry->id = 0;
	entry->bound_dev = sk->sk_bound_dev_if;
	if (inet->inet_num) {
		entry->tuple.local_port = htons(inet->inet_num);
		err = vctp_reserve(vn, entry);
	} else {
		vctp_ephemeral_init(&walk, sk);
		while (err == -EEXIST && (number = vctp_ephemeral_next(&walk)))
			err = vctp_port_try_connect(sk, number);
	}
	if (!err)
		inet->inet_sport = htons(inet->inet_num);
	else if (err == -EEXIST)
		err = -EADDRNOTAVAIL;
	else
		err = -ENOMEM;
	return err;
}

/**
 * vctp_port_put() - give up the port
 * @sk: the socket; its lock, or nobody else's; any context but hard IRQ
 */
void vctp_port_put(struct sock *sk)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_sock *vs = vctp_sk(sk);
	struct vctp_port *port = vs->port;
	struct vctp_port_bucket *bucket;

	if (!port)
		return;
	bucket = vctp_port_bucket(vn, port->number);
	spin_lock_bh(&bucket->lock);
	hlist_del_init(&vs->port_node);
	if (!vs->port_shared)
		port->bound--;
	WRITE_ONCE(vs->port, NULL);
	inet_sk(sk)->inet_num = 0;
	vctp_port_release(port);
	spin_unlock_bh(&bucket->lock);
}

/**
 * vctp_port_inherit() - a child shares its listener's port
 * @child: locked, without a port
 * @listener: not locked; RCU
 *
 * Return: 0; -ENOENT where the listener has let go of it.
 */
int vctp_port_inherit(struct sock *child, struct sock *listener)
{
	struct vctp_net *vn = vctp_net(sock_net(listener));
	struct vctp_port *port = READ_ONCE(vctp_sk(listener)->port);
	struct vctp_port_bucket *bucket;
	int err = -ENOENT;

	if (!port)
		return err;
	bucket = vctp_port_bucket(vn, port->number);
	spin_lock_bh(&bucket->lock);
	if (vctp_sk(listener)->port == port) {
		vctp_port_own(port, child, false);
		err = 0;
	}
	spin_unlock_bh(&bucket->lock);
	return err;
}

/**
 * vctp_port_time_wait() - a TIME_WAIT object of mode `classic` holds the port
 * @sk: whose port it is; locked
 * @tw: the object; nobody else knows of it yet
 */
void vctp_port_time_wait(struct sock *sk, struct vctp_time_wait *tw)
{
	struct vctp_net *vn = vctp_net(sock_net(sk));
	struct vctp_port *port = vctp_sk(sk)->port;
	struct vctp_port_bucket *bucket;

	if (!port)
		return;
	bucket = vctp_port_bucket(vn, port->number);
	spin_lock_bh(&bucket->lock);
	hlist_add_head(&tw->port_node, &port->time_waits);
	tw->port = port;
	tw->port_shared = vctp_sk(sk)->port_shared;
	if (!tw->port_shared)
		port->bound++;
	spin_unlock_bh(&bucket->lock);
}

/**
 * vctp_port_time_wait_put() - a TIME_WAIT object lets go of its port
 * @vn: the namespace
 * @tw: the object; its lock
 */
void vctp_port_time_wait_put(struct vctp_net *vn, struct vctp_time_wait *tw)
{
	struct vctp_port *port = tw->port;
	struct vctp_port_bucket *bucket;

	if (!port)
		return;
	bucket = vctp_port_bucket(vn, port->number);
	spin_lock_bh(&bucket->lock);
	hlist_del(&tw->port_node);
	tw->port = NULL;
	if (!tw->port_shared)
		port->bound--;
	vctp_port_release(port);
	spin_unlock_bh(&bucket->lock);
}

/**
 * vctp_port_module_init() - the slab of port objects
 *
 * Return: 0 or -ENOMEM.
 */
int vctp_port_module_init(void)
{
	vctp_port_cache = KMEM_CACHE(vctp_port, SLAB_ACCOUNT);
	return vctp_port_cache ? 0 : -ENOMEM;
}

/**
 * vctp_port_module_exit() - the slab goes, after the last grace period
 */
void vctp_port_module_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(vctp_port_cache);
}
