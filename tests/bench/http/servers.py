"""The servers that are compared: how each is started, what it takes of the machine."""
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")

NGINX = """daemon off; pid {folder}/pid; error_log {folder}/error; worker_processes 1;
worker_rlimit_nofile 20000;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 120s;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location /hello {{ default_type "text/plain; charset=utf-8"; return 200 "Hello, World!"; }} }}
}}
"""
H2O = """listen: {{host: 127.0.0.1, port: {port}}}
num-threads: 1
max-connections: 16384
http1-request-timeout: 120
error-log: {folder}/error
hosts: {{default: {{paths: {{/hello: {{file.file: {folder}/hello.txt}}}}}}}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children_of(pid):
    path = f"/proc/{pid}/task/{pid}/children"
    with open(path, encoding="ascii") as file:
        found = [int(child) for child in file.read().split()]
    return found + [below for child in found for below in children_of(child)]


class Server:
    """One server, listening on 127.0.0.1:port once started."""

    def __init__(self, name, command, version="", config=None):
        self.name, self.command, self.version, self.config = name, command, version, config
        self.process = self.folder = None

    def start(self, *cores):
        self.port = free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="komori-bench-")
        words = {"port": self.port, "folder": self.folder.name}
        if self.config:
            with open(os.path.join(self.folder.name, "config"), "w", encoding="ascii") as file:
                file.write(self.config.format(**words))
        with open(os.path.join(self.folder.name, "hello.txt"), "w", encoding="ascii") as file:
            file.write("Hello, World!")
        os.chmod(self.folder.name, 0o755)
        with open(os.path.join(self.folder.name, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [word.format(**words) for word in self.command], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, cores))
        return self.listens()

    def listens(self):
        for _ in range(100):
            if self.process.poll() is not None:
                return False
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.1)
        return False

    def log(self):
        with open(os.path.join(self.folder.name, "log"), encoding="utf-8", errors="replace") as file:
            return file.read().strip()

    def stop(self):
        if self.process:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self.process.pid, number)
                    self.process.wait(3)
                    break
                except subprocess.TimeoutExpired:
                    continue
                except ProcessLookupError:
                    break
            self.process.wait()
        if self.folder:
            self.folder.cleanup()
        self.process = self.folder = None

    def processes(self):
        return [self.process.pid] + children_of(self.process.pid)

    def cpu_seconds(self):
        """Processor time of all its threads so far, user and system, to the nanosecond."""
        total = 0
        for pid in self.processes():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                    total += int(file.read().split()[0])
        return total / 1e9

    def peak_kib(self):
        """Highest resident memory, summed over its processes."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/status", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
        return total

    def private_bytes(self):
        """What is its own alone now, resident and written to, summed over its processes."""
        total = 0
        for pid in self.processes():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file
                             if line.startswith("Private_Dirty:"))
        return total * 1024


def package_version(package):
    result = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                            capture_output=True, text=True, check=False)
    return result.stdout if result.returncode == 0 else ""


def find(programs, only=None):
    """All servers that are here, or those in `only`, and one line for each that is not. `programs`
    are built ones by name."""
    here = []
    wanted = (
        ("nginx", "nginx", ["nginx", "-c", "{folder}/config", "-e", "{folder}/error"], NGINX),
        ("h2o", "h2o", ["h2o", "-c", "{folder}/config"], H2O),
        ("libmicrohttpd", "libmicrohttpd12", [programs.get("microhttpd"), "{port}"], None),
        ("evhttp", "libevent-extra-2.1-7", [programs.get("evhttp"), "{port}"], None),
        ("gunicorn+Flask", "gunicorn",
         ["gunicorn", "--workers", "1", "--chdir", PEERS, "--bind", "127.0.0.1:{port}",
          "--keep-alive", "120", "flask_hello:app"], None),
    )
    for name, package, command, config in wanted:
        if only and name not in only:
            continue
        program = command[0] and shutil.which(command[0])
        if not program:
            print(f"{name} is not installed: left out (apps/install-packages bench)")
            continue
        here.append(Server(name, [program] + command[1:], package_version(package), config))
    return here


def raise_descriptor_limit(wanted=16384):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
