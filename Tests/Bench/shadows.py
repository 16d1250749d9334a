#!/usr/bin/env python3
"""What a shadow costs the threads that answer: the same load with and without it, in turns, under a shadow that behaves badly.

    Tests/Bench/shadows.py --weir .build/release/weir --python .venv/bin/python

Each mode has rounds in pairs, one without the shadow and one with it at 100 %, in changing order. For each pair the ratio of the reactors' CPU
time a request, and of the time that they were ready and had no CPU (/proc/PID/task/TID/schedstat); medians of the ratios are what to read. p99 is
the client's. Loads are open loops at a share of what the gateway was measured to answer, bounded in count and time, on loopback only.

The mode `idle` is what the kernel itself asks for waking a thread on a CPU that an idle-class task runs on: a shadow that uses up a CPU cannot be
below it.

The gateway, its shadow and the thread that compares run on one CPU, the client on another: the shadow then has only what the reactor leaves.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILM = {"year": 1994, "length": 142, "rating": 9.1, "votes": 149494, "r1": 4.5, "r2": 4.5, "r3": 4.5, "r4": 4.5, "r5": 4.5, "r6": 4.5,
        "r7": 4.5, "r8": 4.5, "r9": 14.5, "r10": 64.5}
MODES = {
    "plain": "the example's candidate",
    "slow": "a model that takes ten times as long as the live one",
    "core": "a model that takes more than a whole core",
    "asleep": "a process that sleeps 60 s in each call",
    "crash": "a process that crashes in each call",
    "idle": "no shadow at all; a foreign process uses up what the gateway's CPUs have left, at idle priority as shadows do",
}


def slow_model(source, path, spins):
    """The example's candidate, made slower by a loop that changes nothing: `spins` turns a row."""
    code = f"""
import onnx, numpy
from onnx import helper, numpy_helper, TensorProto
model = onnx.load({str(source)!r})
graph = model.graph
name = graph.input[0].name
add = lambda label, value: graph.initializer.append(numpy_helper.from_array(value, label))
add("weir_spins", numpy.array({spins}, dtype=numpy.int64)); add("weir_true", numpy.array(True)); add("weir_zero", numpy.array(0, dtype=numpy.float32))
add("weir_first", numpy.array(0, dtype=numpy.int64))
body = helper.make_graph(
    [helper.make_node("Identity", ["on_in"], ["on_out"]), helper.make_node("Add", ["sum_in", "sum_in"], ["sum_out"])], "body",
    [helper.make_tensor_value_info("turn", TensorProto.INT64, []), helper.make_tensor_value_info("on_in", TensorProto.BOOL, []),
     helper.make_tensor_value_info("sum_in", TensorProto.FLOAT, [])],
    [helper.make_tensor_value_info("on_out", TensorProto.BOOL, []), helper.make_tensor_value_info("sum_out", TensorProto.FLOAT, [])])
nodes = [helper.make_node("Shape", [name], ["weir_shape"]), helper.make_node("Gather", ["weir_shape", "weir_first"], ["weir_rows"]),
         helper.make_node("Mul", ["weir_rows", "weir_spins"], ["weir_turns"]),
         helper.make_node("Loop", ["weir_turns", "weir_true", "weir_zero"], ["weir_spun"], body=body),
         helper.make_node("Add", [name, "weir_spun"], ["weir_input"])]
for node in graph.node:
    for index, used in enumerate(node.input):
        if used == name: node.input[index] = "weir_input"
for place, node in enumerate(nodes): graph.node.insert(place, node)
onnx.save(model, {str(path)!r})
"""
    subprocess.run([arguments.python, "-c", code], check=True)


class Gateway:
    """A gateway on one CPU, with a folder of its own."""

    def __init__(self, folder):
        self.folder, self.route = folder, folder / "routes" / "video-category"
        shutil.copytree(ROOT / "Routes" / "video-category", self.route)
        self.text = (self.route / "route.yaml").read_text()
        start = self.text.index("\nshadows:")
        end = self.text.index("\n\n", start) if "\n\n" in self.text[start:] else len(self.text)
        self.bare = self.text[:start] + self.text[end:]
        # The live model is the one with the trees, and has more time than it needs.
        self.bare = re.sub(r"weight: 90", "weight: 0", re.sub(r"weight: 10\b", "weight: 100", self.bare)).replace("deadline: 50ms", "deadline: 250ms")
        self.state = folder / "state"
        self.token = self.weir("token", "create", "--name", "bench", "--scope", "predict").strip()
        (self.route / "route.yaml").write_text(self.bare)
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen(
            ["taskset", "-c", arguments.cpu, arguments.weir, "serve", "--routes", folder / "routes", "--certs", arguments.certs, "--state", self.state,
             "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--access-log", "off", "--reactors", str(arguments.reactors), "--metrics-open"],
            stdout=self.log, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if match := re.match(r"weir: (data|control) plane *https://(\S+)", line):
                setattr(self, match[1], match[2])
            if line.startswith("weir: ready"):
                break
        self.worker = int(subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=True).stdout.split()[0])

    def weir(self, *words):
        return subprocess.run([arguments.weir, *words, "--state", self.state], capture_output=True, text=True, check=True).stdout

    def generation(self):
        page = subprocess.run(["curl", "-ks", f"https://{self.control}/metrics"], capture_output=True, text=True).stdout
        return int(re.search(r"^weir_plan_generation (\d+)", page, re.M)[1])

    def serve(self, text):
        """Puts a route file in force."""
        before = self.generation()
        (self.route / "route.yaml").write_text(text)
        while self.generation() == before:
            time.sleep(0.1)

    def with_shadow(self, model):
        digest = subprocess.run(["sha256sum", self.route / model], capture_output=True, text=True, check=True).stdout.split()[0]
        return self.bare + f'\nshadows:\n  - {{ name: candidate, model: {model}, sha256: "{digest}" }}\n'

    def reactors(self):
        """CPU time, and time without a CPU, of the threads that answer, in ns."""
        sums = [0, 0]
        for task in pathlib.Path(f"/proc/{self.worker}/task").iterdir():
            if (task / "comm").read_text().startswith("weir-reactor"):
                used, waited = (task / "schedstat").read_text().split()[:2]
                sums[0] += int(used)
                sums[1] += int(waited)
        return sums

    def whole(self):
        """CPU time of every process of the gateway, in ns, and the worker's resident memory in MB."""
        tick = os.sysconf("SC_CLK_TCK")
        family, todo = [], [self.process.pid]
        while todo:
            family.append(todo.pop())
            todo += map(int, subprocess.run(["pgrep", "-P", str(family[-1])], capture_output=True, text=True).stdout.split())
        used = 0
        for pid in family:
            try:
                words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                used += sum(map(int, words[11:15])) * 10**9 // tick
            except OSError:
                pass
        resident = int(pathlib.Path(f"/proc/{self.worker}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        return used, resident

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def load(gateway, folder, rate, seconds, clients=16, streams=4):
    """An open loop of `rate` requests a second; requests, their p50 and p99 in us, and how many were not answered 200."""
    (folder / "film.json").write_text(json.dumps(FILM))
    log = folder / "requests"
    log.unlink(missing_ok=True)
    command = ["taskset", "-c", arguments.client_cpu, "h2load", "-t", "1", "-c", str(clients), "-m", str(streams), "-d", folder / "film.json",
               "-H", "content-type: application/json", "-H", f"authorization: Bearer {gateway.token}", f"--log-file={log}"]
    if rate:
        command += ["--rps", str(rate / clients), "-n", str(int(rate * seconds) // clients * clients)]
    else:
        command += ["-n", str(60_000)]
    output = subprocess.run(command + [f"https://{gateway.data}/v1/video-category"], capture_output=True, text=True, timeout=120).stdout
    answered = int(re.search(r"status codes: (\d+) 2xx", output)[1])
    times = sorted(int(line.split("\t")[2]) for line in log.read_text().splitlines())
    took = float(re.search(r"finished in ([\d.]+)(ms|s)", output)[1]) * (0.001 if "ms," in output.split("finished in ")[1][:16] else 1)
    return {"requests": len(times), "failed": len(times) - answered, "rate": len(times) / took, "p50": times[len(times) // 2],
            "p99": times[len(times) * 99 // 100]}


def one_round(gateway, folder, rate):
    time.sleep(0.5)
    (cpu, waited), (whole, _) = gateway.reactors(), gateway.whole()
    result = load(gateway, folder, rate, arguments.seconds)
    (cpu_after, waited_after), (whole_after, resident) = gateway.reactors(), gateway.whole()
    result |= {"cpu": (cpu_after - cpu) / 1e3 / result["requests"], "waited": (waited_after - waited) / 1e3 / result["requests"],
               "whole": (whole_after - whole) / 1e3 / result["requests"], "memory": resident}
    return result


def idle_hogs():
    """A process for each of the gateway's CPUs that does nothing but use what others leave."""
    hog = ["chrt", "--idle", "0", "sh", "-c", "while :; do :; done"]
    return [subprocess.Popen(["taskset", "-c", cpu, *hog]) for cpu in arguments.cpu.split(",")]


def figures(gateway, name):
    report = json.loads(gateway.weir("report", "video-category", "--json"))
    shadow = next((entry for entry in report["shadows"] if entry["name"] == name), {})
    return {key: shadow.get(key) for key in ("sampled", "compared", "dropped", "under_way")}


def measure(mode, folder, rate, spins):
    gateway = Gateway(folder)
    try:
        model = "candidate.onnx"
        if mode in ("slow", "core"):
            slow_model(gateway.route / model, gateway.route / "spinning.onnx", spins[mode])
            model = "spinning.onnx"
        on = gateway.with_shadow(model)
        rate = rate or arguments.share * load(gateway, folder, None, None)["rate"]
        pairs = []
        for number in range(arguments.rounds):
            pair = {}
            for name in ("off", "on") if number % 2 == 0 else ("on", "off"):
                gateway.serve(on if name == "on" and mode != "idle" else gateway.bare)
                hogs = idle_hogs() if name == "on" and mode == "idle" else []
                if name == "on" and mode in ("asleep", "crash"):
                    fault = ["--delay", "60s"] if mode == "asleep" else ["--crash"]
                    gateway.weir("fault", "video-category", "candidate", *fault, "--for", "1h", "--why", "measurement")
                    time.sleep(1)
                pair[name] = one_round(gateway, folder, rate)
                for hog in hogs:
                    hog.kill()
                    hog.wait()
                if name == "on" and mode in ("asleep", "crash"):
                    gateway.weir("fault", "video-category", "candidate", "--end")
            pairs.append(pair)
            print(f"  {mode} {number + 1}/{arguments.rounds}", end="\r", file=sys.stderr, flush=True)
        return rate, pairs, figures(gateway, "candidate")
    finally:
        gateway.stop()


def show(mode, rate, pairs, account):
    ratios = {key: [pair["on"][key] / pair["off"][key] for pair in pairs if pair["off"][key]] for key in ("cpu", "waited")}
    spread = lambda values: f"{statistics.median(values):.3f} ({min(values):.3f} to {max(values):.3f})"
    of = lambda name, key: [pair[name][key] for pair in pairs]
    print(f"\n{mode}: {MODES[mode]}; {len(pairs)} pairs of {arguments.seconds} s at {rate:.0f} requests/s")
    for key, label in (("cpu", "reactors' CPU a request, on / off"), ("waited", "their time without a CPU, on / off")):
        print(f"  {label:36} {spread(ratios[key])}   ({statistics.median(of('off', key)):.2f} -> {statistics.median(of('on', key)):.2f} us)")
    for key, label in (("p50", "p50"), ("p99", "p99"), ("whole", "CPU of all processes a request"), ("memory", "worker's resident memory, MB")):
        print(f"  {label:36} off {spread(of('off', key))}   on {spread(of('on', key))}")
    print(f"  not answered 200: {sum(of('off', 'failed'))} off, {sum(of('on', 'failed'))} on;  account of the shadow: {account}")


def main():
    print(f"{arguments.rounds} pairs a mode, gateway on CPU {arguments.cpu}, client on CPU {arguments.client_cpu}")
    for mode in arguments.mode or MODES:
        with tempfile.TemporaryDirectory() as name:
            show(mode, *measure(mode, pathlib.Path(name), arguments.rate, {"slow": 60, "core": 6_000}))


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--weir", default=ROOT / ".build/release/weir", help="the program")
parser.add_argument("--python", default=ROOT / ".venv/bin/python", help="a Python with onnx, which makes slow models")
parser.add_argument("--certs", default=ROOT / "Certs", help="folder of the certificates that Certs/issue makes")
parser.add_argument("--mode", action="append", choices=MODES, help="may come several times; default: all")
parser.add_argument("--rounds", type=int, default=10, help="pairs a mode")
parser.add_argument("--seconds", type=float, default=4, help="length of a round")
parser.add_argument("--share", type=float, default=0.3, help="of what the gateway answers at most")
parser.add_argument("--rate", type=float, help="requests a second, instead of a share")
parser.add_argument("--reactors", type=int, default=1)
parser.add_argument("--cpu", default="0", help="the gateway's CPUs")
parser.add_argument("--client-cpu", default="1")
arguments = parser.parse_args()
main()
