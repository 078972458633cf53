#!/usr/bin/python3
"""`komori stats` reads every form in which Python 3.8 and later write a profile, and refuses everything else in one line."""
# builds: gcc asan

import cProfile
import io
import marshal
import os
import pathlib
import pstats
import random
import resource
import struct
import subprocess
import sys
import tempfile

tests = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(tests), str(tests / "apps/komori")]
import python_dumps  # noqa: E402
import tap  # noqa: E402

KOMORI = os.environ["BUILD"] + "/apps/komori/komori"
SANITIZED = b"__asan_init" in pathlib.Path(KOMORI).read_bytes()
folder = tempfile.TemporaryDirectory()
path = os.path.join(folder.name, "a.prof")


def run(data, *options):
    with open(path, "wb") as file:
        file.write(data)
    return subprocess.run([KOMORI, "stats", *options, path], capture_output=True, timeout=tap.BOUND)


def read(data, *options):
    done = run(data, *options)
    return (done.stdout + done.stderr).decode("utf-8", "surrogateescape")


def python(stats, listing="stats"):
    """What pstats prints for a dict of rows in the file at `path`."""
    with open(path, "wb") as file:
        marshal.dump(stats, file)
    out = io.StringIO()
    getattr(pstats.Stats(path, stream=out).sort_stats("nfl"), "print_" + listing)()
    return out.getvalue()


def is_row(value):
    """Python's are never shared."""
    return isinstance(value, tuple) and len(value) == 5


class Writer:
    """An encoder of its own that takes any of the forms that `forms` allows, at random."""

    def __init__(self, rng, forms, references):
        self.rng, self.forms, self.references = rng, forms, references
        self.out, self.seen, self.count = [], {}, 0

    def sized(self, code, data):
        self.out.append(code + struct.pack("<I", len(data)) + data)

    def flag(self, value, code):
        """The type code, flagged when the object may be met again."""
        if not self.references or self.rng.random() < 0.3:
            return code
        self.seen.setdefault((type(value), repr(value)), self.count)
        self.count += 1
        return bytes([code[0] | 0x80])

    def again(self, value):
        number = self.seen.get((type(value), repr(value)))
        if number is None or self.rng.random() < 0.2:
            return False
        self.out.append(b"r" + struct.pack("<I", number))
        return True

    def text(self, value):
        data = value.encode("utf-8", "surrogatepass")
        forms = [f for f in self.forms["text"] if f in "tu" or value.isascii() and (f in "aA" or len(data) < 256)]
        form = self.rng.choice(forms).encode()
        code = self.flag(value, form)
        if form in b"zZ":
            self.out.append(code + bytes([len(data)]) + data)
        else:
            self.sized(code, data)

    def integer(self, value):
        form = self.rng.choice("il" if abs(value) < 2**31 else "l")
        code = self.flag(value, form.encode())
        if form == "l":
            digits, rest = [], abs(value)
            while rest:
                digits.append(rest & 0x7FFF)
                rest >>= 15
            self.out.append(code + struct.pack(f"<i{len(digits)}H", len(digits) * (-1 if value < 0 else 1), *digits))
        else:
            self.out.append(code + struct.pack("<i", value))

    def float(self, value):
        self.out.append(self.flag(value, b"g") + struct.pack("<d", value))

    def write(self, value):
        if self.references and not isinstance(value, dict) and not is_row(value) and self.again(value):
            return self
        if isinstance(value, str):
            self.text(value)
        elif isinstance(value, int):
            self.integer(value)
        elif isinstance(value, float):
            self.float(value)
        elif isinstance(value, tuple):
            code = self.flag(value, b")" if self.forms["small"] and self.rng.random() < 0.8 else b"(")
            self.out.append(code + (struct.pack("<I", len(value)) if code[0] & 0x7F == 0x28 else bytes([len(value)])))
            for item in value:
                self.write(item)
        else:
            self.out.append(self.flag(value, b"{"))
            for key, item in value.items():
                self.write(key).write(item)
            self.out.append(b"0")
        return self


FORMS = {
    "version 2": ({"text": "u", "small": False}, False),
    "version 3": ({"text": "tu", "small": False}, True),
    "version 4": ({"text": "tuaAzZ", "small": True}, True),
}


def random_stats(rng, functions=60):
    files = ["~", "", "/srv/app.py", "/srv/café.py", "日本/\U0001f987.py", "/x/\udcff\udc80", "a" * 300]
    keys = [(rng.choice(files), rng.choice([0, 1, 77, 2**31 - 1, -3]), f"{rng.choice(['f', '<g', '<lambda>'])}{i}")
            for i in range(functions)] + [("~", 0, "<built-in method time.sleep>")]

    def numbers():
        counts = (rng.choice([1, 2, 2**31 - 1, 2**31, 2**40, 2**50]), rng.choice([1, 5, 2**16, 2**33]))
        return (*counts, rng.choice([0.0, rng.random(), 1e-9]), rng.choice([rng.random() * 1000, 123456789.5]))

    return {key: (*numbers(), {caller: numbers() for caller in rng.sample(keys, rng.randrange(6))}) for key in keys}


def check_forms():
    rng = random.Random(8)
    for name, (forms, references) in FORMS.items():
        for number in range(4):
            stats = random_stats(rng)
            data = b"".join(Writer(rng, forms, references).write(stats).out)
            found = [read(data, "--sort=nfl"), read(data, "--sort=nfl", "--callers")]
            wanted = [python(stats), python(stats, "callers")]
            if found[0][:24] != wanted[0][:24]:  # the second of the file's time went by
                found[0], wanted[0] = found[0][24:], wanted[0][24:]
            tap.same("".join(found), "".join(wanted), f"{name}, {number}")
    for name in ("json", "ast"):
        recording = cProfile.Profile()
        recording.runcall(python_dumps.PROGRAMS[name])
        recording.create_stats()
        wanted = read(marshal.dumps(recording.stats, 4), "--sort=nfl", "--callees")
        tap.ok("called..." in wanted, name)
        for version in (2, 3):
            tap.same(read(marshal.dumps(recording.stats, version), "--sort=nfl", "--callees"), wanted,
                     f"{name}, marshal version {version}")


KEY = b")\3z\4f.py" + b"i\1\0\0\0" + b"z\1f"
I1, G1 = b"i\1\0\0\0", b"g" + struct.pack("<d", 1.0)
VALUE = b")\5" + I1 + I1 + G1 + G1 + b"{0"
CALLER = b")\4" + I1 + I1 + G1 + G1


def row(key=KEY, value=VALUE):
    return b"{" + key + value + b"0"


def value(cc=I1, nc=I1, tt=G1, ct=G1, callers=b"{0"):
    return row(value=b")\5" + cc + nc + tt + ct + callers)


PYTHON_2 = "a Python 2 profile, which Komori cannot read; Python 3.8 and later write profiles that it can"
BAD = [
    ("empty", b"", "byte 0: the file is empty"),
    ("text", b"hello\n", "byte 0: not a profile: it starts with 0x68"),
    ("an ELF file", b"\x7fELF\2", "byte 0: not a profile: it starts with 0x7f"),
    ("a list", b"[\0\0\0\0", "byte 0: not a profile: it starts with 0x5b"),
    ("no rows", b"{0", "byte 0: a profile without a function"),
    ("no rows, flagged", b"\xfb0", "byte 0: a profile without a function"),
    ("a dict alone", b"{", "byte 1: the file ends here, in the middle of the profile"),
    ("an unknown type", b"{x", "byte 1: 0x78 is not a type code of a profile"),
    ("a code object", b"{c", "byte 1: a code object, which python -m profile writes; record with cProfile instead"),
    ("None as a key", b"{N", "byte 1: None where (file, line, name) should be"),
    ("a key of two", b"{)\2", "byte 1: a tuple of 2 where (file, line, name) should be"),
    ("a key of 2^32 - 1", b"{(\xff\xff\xff\xff", "byte 1: a tuple of 4294967295 where (file, line, name) should be"),
    ("a file that is an int", b"{)\3i", "byte 4: the file ends here, in the middle of the profile"),
    ("a file that is None", b"{)\3N", "byte 3: None where a file's name should be"),
    ("a text of 2^31", b"{)\3u\0\0\0\x80", "byte 3: a text of negative length"),
    ("a text of 2^31 - 1", b"{)\3u\xff\xff\xff\x7fab", "byte 10: the file ends here, in the middle of the profile"),
    ("a NUL in a file", row(b")\3z\3a\0b" + I1 + b"z\1f"), "byte 3: a text with a NUL in it"),
    ("a NUL in a name", row(b")\3z\1a" + I1 + b"z\2\0f"), "byte 11: a text with a NUL in it"),
    ("a line of 2^31", row(b")\3z\1al\3\0\0\0\0\0\0\0\2\0z\1f"), "byte 6: a line number of more than 31 bits"),
    ("a line that is a float", row(b")\3z\1a" + G1 + b"z\1f"), "byte 6: a float where a line number should be"),
    ("a row that is a dict", row(value=b"{0"), "byte 17: a dict where a row should be"),
    ("a row of four", row(value=CALLER), "byte 17: a row of 4 instead of 5"),
    ("a number of calls that is a float", value(nc=G1), "byte 24: a float where a number of calls should be"),
    ("fewer than no calls", value(cc=b"i\xff\xff\xff\xff"), "byte 19: a number of primitive calls that is less than 0"),
    ("2^64 calls", value(nc=b"l\5\0\0\0" + b"\0\0" * 4 + b"\x10\0"), "byte 24: an int of more than 64 bits"),
    ("an int of 2^31 digits", value(nc=b"l\0\0\0\x80" + b"\1\0" * 9), "byte 24: an int of more than 64 bits"),
    ("an int of large digits", value(nc=b"l\1\0\0\0\0\x80"), "byte 24: an int of more than 64 bits"),
    ("not a number", value(tt=b"g" + struct.pack("<d", float("nan"))), "byte 29: a tottime that is not finite"),
    ("infinite time", value(ct=b"g" + struct.pack("<d", float("inf"))), "byte 38: a cumtime that is not finite"),
    ("a time that is a text", value(ct=b"z\0011"), "byte 38: a text where a cumtime should be"),
    ("True for a number", value(cc=b"T"), "byte 19: a constant where a number of primitive calls should be"),
    ("callers in a tuple", value(callers=b")\0"), "byte 47: a tuple where a dict of callers should be"),
    ("a caller of five", value(callers=b"{" + KEY + VALUE + b"0"), "byte 64: a caller with 5 numbers instead of 4"),
    ("a caller of None", value(callers=b"{" + KEY + b"N0"), "byte 64: a caller without its numbers"),
    ("a reference to nothing", b"{r\0\0\0\0", "byte 1: a reference to nothing"),
    ("a reference to what is to come", b"{\xa9\3r\1\0\0\0", "byte 3: a reference to nothing"),
    ("a key in itself", b"{\xa9\3r\0\0\0\0", "byte 3: a tuple where a file's name should be"),
    ("a dict in itself", b"\xfb" + KEY + b"r\0\0\0\0", "byte 17: a dict where a row should be"),
    ("callers that are the profile", b"\xfb" + KEY + b")\5" + I1 + I1 + G1 + G1 + b"r\0\0\0\0",
     "byte 47: a reference where a dict of callers of its own should be"),
    ("a row that is met again", row(KEY, b"\xa9" + VALUE[1:])[:-1] + b")\3z\1ai\1\0\0\0z\1f" + b"r\0\0\0\0" + b"0",
     "byte 62: a reference where a row of its own should be"),
    ("Python 2, a str", row(b")\3s\1\0\0\0a" + I1 + b"s\1\0\0\0f"), "byte 3: " + PYTHON_2),
    ("Python 2, a reference to an interned str", row(b"(\3\0\0\0t\1\0\0\0a" + I1 + b"R\0\0\0\0"), "byte 17: " + PYTHON_2),
    ("Python 2, an int of 64 bits", value(nc=b"I" + b"\1" * 8), "byte 24: " + PYTHON_2),
    ("versions 0 and 1, a float as text", value(ct=b"f\0031.5"), "byte 38: " + PYTHON_2),
    ("names beyond measure", b"{" + b"".join(
        (b")\3\xf5" + struct.pack("<I", 400_000) + b"n" * 400_000 if i == 0 else b")\3r\0\0\0\0")
        + struct.pack("<ci", b"i", i) + b"z\1f" + VALUE for i in range(10000)) + b"0", "times the file's size"),
]


def fits(data, mebibytes, *options):
    """Whether memory of that size is enough for the file."""
    def limit():
        if not SANITIZED:
            resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))

    with open(path, "wb") as file:
        file.write(data)
    done = subprocess.run([KOMORI, "stats", *options, path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          preexec_fn=limit, timeout=tap.BOUND)
    return done.returncode in (0, 2) and b"memory" not in done.stderr


def check_memory():
    """What small objects can make of a file: memory stays within a small multiple of its size."""
    size = 8_000_000
    refs = b"{" + KEY + b")\5" + I1 + I1 + G1 + G1 + b"{"
    many = {
        "flagged objects": b"{)\3" + b"\xfa\0" * (size // 2),
        "pairs of references": refs + b"\xa9\3z\1ai\1\0\0\0z\1b" + b"\xa9" + CALLER[1:]
                               + b"r\0\0\0\0r\1\0\0\0" * (size // 10) + b"00",
        "small functions": b"{\xa9\3\xfa\1a" + I1 + b"\xfa\1b" + VALUE + b"".join(
            b")\3r\1\0\0\0" + struct.pack("<ci", b"i", i) + b"r\2\0\0\0" + b"\0" * 0
            + b")\5" + b"i\1\0\0\0" * 4 + b"{0" for i in range(2, size // 41)) + b"0",
        "callers that differ": refs + b"".join(
            b")\3z\0" + struct.pack("<ci", b"i", i) + b"z\0" + I1 for i in range(size // 16)) + b"00",
        "interned strings": b"{)\3" + b"\xf4\0\0\0\0" * (size // 5),
        "a tuple of 2^32 - 1": b"{" + KEY + VALUE + b"0" + b"{u\6\0\0\0formatu\x10\0\0\0komori call treeu\7\0\0\0version"
                               + I1 + b"u\x09\0\0\0functions(\xff\xff\xff\xff" + b"N" * size,
        "nested tuples": b"{" + KEY + VALUE + b"0" + b"{u\6\0\0\0formatu\x10\0\0\0komori call treeu\7\0\0\0version"
                         + I1 + b"u\3\0\0\0xyz" + b")\1" * size,
    }
    for name, data in many.items():
        tap.ok(fits(data, 16 + 12 * len(data) // 1_000_000, "--sort=stdname", "--limit=9"), f"memory: {name}")
    # The lines are long and many: they are not held in memory.
    name = b"n" * 1_000_000
    long = b"{\xa9\3\xf5" + struct.pack("<I", len(name)) + name + I1 + b"z\1f" + VALUE + b"".join(
        b")\3z\1a" + struct.pack("<ci", b"i", i) + b"z\1g" + b")\5" + I1 + I1 + G1 + G1
        + b"{r\0\0\0\0" + CALLER + b"0" for i in range(300)) + b"0"
    tap.ok(fits(long, 40, "--callers"), "memory: a listing of 600 MB")
    tap.ok(SANITIZED or not fits(many["callers that differ"], 32), "memory: a file that does not fit is an error")


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    check_forms()
    tap.ok("1    1.000    1.000    1.000    1.000 f.py:1(f)" in read(value()), "the parts of the bad files are good")
    for name, data, wanted in BAD:
        done = run(data)
        message = done.stderr.decode()
        tap.ok(done.returncode == 2 and not done.stdout and message.count("\n") == 1
               and message.startswith(f"komori stats: {path}: byte ") and wanted in message, f"bad: {name}") or \
            tap.diag(f"status {done.returncode}\nfound:  {message}wanted: {wanted}")
    check_memory()
    tap.done_testing()


main()
