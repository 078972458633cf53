#!/usr/bin/python3
"""The hooks of a program and ON_EVENT: when they are called, and with which facts."""
# builds: gcc asan
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import workers  # noqa: E402
import limited  # noqa: E402
import tap  # noqa: E402

FIELDS = ("hook", "pid", "reason", "signal", "exit_status", "time", "method", "target", "route",
          "elapsed", "handler", "file", "line", "json")


def hook_calls(server, path, count):
    """What the hooks of the program wrote."""
    server.wait_for(lambda: path.exists() and path.read_text().count("\n") >= count)
    return [dict(zip(FIELDS, line.split("\t"))) for line in path.read_text().splitlines()]


def check_facts(facts, event):
    """The structure and its JSON are equal."""
    request = event["request"] or {}
    handler = request.get("handler") or {"function": "-", "file": "-", "line": 0}
    left = [facts["pid"], facts["reason"], facts["signal"], facts["exit_status"], facts["method"],
            facts["target"], facts["route"], facts["handler"], facts["file"], facts["line"]]
    right = [event["pid"], event["reason"], event["signal"] or 0, event["exit_status"] or 0,
             request.get("method", "-"), request.get("target", "-"), request.get("route") or "-",
             handler["function"], handler["file"], handler["line"]]
    tap.same(left, list(map(str, right)), f"{facts['hook']}: the facts and their JSON are the same")


def lost(folder):
    counts, path, events = workers.Counts(), folder / "hooks", folder / "events"
    begin = time.time()
    with workers.start(TIMEOUT="1", HOOKS=str(path), COUNTS=counts.path,
                       ON_EVENT=f"cat >>{events}") as server:
        worker, = workers.worker_pids(server, 1)
        os.kill(worker, signal.SIGKILL)
        idle, = hook_calls(server, path, 1)
        tap.same((idle["hook"], idle["pid"], idle["reason"], idle["signal"], idle["method"]),
                 ("lost", str(worker), "killed: SIGKILL", "9", "-"), "the facts of a worker that served nothing")
        tap.same(json.loads(idle["json"])["request"], None, "they have no request")
        target = '/hold?steps=3&text=%22\\"\'\x7f'.replace("\x7f", "") + "&" + "x" * 3000
        tap.same(workers.ask(server, target), None, "TIMEOUT ends a worker")
        late = hook_calls(server, path, 3)[1:]
        tap.same([facts["hook"] for facts in late], ["timeout", "lost"], "both hooks run")
        tap.same({key: value for key, value in late[0].items() if key != "hook"},
                 {key: value for key, value in late[1].items() if key != "hook"}, "both hooks get the same facts")
        facts, event = late[0], json.loads(late[0]["json"])
        tap.same(facts["target"], target[:2047], "a long target is cut")
        tap.ok(begin <= float(facts["time"]) <= time.time() and float(facts["elapsed"]) >= 1,
               "the times are those of the request")
        tap.same((facts["route"], facts["handler"], int(facts["line"])),
                 ("/hold", "hold_after_steps",
                  workers.line_of(workers.APP, "static int hold_after_steps(")), "so are the route and the place of the handler")
        check_facts(facts, event)
        check_facts(idle, json.loads(idle["json"]))
        tap.same(workers.ask(server, "/crash/exit"), None, "a worker exits")
        gone = hook_calls(server, path, 4)[3]
        tap.ok(re.fullmatch(r"exited with status 3 after \d\.\d s", gone["reason"]), "the reason has the status")
        check_facts(gone, json.loads(gone["json"]))
        server.wait_for(lambda: events.read_text().count("\n") == 3)
        found = [json.loads(line) for line in events.read_text().splitlines()]
        tap.same(sorted(found, key=lambda one: one["time"]),  # reports run beside each other
                 [json.loads(one["json"]) for one in (idle, late[0], gone)],
                 "ON_EVENT's command gets each event once, one a line")
        log = server.log.read_text()
        server.stop()
        tap.same(server.log.read_text(), log, "the log reports no loss when the server stops")
        tap.same(path.read_text().count("\n"), 4, "no hook runs when the server stops")


def bad_commands():
    for command, line in (("exit 5", "ON_EVENT: exit 5 exited with status 5\n"),
                          ("kill -9 $$", r"ON_EVENT: kill -9 \$\$ was killed by signal 9\n"),
                          ("/nowhere/command", "ON_EVENT: /nowhere/command exited with status 127\n"),
                          ("exec <&-; exit 6", "ON_EVENT: exec <&-; exit 6 exited with status 6\n")):
        with workers.start(ON_EVENT=command) as server:
            worker, = workers.worker_pids(server, 1)
            os.kill(worker, signal.SIGKILL)
            tap.ok(workers.log_has(server, line), f"ON_EVENT {command}: the log reports the failure")
            tap.same(workers.ask(server, "/pid")[0], 200, f"ON_EVENT {command}: the server still serves")
            tap.same(limited.log_lines(server, "is not complete"), [],
                     f"ON_EVENT {command}: the process that reports the loss survives")


def slow_command(folder):
    """The next worker serves while the command runs, and the end waits for it."""
    begun, gate, done = folder / "begun", folder / "gate", folder / "done"
    os.mkfifo(gate)
    with workers.start(ON_EVENT=f"echo >{begun}; read line <{gate}; echo >{done}") as server:
        worker, = workers.worker_pids(server, 1)
        os.kill(worker, signal.SIGKILL)
        server.wait_for(begun.exists)
        tap.same(workers.ask(server, "/pid")[0], 200, "the server serves while a command runs")
        workers.ask_until_refused(server, lambda: server.process.send_signal(signal.SIGTERM))
        tap.ok(workers.log_has(server, "waiting for requests under way"), "the master logs that it waits")
        tap.same((server.process.poll(), done.exists()), (None, False), "the stop waits for the command")
        gate.write_text("\n")
        tap.same((server.process.wait(tap.BOUND), done.exists()), (0, True), "the stop ends with the command")


def in_folder(scenario):
    with tempfile.TemporaryDirectory() as name:
        scenario(pathlib.Path(name))


workers.run(lambda: in_folder(lost), bad_commands, lambda: in_folder(slow_command))
