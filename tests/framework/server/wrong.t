#!/usr/bin/python3
"""The log reports what an application does wrong while it serves, and the server still serves."""
# builds: gcc asan
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "master"))
import limited  # noqa: E402
import tap  # noqa: E402
import workers  # noqa: E402

PROGRAM = os.environ["BUILD"] + "/tests/framework/server/wrong_app"
KM_ESTATE = -3
COUNT = 3


def lines(server):
    return limited.log_lines(server, "komori: .*")


def late_set_up(**options):
    with workers.Server(PROGRAM, **options) as server:
        tap.same(workers.ask(server, "/late"), (200, " ".join([str(KM_ESTATE)] * 7 + ["1"])),
                 "set-up calls are refused while the application serves")
        names = ["km_config_define", "km_config_set", "km_main", "km_app_free", "km_app_wrap", "km_on_worker_lost",
                 "km_on_worker_start", "km_profile_filename_set", "km_route"]
        tap.same(sorted(lines(server)), sorted(f"komori: {name} is refused: the application is already serving" for name in names),
                 "the log reports each call")
        tap.same(workers.ask(server, "/later")[0], 404, "nothing was set up")
        tap.same(server.stop(), 0, "the server exits with 0")


def stray_children(**options):
    with workers.Server(PROGRAM, **options) as server:
        for _ in range(COUNT):
            tap.same(workers.ask(server, "/forks"), (200, "1"), "a handler that forks: the parent sends the response")
        workers.log_has(server, "returned from the handler and exits", COUNT)
        with limited.connect(server) as connection:
            connection.sendall(limited.request("/streams", fields="Connection: close\r\n"))
            got = b"".join(iter(lambda: connection.recv(65536), b""))
        tap.same(got.count(b"chunk\n"), 3, "a stream after a fork is completed once")
        workers.log_has(server, "returned from the handler and exits", COUNT + 1)
        told = [line for line in lines(server) if "and exits" in line]
        tap.same([line.split(": process")[0] for line in told], ["komori: GET /forks"] * COUNT + ["komori: GET /streams"],
                 "the child that returns from the handler is ended and reported")
        tap.same(len(lines(server)), COUNT + 1, "the log reports nothing else")
        if options.get("PROFILE") == "1":
            server.wait_for(lambda: len(server.reports()) == COUNT + 1)
            tap.same([path for path, _ in server.reports()], ["'/forks'"] * COUNT + ["'/streams'"], "the profile is printed once")
        tap.same(server.stop(), 0, "the server exits with 0")


def untold_errors():
    with workers.Server(PROGRAM, PROFILE="0") as server:
        for target, why in ("/null", "the application gave no body"), ("/unstarted", "the application did not call start_response"), \
                ("/fails", "the body failed before the response had begun"):
            tap.same((workers.ask(server, target)[0], lines(server)[-1]), (500, f"komori: GET {target}: {why}"), f"{target}: 500, and the log says why")


for options in {"PROFILE": "0"}, {"PROFILE": "1"}, {"PROFILE": "0", "WORKERS": "0"}, {"PROFILE": "0", "THREADS": "2"}:
    tap.diag(str(options))
    late_set_up(**options)
    stray_children(**options)
untold_errors()
tap.done_testing()
