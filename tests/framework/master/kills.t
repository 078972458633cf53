#!/usr/bin/python3
"""Signals end workers in the middle of profiled requests while clients keep the others busy: each request leaves
its profile, with what ran and with the handler's own counts; no other request fails. KM_ROUNDS sets the rounds."""
import os
import pathlib
import pstats
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

ROUNDS = int(os.environ.get("KM_ROUNDS", 12))
SIGNALS = [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT]
STEPS = 1000
SLACK = 0.002  # seconds: the TSC is calibrated against the clock


def ending(number):
    """How the outcome begins."""
    if workers.OWN_CRASHES and number == signal.SIGSEGV:
        return "exited with status"
    return f"killed: {number.name}"


class Round:
    def __init__(self, server, load, counts, index):
        self.number = SIGNALS[index % len(SIGNALS)]
        self.path = "hold" if index // len(SIGNALS) % 2 == 0 else "spin"
        before = set(server.prof_files())
        counts.clear()
        load.spread()
        with workers.send(server, f"/{self.path}?steps={STEPS}") as connection:
            server.wait_for(lambda: counts.holder)
            load.wait_for_answers(20)
            self.victim, self.killed_ns = counts.holder, workers.now()
            os.kill(self.victim, self.number)
            try:
                self.answer = connection.recv(1)
            except ConnectionResetError:
                self.answer = b""
        server.wait_for(lambda: workers.ended(self.victim))
        found = server.wait_for(lambda: [path for path in server.prof_files() if path not in before
                                         and path.name.startswith(self.path)])
        self.found_ns = workers.now()
        self.counts = {name: getattr(counts, name) for name in counts.names}
        self.dump = workers.Dump(found[0])
        self.total = pstats.Stats(str(found[0])).total_calls

    def problems(self):
        """What is wrong with the dump."""
        dump, counts, found = self.dump, self.counts, []

        def check(passed, text):
            if not passed:
                found.append(f"{self.path} {self.number.name}: {text}")

        check(self.answer == b"", "an answer came")
        check(dump.facts["outcome"].startswith(ending(self.number)), dump.facts["outcome"])
        check(dump.facts["route"] == "/" + self.path, dump.facts["route"])
        check(dump.tree["pid"] == self.victim, "another pid")
        check(dump.calls("step") - counts["steps"] in (0, 1),
              f"{dump.calls('step')} steps, {counts['steps']} by hand")
        check(dump.calls("turn") - counts["turns"] in (0, 1),
              f"{dump.calls('turn')} turns, {counts['turns']} by hand")
        check(self.total == sum(row[1] for row in dump.rows.values()), "another total")
        if self.path == "hold":
            self.check_hold(check)
        else:
            check(dump.stack()[0] in ("step", "turn", "spin"), f"open: {dump.stack()}")
            check(dump.stack()[-1] == "spin", f"open: {dump.stack()}")
        return found

    def check_hold(self, check):
        dump, counts = self.dump, self.counts
        least = (self.killed_ns - counts["in_hold_ns"]) * 1e-9
        most = (self.found_ns - counts["before_hold_ns"]) * 1e-9
        check(counts["steps"] == STEPS, f"{counts['steps']} steps by hand")
        check(dump.stack() == ["hold", "hold_after_steps"], f"open: {dump.stack()}")
        check(dump.calls("hold") == 1 and dump.calls("now_ns") == 2, "calls")
        check(least - SLACK <= dump.seconds("hold") <= most + SLACK,
              f"{dump.seconds('hold')} s in hold, not {least} to {most}")
        check(dump.rows["hold"][2] <= dump.seconds("hold") <= dump.seconds("hold_after_steps")
              <= dump.seconds(f"<request GET /hold>"), "times of callers")


def kill_rounds():
    counts = workers.Counts()
    with workers.start(PROFILE="1", WORKERS="3", PROFILE_FILENAME="{path}.prof",
                       COUNTS=counts.path) as server:
        with workers.Load(server, 6, pause=0.005) as load:
            rounds = [Round(server, load, counts, index) for index in range(ROUNDS)]
            load.spread()
        problems = [problem for one in rounds for problem in one.problems()]
        tap.same(problems, [], f"{ROUNDS} of {ROUNDS} profiles have what ran")
        killed = {one.victim for one in rounds}
        others = [failure for failure in load.failures if failure[0] not in killed]
        tap.same(others, [], "no request on another worker fails")
        tap.ok(load.answers > 20 * ROUNDS, "clients sent requests all the time")
        tap.diag(f"{load.answers} answers, {len(load.failures)} connections ended with their worker")
        def ends_told():
            text = server.console.read_text(errors="replace")
            found = re.findall(rf"^{workers.RULE}\n\n(.*); open then, innermost first:\n    (.*)\n", text, re.M)
            return len(found) >= ROUNDS and found  # each a moment after its dump
        ends = server.wait_for(ends_told)
        tap.same([(end.split(" after ")[0]) for end, _ in ends],
                 [one.dump.facts["outcome"].split(" after ")[0] for one in rounds],
                 "the console has the outcome of each")
        tap.same([re.search(r"\((\w+)\)$", call)[1] for _, call in ends],
                 [one.dump.stack()[0] for one in rounds], "the console has the function that was open")
        tap.same(limited.log_lines(server, ".*is not complete.*|.*Sanitizer: (?!SEGV).*"), [],
                 "the log reports nothing else")
        tap.same(server.stop(), 0, "the server exits with 0")


workers.run(kill_rounds)
