#!/usr/bin/python3
"""slowhttptest's attacks: the server closes each slow client at its timeout and serves others meanwhile."""
# builds: gcc asan
import os
import pathlib
import subprocess
import sys

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

    def over():
        nonlocal most
        sockets = limited.open_sockets(server)
        most = max(most, sockets)
        answers.append(limited.ask(server, "/nothing"))
        return most > CLIENTS / 2 and sockets == 1

    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL) as process:
        try:
            server.wait_for(over)
        finally:
            process.kill()
    tap.ok(True, f"{name}: there are many slow clients, and the server closes them")
    tap.same(set(answers), {404}, f"{name}: other clients get responses meanwhile")
    tap.diag(f"at most {most} sockets, {len(answers)} responses to others")


def main():
    with limited.start(PROGRAM, HEADER_TIMEOUT="2", BODY_TIMEOUT="2", WRITE_TIMEOUT="2",
                       IDLE_TIMEOUT="2") as server:
        for row in ATTACKS:
            attack(server, *row)
        tap.same(server.stop(), 0, "the server exits with 0")
    tap.done_testing()


main()
