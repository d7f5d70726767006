# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/http_block_page.lua and dns_sinkhole.lua with requests in all forms, cut in all ways. What
counts is what the server gets. NFLUA names the command."""
import os
import struct
import unittest

from conversations import (DESTINATION_OPTIONS, Replayed, arrived, conversation, cut, cut_at,
                           overlapping)

NFLUA = os.environ["NFLUA"]
KERNEL_BOUNDS = ("--max-instructions", "100000", "--max-bytes", str(1 << 20))
FIRST_PORT = 41000
HOST = b"www.blocked.example"

# RFC 9112: sections 2.2 (line ends, empty lines), 3 (blanks), 3.2 (targets), 5 (fields).
LISTED_REQUESTS = {
    "plain": b"GET / HTTP/1.1\r\nHost: " + HOST + b"\r\nAccept: */*\r\n\r\n",
    "a name in other letters": b"GET / HTTP/1.1\r\nhOST:WWW.Blocked.EXAMPLE\r\n\r\n",
    "a port": b"GET / HTTP/1.1\r\nHost: " + HOST + b":8080\r\n\r\n",
    "a final dot": b"GET / HTTP/1.1\r\nHost: " + HOST + b".:80\r\n\r\n",
    "blanks": b"GET \t /  HTTP/1.1 \r\nHost:\t  " + HOST + b" \t\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: " + HOST + b"\n\n",
    "both line ends": b"GET / HTTP/1.1\nAccept: a\r\nHost: " + HOST + b"\n\r\n",
    "empty lines in front": b"\r\n\r\n\nGET / HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
    "absolute form": b"GET http://" + HOST + b":80/ HTTP/1.1\r\nHost: open.example\r\n\r\n",
    "absolute form, a user": b"GET http://a:b@" + HOST + b"/ HTTP/1.1\r\nHost: open.example\r\n\r\n",
    "absolute form, no path": b"GET HTTP://" + HOST + b"?a HTTP/1.1\r\nHost: x\r\n\r\n",
    "absolute form, digits": b"GET http://www.blocked%2Eexample/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT " + HOST + b":443 HTTP/1.1\r\nHost: open.example\r\n\r\n",
    "a field in two lines": b"GET / HTTP/1.1\r\nHost:\r\n  " + HOST + b"\r\n\r\n",
    "a blank before the colon": b"GET / HTTP/1.1\r\nHost : " + HOST + b"\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: open.example\r\nHost: " + HOST + b"\r\n\r\n",
    "a long head": b"GET / HTTP/1.1\r\nCookie: " + b"c" * 9000 + b"\r\nHost: " + HOST + b"\r\n\r\n",
    "a body": b"POST / HTTP/1.1\r\nContent-Length: 3\r\nHost: " + HOST + b"\r\n\r\nabc",
    "another method": b"M-SEARCH * HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
    "small letters": b"get / HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
    "HTTP/1.0": b"GET / HTTP/1.0\r\nHost: " + HOST + b"\r\n\r\n",
}
OTHER_REQUESTS = {
    "another host": b"GET / HTTP/1.1\r\nHost: open.example\r\n\r\n",
    "a longer name": b"GET / HTTP/1.1\r\nHost: blocked.example.org\r\n\r\n",
    "a name that ends alike": b"GET / HTTP/1.1\r\nHost: unblocked.example\r\n\r\n",
    "in the path": b"GET /http://" + HOST + b" HTTP/1.1\r\nHost: open.example\r\n\r\n",
    "in the query": b"GET http://open.example/?u=" + HOST + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "as a user": b"GET http://" + HOST + b"@open.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "in another field": b"GET / HTTP/1.1\r\nX-Host: " + HOST + b"\r\nHost: open.example\r\n"
                        b"Referer: http://" + HOST + b"/\r\n\r\n",
    "in the body": b"POST / HTTP/1.1\r\nHost: open.example\r\nContent-Length: 24\r\n\r\nHost: "
                   + HOST + b"\r\n\r\n",
    "no host": b"GET / HTTP/1.0\r\n\r\n",
    "no request": b"EHLO " + HOST + b"\r\nHost: " + HOST + b"\r\n\r\n",
    "bytes": bytes(range(256)) * 10,
}


def query(name, kind=1, number=7):
    labels = b"".join(bytes([len(label)]) + label for label in name.split(b"."))
    message = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + struct.pack(">BHH", 0, kind, 1)
    return struct.pack(">H", len(message)) + message


LISTED_QUERIES = {"A": query(HOST), "AAAA": query(b"BLOCKED.example", 28)}
OTHER_QUERIES = {"another name": query(b"open.example"), "TXT": query(HOST, 16),
                 "an answer": query(HOST)[:4] + b"\x81\x80" + query(HOST)[6:],
                 "cut": query(HOST)[:-1] + bytes(1), "bytes": bytes(range(256)) * 10}


def cuts(data):
    """Each of them in order."""
    yield "one segment", [(0, data)]
    yield "bytes", cut(data, 1) if len(data) < 1000 else cut(data, 100)
    yield "two segments", cut_at(data, len(data) // 2)
    yield "the first byte alone", cut_at(data, 1)
    yield "the first two bytes alone", cut_at(data, 2)
    yield "the last byte alone", cut_at(data, len(data) - 1)
    yield "segments", cut(data, 37)
    yield "overlapping", overlapping(data, 20, 15)


class Requests(unittest.TestCase):
    def replay(self, script, conversations, args=()):
        done = Replayed(NFLUA, script, conversations, args)
        self.assertEqual(done.run.problems, [])
        self.assertEqual(done.run.events_of("error"), [])
        self.assertEqual(done.run.log(), [])
        return done

    def check(self, script, port, listed, others):
        good = {"a good one": next(iter(others.values()))}
        headers = {"family": 6, "extensions": [(DESTINATION_OPTIONS, b"\0\1\4\0\0\0\0")]}
        for before, options, args in (({"nothing": b"", **good}, {}, KERNEL_BOUNDS),
                                      ({"nothing": b""}, headers, ()),
                                      (good, {"isn": 2**32 - 20}, ()),
                                      ({"nothing": b""}, {"is_opened": False}, ())):
            ports, made = iter(range(FIRST_PORT, 65535)), []
            for requests, is_listed in ((listed, True), (others, False)):
                for what, request in requests.items():
                    made += self.cut_in_all_ways(ports, what, request, is_listed, before,
                                                 dict(options, server_port=port))
            done = self.replay(script, [each for *_, each in made], args)
            for what, data, is_listed, each in made:
                with self.subTest(what=what, args=args, **options):
                    self.check_fate(done, each, data, is_listed)

    def cut_in_all_ways(self, ports, what, request, is_listed, before, options):
        for what_before, good in before.items():
            data = good + request
            for how, pieces in cuts(data):
                again = [*cut(data, 11)[-3:], (0, data)] if is_listed else []
                yield ((what, how, what_before), data, is_listed,
                       conversation(next(ports), pieces + again, **options))

    def check_fate(self, done, each, data, is_listed):
        got = arrived(each, done.passed[each.port])
        if is_listed:
            self.assertLess(len(got), len(data))
        else:
            self.assertEqual(done.dropped[each.port], 0)

    def test_no_form_and_no_cut_of_an_http_request_for_a_listed_host_comes_through(self):
        self.check("http_block_page.lua", 80, LISTED_REQUESTS, OTHER_REQUESTS)

    def test_no_cut_of_a_dns_query_for_a_listed_name_comes_through(self):
        self.check("dns_sinkhole.lua", 53, LISTED_QUERIES, OTHER_QUERIES)

    def test_each_blocked_connection_is_answered_once(self):
        for script, port, requests, text in (
                ("http_block_page.lua", 80, LISTED_REQUESTS, b"This site is blocked here"),
                ("dns_sinkhole.lua", 53, LISTED_QUERIES, bytes([192, 0, 2, 1]))):
            request = next(iter(requests.values()))
            for how, pieces in cuts(request):
                with self.subTest(script=script, how=how):
                    each = conversation(FIRST_PORT, pieces + [(0, request)], server_port=port)
                    done = self.replay(script, [each])
                    self.assertEqual(len(done.run.events_of("reply")), 1)
                    self.assertEqual(sum(text in record.frame for record in done.run.output), 1)

    def test_a_segment_that_comes_too_early_may_come_again(self):
        for script, port, listed, others in (
                ("http_block_page.lua", 80, LISTED_REQUESTS, OTHER_REQUESTS),
                ("dns_sinkhole.lua", 53, LISTED_QUERIES, OTHER_QUERIES)):
            for requests, is_listed in ((listed, True), (others, False)):
                request = next(iter(requests.values()))
                first, second = cut_at(request, 20)
                with self.subTest(script=script, is_listed=is_listed):
                    each = conversation(FIRST_PORT, [second, first, second], server_port=port)
                    done = self.replay(script, [each])
                    got = arrived(each, done.passed[FIRST_PORT])
                    self.assertEqual(got == request, not is_listed)

    def test_what_never_comes_does_not_hold_up_the_rest(self):
        """What passed us by while the queue was full is not sent again."""
        for script, port in (("http_block_page.lua", 80), ("dns_sinkhole.lua", 53)):
            with self.subTest(script=script):
                each = conversation(FIRST_PORT, [(20, b"x" * 40)] * 100, server_port=port)
                self.assertLess(self.replay(script, [each]).dropped[FIRST_PORT], 50)

    def test_a_connection_that_uses_the_ports_again_is_judged_anew(self):
        for script, port, listed, others in (
                ("http_block_page.lua", 80, LISTED_REQUESTS, OTHER_REQUESTS),
                ("dns_sinkhole.lua", 53, LISTED_QUERIES, OTHER_QUERIES)):
            bad, good = next(iter(listed.values())), next(iter(others.values()))
            with self.subTest(script=script):
                made = [conversation(FIRST_PORT, cut(data, 20), isn=isn, server_port=port)
                        for isn, data in ((1, bad), (10**6, good), (2 * 10**6, bad), (3 * 10**6, good))]
                done = self.replay(script, made)
                fates = [event["verdict"] == "drop" for event in done.run.events_of("verdict")]
                for each, is_blocked in zip(made, (True, False, True, False)):
                    own, fates = fates[:len(each.packets)], fates[len(each.packets):]
                    self.assertEqual(any(own), is_blocked)


if __name__ == "__main__":
    unittest.main()
