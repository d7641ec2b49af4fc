"""Works off stages, a few processes at a time, and says how far it is and how long it will still take."""
import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import torch

from .run import Run
from .settings import TASKS
from .stages import plan

HERE = pathlib.Path(__file__).parent.parent


def here(stage):
    """Runs one stage in this process, on one thread."""
    torch.set_num_threads(1)
    if not stage.out.exists():
        stage.run(stage.out, None)


def _kind(name):
    return name.split("-")[0]


def _clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"


def work_off(stages, jobs, command, run):
    """command: what runs one stage when "RUN:STAGE" is put after it. A stage that fails ends the whole; what is done stays done."""
    begun, took, alive = time.time(), {}, {}
    environment = dict(os.environ, OMP_NUM_THREADS="1", PYTHONUNBUFFERED="1")
    done = {s.name for s in stages if s.out.exists()}
    print(f"{run}: {len(stages)} stages, {len(done)} done before", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that stages end with this process
    try:
        while len(done) < len(stages):
            for s in stages:
                if len(alive) < jobs and s.name not in done and s.name not in alive and all(n in done for n in s.needs):
                    log = open(s.out.with_suffix(".log"), "a", encoding="utf-8")
                    alive[s.name] = (subprocess.Popen([*command, f"{run}:{s.name}"], cwd=HERE, env=environment, stdout=log, stderr=log), time.time(), log)
            time.sleep(0.3)
            for name, (process, since, log) in list(alive.items()):
                if process.poll() is None:
                    continue
                log.close()
                del alive[name]
                if process.returncode:
                    tail = pathlib.Path(log.name).read_text(encoding="utf-8").splitlines()[-12:]
                    raise SystemExit(f"{run} {name} failed; {log.name} ends:\n" + "\n".join(tail))
                done.add(name)
                took.setdefault(_kind(name), []).append(time.time() - since)
                left = [s for s in stages if s.name not in done]
                known = [sum(took[_kind(s.name)]) / len(took[_kind(s.name)]) for s in left if _kind(s.name) in took]
                rest = f"{_clock(sum(known) / jobs)} for what has been measured" if known else "rest unknown"
                rest += f", {len(left) - len(known)} of kinds not run yet" if len(left) > len(known) else ""
                print(f"{_clock(time.time() - begun)} {name} done in {_clock(time.time() - since)}; {len(left)} stages left, {rest}", flush=True)
    finally:
        for process, _, _ in alive.values():
            process.terminate()


def estimate(work, runs, seeds, tasks, arms, few=6):
    """Runs each kind of stage for a few steps and prints what all of them will take, in seconds of one core. Models that cannot
    speak yet answer at the greatest length, so chat's evaluations come out too long."""
    torch.set_num_threads(1)
    for name, s in runs:
        spent = {}  # kind -> core-seconds of a step, and of the rest
        short = dataclasses.replace(s, points=1, pictures=128, **{f.name: few for f in dataclasses.fields(s) if f.name.endswith("_steps")})
        with tempfile.TemporaryDirectory() as tmp:
            for x in plan(work, pathlib.Path(tmp), short, seeds[:1], tasks, arms[:1]):
                before, Run.last = time.process_time(), None
                x.run(x.out, None)
                step = Run.last.step_seconds() if Run.last else 0.0
                spent.setdefault(_kind(x.name), (step, max(0.0, time.process_time() - before - step * (few if Run.last else 0))))
        rows = {}
        for x in plan(work, pathlib.Path("nowhere"), s, seeds, tasks, arms):
            k = _kind(x.name)
            step, rest = spent[k]
            row = rows.setdefault(k, [0, x.steps, step, 0.0])
            row[0] += 1
            row[3] += step * x.steps + rest * (s.pictures / 128 if k == "gallery" else s.points if k in TASKS else 1)
        print(f"{name}: about {sum(r[3] for r in rows.values()):.0f} core-seconds")
        for k, (n, steps, step, seconds) in rows.items():
            print(f"  {k:8} {n:3} x {steps:5} steps, {1000 * step:5.0f} ms a step: {seconds:6.0f} s with evaluations")
