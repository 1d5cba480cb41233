#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Echo over VCTP: an ordinary Python program with a socket.

    echo.py serve                answer whoever connects
    echo.py say HOST TEXT...     send a line, print the answer

Options before these: --proto tcp for TCP, -6 for IPv6, --port N.
"""
import argparse
import socket

IPPROTO_VCTP = 253


def serve(family, proto, port):
    with socket.socket(family, socket.SOCK_STREAM, proto) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("", port))
        listener.listen()
        while True:
            peer, _ = listener.accept()
            with peer:
                while data := peer.recv(65536):
                    peer.sendall(data)


def say(family, proto, port, host, text):
    with socket.socket(family, socket.SOCK_STREAM, proto) as sock:
        sock.connect((host, port))
        sock.sendall(text.encode())
        sock.shutdown(socket.SHUT_WR)
        with sock.makefile("rb") as answer:
            print(answer.read().decode())


def main():
    parser = argparse.ArgumentParser(description="Echo over VCTP or TCP.")
    parser.add_argument("-6", dest="six", action="store_true", help="IPv6")
    parser.add_argument("--proto", choices=("vctp", "tcp"), default="vctp")
    parser.add_argument("--port", type=int, default=2531)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("serve", help="answer whoever connects")
    saying = what.add_parser("say", help="send text, print the answer")
    saying.add_argument("host")
    saying.add_argument("text", nargs="+")
    args = parser.parse_args()

    family = socket.AF_INET6 if args.six else socket.AF_INET
    proto = IPPROTO_VCTP if args.proto == "vctp" else socket.IPPROTO_TCP
    if args.what == "serve":
        serve(family, proto, args.port)
    else:
        say(family, proto, args.port, args.host, " ".join(args.text))


if __name__ == "__main__":
    main()
