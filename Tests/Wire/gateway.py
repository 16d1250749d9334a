"""The real binary as a child process: start it, read its ports, ask it, stop it."""

import itertools
import os
import re
import resource
import shutil
import signal
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import xxhash

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("WEIR_BINARY", ROOT / ".build/debug/weir"))
START_SECONDS = 30
"""From the first instruction to `weir: ready`, models loaded."""


def eventually(condition, within, what="it"):
    """Waits until `condition()` holds, and returns what it returned; fails when it does not within so many seconds."""
    deadline = time.monotonic() + within
    while True:
        if result := condition():
            return result
        assert time.monotonic() < deadline, f"{what} did not come about within {within} s"
        time.sleep(0.01)


class Gateway:
    """One `weir serve` on ports of its own choice, with a token for predictions."""

    def __init__(self, folder, certs, routes, limits=None, arguments=(), descriptors=None):
        self.state, self.certs, self.routes = folder / "state", certs, routes
        self.limits, self.arguments, self.descriptors = limits or {}, list(arguments), descriptors
        self.lines, self.process, self.token = [], None, None
        self._numbers = itertools.count(1)
        self._ready, self._reader = threading.Event(), None

    def start(self, wait=True):
        self.token = self.token or self.make_token()
        command = [
            BINARY, "serve", "--routes", self.routes, "--certs", self.certs, "--state", self.state, "--reactors", "2",
            "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", *self.arguments,
        ]
        if self.limits:
            command += ["--limits", ",".join(f"{name}={value}" for name, value in self.limits.items())]
        self.process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            preexec_fn=self._limit_descriptors if self.descriptors else None)
        self._reader = threading.Thread(target=self._read, args=(self.process, self.lines, self._ready), daemon=True)
        self._reader.start()
        if wait:
            assert self._ready.wait(START_SECONDS) and self.process.poll() is None, f"weir serve did not start:\n{self.log()}"
        return self

    def restart(self):
        """Starts anew on the same state, after the server stopped."""
        self.lines, self._ready = [], threading.Event()
        return self.start()

    def _limit_descriptors(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    @staticmethod
    def _read(process, lines, ready):
        """Of one start: its last line may come after the next one began."""
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("weir: ready"):
                ready.set()
        ready.set()

    def _port(self, plane):
        address = next(line for line in self.lines if line.startswith(f"weir: {plane} plane"))
        return int(address.rsplit(":", 1)[1])

    @property
    def port(self):
        return self._port("data")

    @property
    def control_port(self):
        return self._port("control")

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def log(self):
        """All that the server printed so far."""
        return "\n".join(self.lines) + "\n"

    def weir(self, *words, check=True):
        """Runs a verb of the command line; its standard output, stripped."""
        result = run_weir(*words)
        assert not check or result.returncode == 0, f"weir {words}: {result.stdout}{result.stderr}"
        return result.stdout.strip()

    def make_token(self, *scopes, name=None, more=()):
        """Makes a token with these scopes, else with predict. Names are unique among tokens in force, so they are numbered."""
        options = [word for scope in scopes or ("predict",) for word in ("--scope", scope)]
        return self.weir("token", "create", "--state", self.state, "--name", name or f"tests-{next(self._numbers)}", *options, *more)

    def new_token(self, *scopes, **options):
        """The same, and waits until the running server knows it."""
        token = self.make_token(*scopes, **options)
        eventually(lambda: self.knows(token), within=5, what="a new token")
        return token

    def knows(self, token):
        route = min(path.parent.name for path in self.routes.glob("*/route.yaml"))
        request = urllib.request.Request(f"{self.url}/v1/{route}", data=b"{}", headers={"authorization": f"Bearer {token}"})
        return self._open(request)[0] != 401

    def split(self, *weights, route="probe", why="a test"):
        return self.weir("split", route, *weights, "--why", why, "--state", self.state)

    def get(self, path, control=False):
        """A plain GET: status, fields by lower-case name, text."""
        return self._open(f"https://localhost:{self.control_port if control else self.port}{path}")

    def _open(self, request):
        context = ssl.create_default_context(cafile=str(self.certs / "ca.pem"))
        try:
            answer = urllib.request.urlopen(request, context=context, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read().decode()

    def cpu_seconds(self):
        """Processor time of the server and the processes it started."""
        return sum(sum(times) for _, times in self._family().items()) / os.sysconf("SC_CLK_TCK")

    @property
    def worker_pid(self):
        """The process that does the serving; the one that was started supervises it."""
        return self.workers()[0]

    def workers(self):
        """The children that serve, the oldest first."""
        return sorted(int(path.name) for path in Path("/proc").glob("[0-9]*") if self._is_worker(path))

    def _is_worker(self, process):
        try:
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
            return parent == self.process.pid and b"\0worker\0" in (process / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False

    def processes(self):
        """The server's processes: the one that was started and all that it started."""
        return set(self._family())

    def _family(self):
        parents, times = {}, {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                except (FileNotFoundError, ProcessLookupError):
                    continue
                parents[int(entry.name)], times[int(entry.name)] = int(fields[1]), (int(fields[11]), int(fields[12]))
        family = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return {pid: times[pid] for pid in family if pid in times}

    def is_well(self):
        """True if the server still runs and still predicts."""
        return self.process.poll() is None and self.get("/readyz")[0] == 200

    def terminate(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)

    def exit_code(self, within=15):
        code = self.process.wait(within)
        self._reader.join(within)
        return code

    def stop(self):
        if self.process and self.process.poll() is None:
            self.terminate()
            try:
                return self.exit_code()
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise AssertionError(f"weir serve did not stop on SIGTERM:\n{self.log()}") from None
        return self.process.returncode if self.process else None

    @property
    def shared_memory(self):
        """Where the counters lie while the server runs. An orderly end removes it."""
        digest = xxhash.xxh64_hexdigest(str(self.state.resolve()).encode(), seed=0)
        return Path(f"/dev/shm/weir-{os.geteuid()}-{digest}")

    def discard(self):
        """Stops for good: nothing of a server that was killed stays in memory."""
        code = self.stop()
        shutil.rmtree(self.shared_memory, ignore_errors=True)
        return code


def run_weir(*words):
    return subprocess.run([str(word) for word in (BINARY, *words)], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


LABEL = r'(\w+)="((?:[^"\\\n]|\\.)*)"'
SAMPLE = re.compile(rf"([a-zA-Z_:][\w:]*)(?:\{{((?:{LABEL},?)*)\}})? (\S+)")


def parse_metrics(text):
    """Prometheus text: (name, labels, value) of each sample. Raises ValueError on a line that is none."""
    samples = []
    for line in text.splitlines():
        if not line or line.startswith(("# HELP ", "# TYPE ")):
            continue
        if not (match := SAMPLE.fullmatch(line)):
            raise ValueError(line)
        samples.append((match[1], dict(re.findall(LABEL, match[2] or "")), float(match[5])))
    return samples
