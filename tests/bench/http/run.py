#!/usr/bin/env python3
"""How many requests a second Komori answers beside other servers, and what one costs, interleaved.

usage: run.py [-r ROUNDS] [-s SECONDS] [-o NAME]... LOAD CEILING ECHO [NAME=PROGRAM...]

One server at a time is loaded over 64 connections, on a processor of its own; LOAD has another. Peers
that are not installed are left out, with a line that says so. With -o only the servers named are run.
"""
import argparse
import dataclasses
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import quiet
import servers

LOADS = ((1, "small"), (16, "small"), (16, "browser"))
CONNECTIONS = 64
READS = {"read", "readv", "recv", "recvfrom", "recvmsg"}
WRITES = {"write", "writev", "send", "sendto", "sendmsg", "sendfile"}


@dataclasses.dataclass
class Sample:
    rate: float  # answers a second; 0: none came
    cpu: float = 0  # microseconds of the server's an answer
    others: float = 0  # share of one processor that someone else took
    note: str = ""


def pinned(core):
    return lambda: os.sched_setaffinity(0, {core})


def load(options, server, depth, kind, seconds):
    command = [options.load, str(server.port), str(CONNECTIONS), str(depth), str(seconds), kind]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60,
                          preexec_fn=pinned(options.load_core))


def measure(options, server, depth, kind):
    watch = quiet.Watch(server)
    begin = time.monotonic()
    result = load(options, server, depth, kind, options.seconds)
    watch.end(time.monotonic() - begin)
    if result.returncode:
        return Sample(0, note="stalls" if result.returncode == 3 else result.stderr.strip())
    answers, seconds = result.stdout.split()
    if int(answers) == 0:
        return Sample(0, note="stalls")
    return Sample(int(answers) / float(seconds), watch.cpu / int(answers) * 1e6, watch.others)


def latency_99(options, server):
    """Microseconds by wrk, which reads its answers; None when it has none to tell."""
    wrk = shutil.which("wrk")
    if not wrk:
        return None
    result = subprocess.run(
        [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(options.seconds))}s", "--latency",
         f"http://127.0.0.1:{server.port}/hello"], capture_output=True, text=True, check=False,
        preexec_fn=pinned(options.load_core))
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", result.stdout)
    return found and float(found[1]) * {"us": 1, "ms": 1e3, "s": 1e6}[found[2]]


def system_calls(options, server, depth):
    """(all, reads, writes) an answer, counted while strace slows the server down; None without."""
    strace = shutil.which("strace")
    if not strace:
        return None
    with tempfile.NamedTemporaryFile("r", encoding="ascii") as table:
        pids = [word for pid in server.processes() for word in ("-p", str(pid))]
        tracer = subprocess.Popen([strace, "-q", "-c", "-f", "-o", table.name] + pids,
                                  stderr=subprocess.DEVNULL, preexec_fn=pinned(options.load_core))
        time.sleep(0.3)
        result = load(options, server, depth, "small", 0.7)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
        answers, counts = int((result.stdout or "0").split()[0]), {}
        if answers == 0:
            return None
        for line in table:
            cells = line.split()
            if len(cells) >= 5 and cells[3].isdigit() and cells[-1] != "total":
                counts[cells[-1]] = int(cells[3])
    kinds = (counts, READS, WRITES)
    return [sum(counts.get(name, 0) for name in kind) / answers for kind in kinds]


def print_load(found, depth, kind, samples):
    print(f"\ndepth {depth}, {kind} request")
    print(f"  {'':16} {'requests/s':>10} {'(least)':>12} {'x ceiling':>10} {'(least)':>8}"
          f" {'CPU us':>8} {'(least)':>8} {'others':>7}")
    ceiling = [sample.rate for sample in samples["ceiling"]]
    for server in found:
        rounds = samples[server.name]
        if not rounds or not rounds[0].rate:
            print(f"  {server.name:16} {rounds[0].note if rounds else '-'}")
            continue
        rates = [sample.rate for sample in rounds]
        cpu = [sample.cpu for sample in rounds]
        ratios = [rate / best for rate, best in zip(rates, ceiling)]
        others = statistics.median(sample.others for sample in rounds)
        print(f"  {server.name:16} {statistics.median(rates):10.0f} {min(rates):12.0f}"
              f" {statistics.median(ratios):10.3f} {min(ratios):8.3f}"
              f" {statistics.median(cpu):8.3f} {min(cpu):8.3f} {others:7.1%}")


def print_costs(options, found, latencies):
    print(f"\n{'':18} {'p99 us':>8} {'system calls a request':>24} {'a batch of 16':>24}"
          f" {'peak KiB':>9}")
    print(f"{'':18} {'(wrk)':>8} {'all  reads writes':>24} {'all  reads writes':>24}")
    for server in found:
        cells = []
        for depth in (1, 16):
            counts = system_calls(options, server, depth)
            cells.append(" ".join(f"{count * depth:.2f}" for count in counts) if counts else "-")
        times = [time for time in latencies[server.name] if time]
        late = f"{statistics.median(times):.0f}" if times else "-"
        print(f"  {server.name:16} {late:>8} {cells[0]:>24} {cells[1]:>24} {server.peak_kib():>9}")


def read_options():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("-r", dest="rounds", type=int, default=5)
    parser.add_argument("-s", dest="seconds", type=float, default=1)
    parser.add_argument("-o", dest="only", action="append")
    parser.add_argument("load")
    parser.add_argument("ceiling")
    parser.add_argument("echo")
    parser.add_argument("peers", nargs="*")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("bench-http: needs two processors, one for the server and one for the load")
    options.server_core, options.load_core = cores[0], cores[1]
    return options


def start_all(options):
    found = [servers.Server("ceiling", [options.ceiling, "{port}"]),
             servers.Server("komori", [options.echo, "--port", "{port}"])]
    found += servers.find(dict(peer.split("=", 1) for peer in options.peers))
    if options.only:
        found = [server for server in found if server.name in ["ceiling"] + options.only]
    here = []
    for server in found:
        if server.start(options.server_core):
            here.append(server)
        else:
            print(f"{server.name} does not start: left out\n{server.log()}")
            server.stop()
    return here


def run(options, found):
    samples = {load: {server.name: [] for server in found} for load in LOADS}
    latencies = {server.name: [] for server in found}
    for turn in range(options.rounds):
        for depth, kind in LOADS:
            for server in found:
                rounds = samples[depth, kind][server.name]
                if turn == 0 or rounds[0].rate:
                    rounds.append(quiet.repeat_until_quiet(
                        lambda: measure(options, server, depth, kind)))
        for server in found:
            latencies[server.name].append(latency_99(options, server))
    for depth, kind in LOADS:
        print_load(found, depth, kind, samples[depth, kind])
    print_costs(options, found, latencies)


def main():
    options = read_options()
    servers.raise_descriptor_limit()
    print(f"{options.rounds} rounds of {options.seconds:g} s, {CONNECTIONS} connections;"
          f" medians; {quiet.describe()} before")
    found = start_all(options)
    try:
        print(", ".join(f"{server.name} {server.version}".strip() for server in found))
        run(options, found)
    finally:
        for server in found:
            server.stop()


main()
