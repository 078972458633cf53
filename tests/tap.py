"""TAP for test scripts in Python: checks, then done_testing(). Waiting for events, with one bound."""

import sys
import time

BOUND = 120  # seconds: a test that waits longer for an event hangs, and fails
count = failed = 0


def diag(text):
    for line in str(text).splitlines():
        print("#", line.encode("ascii", "backslashreplace").decode())


def ok(passed, name):
    global count, failed
    count += 1
    failed += not passed
    print("ok" if passed else "not ok", count, "-", name, flush=True)
    return passed


def same(found, wanted, name):
    """Passes when both are equal. Prints the first line in which two texts differ."""
    if ok(found == wanted, name):
        return True
    if isinstance(found, str) and isinstance(wanted, str):
        pairs = zip(found.split("\n") + [None], wanted.split("\n") + [None])
        for line, (left, right) in enumerate(pairs, 1):
            if left != right:
                diag(f"line {line}\nfound:  {left!r}\nwanted: {right!r}")
                return False
    diag(f"found:  {found!r:.2000}\nwanted: {wanted!r:.2000}")
    return False


def wait_for(condition):
    """Returns the value of condition() once it is true."""
    end = time.monotonic() + BOUND
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise TimeoutError(f"an event did not come within {BOUND} s")


def done_testing():
    print(f"1..{count}")
    sys.exit(failed > 0)
