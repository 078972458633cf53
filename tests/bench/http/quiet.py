"""Whether a measurement can be trusted: how much of the processors went to anyone else meanwhile."""
import os
import resource

TICKS = os.sysconf("SC_CLK_TCK")
SHARE = 0.05  # of one processor; more makes a measurement be repeated
TRIES = 4


def busy_seconds():
    """Time that the processors were not idle."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Watch:
    """Measures what `server` and the children that were waited for took, and what others did."""

    def __init__(self, server):
        self.server = server
        self.server_begin = server.cpu_seconds()
        self.children_begin = children_seconds()
        self.busy_begin = busy_seconds()

    def end(self, seconds):
        busy = busy_seconds() - self.busy_begin
        self.children = children_seconds() - self.children_begin
        self.cpu = self.server.cpu_seconds() - self.server_begin
        self.others = max(0.0, busy - self.children - self.cpu) / seconds
        return self


def repeat_until_quiet(measure):
    """Returns the result of `measure` with the smallest share of others; each has `.others`."""
    best = None
    for _ in range(TRIES):
        result = measure()
        if best is None or result.others < best.others:
            best = result
        if best.others <= SHARE:
            break
    return best


def describe():
    return f"load average {os.getloadavg()[0]:.2f}"
