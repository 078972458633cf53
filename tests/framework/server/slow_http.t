#!/usr/bin/python3
"""slowhttptest's attacks: others are answered meanwhile, and each slow client is closed at its
deadline, after which none is left."""
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import limited  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/framework/server/transfer_app"
CLIENTS = 100
ATTACKS = [
    ("slow headers", ["-H", "-i", "1"], "/child"),
    ("slow body", ["-B", "-i", "1", "-s", "8192"], "/pieces"),
    ("slow read", ["-X", "-n", "1", "-w", "16", "-y", "64", "-z", "32"], "/download"),
]


def attack(server, name, arguments, target):
    url = f"http://{server.host}:{server.port}{target}"
    command = ["slowhttptest", *arguments, "-c", str(CLIENTS), "-r", str(CLIENTS), "-l", "60",
               "-p", "10", "-u", url]
    most, answers = 0, []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL) as process:
        end = time.monotonic() + 40
        while time.monotonic() < end:
            sockets = limited.open_sockets(server)
            most = max(most, sockets)
            if most > CLIENTS / 2 and sockets == 1:
                break
            answers.append(limited.ask(server, "/nothing"))
            time.sleep(0.02)
        process.kill()
    tap.ok(most > CLIENTS / 2, f"{name}: they were many at a time")
    tap.ok(len(answers) > 10 and set(answers) == {404}, f"{name}: others are answered")
    tap.same(sockets, 1, f"{name}: the slow ones are closed")
    tap.diag(f"at most {most} sockets, {len(answers)} answers to others")


def main():
    with limited.start(PROGRAM, HEADER_TIMEOUT="2", BODY_TIMEOUT="2", WRITE_TIMEOUT="2",
                       IDLE_TIMEOUT="2") as server:
        for row in ATTACKS:
            attack(server, *row)
        tap.ok(limited.cpu_seconds(server) < 5, "at little cost")
        tap.same(server.stop(), 0, "a clean stop")
    tap.done_testing()


main()
