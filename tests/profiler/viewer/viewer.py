"""Requests to a viewer, byte for byte, and what its responses hold."""
import http.client
import json
import pstats
import struct
import urllib.parse

BASE = "/__profile__/"


class Response:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    @property
    def json(self):
        return json.loads(self.body)


def ask(address, path="", method="GET", base=BASE, **headers):
    """`path` goes out as it is. Headers: Name=value, "_" for "-"; None leaves Host out."""
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.putrequest(method, base + path, skip_host=True, skip_accept_encoding=True)
    for name, value in {"Host": f"localhost:{address[1]}", "Connection": "close", **headers}.items():
        if value is not None:
            connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    response = Response(connection.getresponse())
    connection.close()
    return response


def quote(name):
    return urllib.parse.quote(name, safe="")


class Profile:
    """The bytes of api/profile."""

    def __init__(self, data):
        magic, self.version, size = struct.unpack_from("<4sII", data)
        assert magic == b"KMPV"
        self.header = json.loads(data[12:12 + size])
        self.start = 12 + size
        at, count = self.start, self.header["nodes"] if self.header["exact"] else 0

        def take(code, width):
            nonlocal at
            column = struct.unpack_from(f"<{count}{code}", data, at)
            at += (count * width + 7) // 8 * 8
            return column

        self.function, self.parent = take("I", 4), take("I", 4)
        self.calls, self.total = take("d", 8), take("d", 8)
        self.left = len(data) - at

    def stats(self):
        """As pstats.Stats.stats."""
        keys = [tuple(function) for function in self.header["functions"]]
        rows = {keys[f]: (cc, nc, tt, ct, {}) for f, cc, nc, tt, ct in self.header["rows"]}
        for function, caller, nc, cc, tt, ct in self.header["callers"]:
            rows[keys[function]][4][keys[caller]] = (nc, cc, tt, ct)
        return rows


def of_pstats(path):
    stats = pstats.Stats(str(path))
    return stats.stats, (stats.total_calls, stats.prim_calls, stats.total_tt)
