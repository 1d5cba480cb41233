// SPDX-License-Identifier: GPL-2.0
/* Options at SOL_TCP, and their twins at SOL_VCTP. */
#include <linux/capability.h>
#include "api.h"

static void probe(const struct api_env *env, int option)
{
	static const int values[] = { 0, 1, 2, 77, -1, 300, 40000, 0x7fffffff };
	int fd = api_socket(env);
	unsigned int i;

	NOTE(api_get(fd, env->level, option));
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		NOTE(api_set(fd, env->level, option, values[i]));
		NOTE(api_get(fd, env->level, option));
	}
}

CASE_FLAGS(tcp_nodelay, "S13", "TCP_NODELAY", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_NODELAY), 0);
	WANT(api_set(fd, env->level, TCP_NODELAY, 5), 0);
	WANT(api_get(fd, env->level, TCP_NODELAY), 1);
	probe(env, TCP_NODELAY);
}

CASE_FLAGS(tcp_cork, "S13", "TCP_CORK", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_CORK), 0);
	WANT(api_set(fd, env->level, TCP_CORK, 1), 0);
	WANT(api_get(fd, env->level, TCP_CORK), 1);
	probe(env, TCP_CORK);
}

CASE_FLAGS(tcp_maxseg, "S13", "TCP_MAXSEG before a connection", API_TWIN)
{
	int fd = api_socket(env);

	WANT_EACH(api_get(fd, env->level, TCP_MAXSEG), 536, 524,
		  "a packet of 576 bytes less the headers");
	WANT(api_set(fd, env->level, TCP_MAXSEG, 1000), 0);
	NOTE(api_get(fd, env->level, TCP_MAXSEG));
	WANT(api_set(fd, env->level, TCP_MAXSEG, 87), -EINVAL);
	WANT(api_set(fd, env->level, TCP_MAXSEG, 88), 0);
	WANT(api_set(fd, env->level, TCP_MAXSEG, 32768), -EINVAL);
	WANT(api_set(fd, env->level, TCP_MAXSEG, -1), -EINVAL);
	WANT(api_set(fd, env->level, TCP_MAXSEG, 0), 0);
}

CASE_FLAGS(tcp_maxseg_connected, "S13", "TCP_MAXSEG bounds segments", API_TWIN)
{
	int client = api_socket(env), fd[2], listener, mss;

	listener = api_listener(env, 1, NULL);
	NEED(api_set(client, env->level, TCP_MAXSEG, 1000));
	api_join_pair(env, client, listener, fd);
	/* TCP subtracts its options; VCTP's are in its header. */
	mss = api_get(fd[0], env->level, TCP_MAXSEG);
	WANT(mss >= 988 && mss <= 1000, 1);
	mss = api_get(fd[1], env->level, TCP_MAXSEG);
	WANT(mss >= 988 && mss <= 1000, 1);
}

CASE_FLAGS(tcp_maxseg_path, "S13", "TCP_MAXSEG follows the device", API_TWIN)
{
	int fd[2], mss;

	api_pair(env, fd);
	mss = api_get(fd[0], env->level, TCP_MAXSEG);
	/* An MTU of 65536, or what of it a segment can have. */
	WANT(mss > 30000 && mss < 65536, 1);
}

CASE_FLAGS(tcp_keepidle, "S5", "TCP_KEEPIDLE", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_KEEPIDLE), 7200);
	WANT(api_set(fd, env->level, TCP_KEEPIDLE, 0), -EINVAL);
	WANT(api_set(fd, env->level, TCP_KEEPIDLE, 32767), 0);
	WANT(api_set(fd, env->level, TCP_KEEPIDLE, 32768), -EINVAL);
	WANT(api_get(fd, env->level, TCP_KEEPIDLE), 32767);
	probe(env, TCP_KEEPIDLE);
}

CASE_FLAGS(tcp_keepintvl, "S5", "TCP_KEEPINTVL", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_KEEPINTVL), 75);
	WANT(api_set(fd, env->level, TCP_KEEPINTVL, 0), -EINVAL);
	WANT(api_set(fd, env->level, TCP_KEEPINTVL, 32768), -EINVAL);
	probe(env, TCP_KEEPINTVL);
}

CASE_FLAGS(tcp_keepcnt, "S5", "TCP_KEEPCNT", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_KEEPCNT), 9);
	WANT(api_set(fd, env->level, TCP_KEEPCNT, 127), 0);
	WANT(api_set(fd, env->level, TCP_KEEPCNT, 128), -EINVAL);
	probe(env, TCP_KEEPCNT);
}

CASE_FLAGS(tcp_syncnt, "S13", "TCP_SYNCNT", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_SYNCNT), 6);
	WANT(api_set(fd, env->level, TCP_SYNCNT, 127), 0);
	WANT(api_set(fd, env->level, TCP_SYNCNT, 128), -EINVAL);
	WANT(api_set(fd, env->level, TCP_SYNCNT, 0), -EINVAL);
	probe(env, TCP_SYNCNT);
}

CASE_FLAGS(tcp_linger2, "S5", "TCP_LINGER2", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_LINGER2), 60);
	WANT(api_set(fd, env->level, TCP_LINGER2, -7), 0);
	WANT(api_get(fd, env->level, TCP_LINGER2), -1);
	WANT(api_set(fd, env->level, TCP_LINGER2, 0), 0);
	WANT(api_get(fd, env->level, TCP_LINGER2), 60);
	probe(env, TCP_LINGER2);
}

CASE_FLAGS(tcp_defer_accept, "S13", "TCP_DEFER_ACCEPT rounds to repeats",
	   API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_DEFER_ACCEPT), 0);
	WANT(api_set(fd, env->level, TCP_DEFER_ACCEPT, 1), 0);
	WANT(api_get(fd, env->level, TCP_DEFER_ACCEPT), 1);
	WANT(api_set(fd, env->level, TCP_DEFER_ACCEPT, 4), 0);
	WANT(api_get(fd, env->level, TCP_DEFER_ACCEPT), 7);
	NOTE(api_set(fd, env->level, TCP_DEFER_ACCEPT, -1));
	NOTE(api_get(fd, env->level, TCP_DEFER_ACCEPT));
}

CASE_FLAGS(tcp_window_clamp, "S8", "TCP_WINDOW_CLAMP", API_TWIN)
{
	int fd = api_socket(env);

	NOTE(api_get(fd, env->level, TCP_WINDOW_CLAMP));
	WANT(api_set(fd, env->level, TCP_WINDOW_CLAMP, 20000), 0);
	WANT(api_get(fd, env->level, TCP_WINDOW_CLAMP), 20000);
	WANT(api_set(fd, env->level, TCP_WINDOW_CLAMP, 0), 0);
}

CASE_FLAGS(tcp_user_timeout, "S5", "TCP_USER_TIMEOUT", API_TWIN)
{
	int fd = api_socket(env);

	WANT(api_get(fd, env->level, TCP_USER_TIMEOUT), 0);
	WANT(api_set(fd, env->level, TCP_USER_TIMEOUT, 12345), 0);
	WANT(api_get(fd, env->level, TCP_USER_TIMEOUT), 12345);
	WANT(api_set(fd, env->level, TCP_USER_TIMEOUT, -1), -EINVAL);
	WANT(api_get(fd, env->level, TCP_USER_TIMEOUT), 12345);
	WANT(api_set(fd, env->level, TCP_USER_TIMEOUT, 0), 0);
}

CASE_FLAGS(tcp_quickack, "S13", "TCP_QUICKACK", API_TWIN)
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_set(fd[1], env->level, TCP_QUICKACK, 1), 0);
	WANT(api_get(fd[1], env->level, TCP_QUICKACK), 1);
	WANT(api_set(fd[1], env->level, TCP_QUICKACK, 0), 0);
	WANT(api_get(fd[1], env->level, TCP_QUICKACK), 0);
}

CASE_FLAGS(tcp_quickack_fresh, "S13", "TCP_QUICKACK of a fresh socket",
	   API_TWIN)
{
	int fd = api_socket(env);

	NOTE(api_get(fd, env->level, TCP_QUICKACK));
	NOTE(api_set(fd, env->level, TCP_QUICKACK, 0));
	NOTE(api_get(fd, env->level, TCP_QUICKACK));
}

CASE_FLAGS(tcp_notsent_lowat, "S13", "TCP_NOTSENT_LOWAT", API_TWIN)
{
	int fd = api_socket(env);

	NOTE(api_get(fd, env->level, TCP_NOTSENT_LOWAT));
	WANT(api_set(fd, env->level, TCP_NOTSENT_LOWAT, 16384), 0);
	WANT(api_get(fd, env->level, TCP_NOTSENT_LOWAT), 16384);
	NOTE(api_set(fd, env->level, TCP_NOTSENT_LOWAT, 0));
	NOTE(api_get(fd, env->level, TCP_NOTSENT_LOWAT));
}

static int set_name(int fd, int level, const char *name)
{
	return setsockopt(fd, level, TCP_CONGESTION, name, strlen(name));
}

CASE_FLAGS(tcp_congestion, "S9", "TCP_CONGESTION: known and unknown names",
	   API_TWIN)
{
	char name[64] = "";
	socklen_t len = sizeof(name);
	int fd = api_socket(env);

	WANT(set_name(fd, env->level, "reno"), 0);
	WANT(getsockopt(fd, env->level, TCP_CONGESTION, name, &len), 0);
	WANT_STR(name, "reno");
	WANT(len, 16);
	WANT(set_name(fd, env->level, "no-such-thing"), -ENOENT);
	WANT(set_name(fd, env->level, "reno-and-much-more-than-16"), -ENOENT);
	WANT(set_name(fd, env->level, ""), -EINVAL);
	len = 4;
	memset(name, 0, sizeof(name));
	WANT(getsockopt(fd, env->level, TCP_CONGESTION, name, &len), 0);
	WANT(len, 4);
	WANT_STR(name, "reno");
}

CASE_FLAGS(tcp_congestion_live, "S9", "TCP_CONGESTION while connected",
	   API_TWIN)
{
	char c;
	int fd[2];

	api_pair(env, fd);
	WANT(set_name(fd[0], env->level, "reno"), 0);
	WANT(send(fd[0], "x", 1, 0), 1);
	WANT(recv(fd[1], &c, 1, 0), 1);
	WANT(set_name(fd[0], env->level, "none-such"), -ENOENT);
	WANT(api_get(fd[0], env->level, TCP_CONGESTION), 0x6f6e6572);
}

CASE_FLAGS(tcp_info, "S2", "TCP_INFO: state, and a length that is kept",
	   API_TWIN)
{
	unsigned char info[512];
	socklen_t len = 1;
	int fd[2], fresh = api_socket(env);

	api_pair(env, fd);
	memset(info, 0x5a, sizeof(info));
	WANT(getsockopt(fd[0], env->level, TCP_INFO, info, &len), 0);
	WANT(info[0], VCTP_ESTABLISHED);
	WANT(info[1], 0x5a);
	WANT(len, 1);
	len = sizeof(info);
	WANT(getsockopt(fd[0], env->level, TCP_INFO, info, &len), 0);
	WANT(len >= 100 && len < sizeof(info), 1);
	WANT(getsockopt(fresh, env->level, TCP_INFO, info, &len), 0);
	WANT(info[0], VCTP_CLOSED);
	WANT(api_set(fd[0], env->level, TCP_INFO, 1), -ENOPROTOOPT);
	len = -1;
	WANT(getsockopt(fd[0], env->level, TCP_INFO, info, &len), -EINVAL);
}

CASE(tcp_info_layout, "S13", "TCP_INFO at SOL_TCP is TCP's struct")
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);
	int fd[2];
	char c;

	api_pair(env, fd);
	NEED(send(fd[0], "x", 1, 0));
	NEED(recv(fd[1], &c, 1, 0));
	WANT(getsockopt(fd[0], SOL_TCP, TCP_INFO, &info, &len), 0);
	WANT(info.tcpi_state, VCTP_ESTABLISHED);
	WANT(info.tcpi_rto > 0, 1);
	WANT(info.tcpi_snd_mss > 500, 1);
	WANT(info.tcpi_advmss > 500, 1);
	WANT(info.tcpi_pmtu > 1000, 1);
	WANT(info.tcpi_snd_cwnd > 0, 1);
	WANT(info.tcpi_retransmits, 0);
	WANT(info.tcpi_total_retrans, 0);
}

CASE_FLAGS(tcp_short, "S13", "a value cut short is EINVAL", API_TWIN)
{
	int value = 1, fd = api_socket(env);
	socklen_t len;

	WANT(setsockopt(fd, env->level, TCP_NODELAY, &value, 3), -EINVAL);
	WANT(setsockopt(fd, env->level, TCP_NODELAY, &value, 0), -EINVAL);
	WANT(setsockopt(fd, env->level, TCP_KEEPIDLE, &value, 2), -EINVAL);
	value = -1;
	len = 2;
	WANT(getsockopt(fd, env->level, TCP_NODELAY, &value, &len), 0);
	WANT(len, 2);
	WANT(value & 0xffff, 0);
	len = 100;
	WANT(getsockopt(fd, env->level, TCP_NODELAY, &value, &len), 0);
	WANT(len, 4);
	len = -1;
	WANT(getsockopt(fd, env->level, TCP_NODELAY, &value, &len), -EINVAL);
}

CASE_FLAGS(tcp_keep_live, "S5", "keepalive options while connected", API_TWIN)
{
	int fd[2];

	api_pair(env, fd);
	WANT(api_set(fd[0], SOL_SOCKET, SO_KEEPALIVE, 1), 0);
	WANT(api_set(fd[0], env->level, TCP_KEEPIDLE, 100), 0);
	WANT(api_set(fd[0], env->level, TCP_KEEPINTVL, 10), 0);
	WANT(api_set(fd[0], env->level, TCP_KEEPCNT, 3), 0);
	WANT(api_get(fd[0], env->level, TCP_KEEPIDLE), 100);
	WANT(api_get(fd[0], env->level, TCP_KEEPINTVL), 10);
	WANT(api_get(fd[0], env->level, TCP_KEEPCNT), 3);
	WANT(api_set(fd[0], SOL_SOCKET, SO_KEEPALIVE, 0), 0);
}
