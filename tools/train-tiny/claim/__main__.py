"""The whole experiment in one command: drawings, vocabulary, every stage of every arm and seed, from scratch, resumable.

    python3 -m claim --work DIR                    the default: 3 seeds, 4 arms, chat and paint
    python3 -m claim --work DIR --quick            all of it in miniature, in about two minutes: shows that it runs, nothing else
    python3 -m claim --work DIR --plan             measures a few steps of each stage and says what the whole will take
    python3 -m claim --work DIR --sweep mixed=0,0.3,1 --arms bi-bi,bi-en --seeds 1
"""
import argparse
import pathlib
import sys

from . import jobs, prepare, settings
from .stages import plan

DEFAULT_MINUTES = 110  # core-minutes the default settings take, for --minutes


def arguments(argv):
    ap = argparse.ArgumentParser(prog="claim", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--work", type=pathlib.Path, required=True, help="folder of drawings, vocabulary and results")
    ap.add_argument("--name", help="results go to WORK/runs/NAME (default: main, quick, or the sweep's values)")
    ap.add_argument("--seeds", help="how many seeds, or which: 3 is 0,1,2; default 3, with --quick 1")
    ap.add_argument("--tasks", default="chat,paint")
    ap.add_argument("--arms", default=",".join(settings.ARMS))
    ap.add_argument("--jobs", type=int, default=2, help="stages at a time, one thread each")
    ap.add_argument("--minutes", type=float, help="scale all steps to about so many core-minutes")
    ap.add_argument("--quick", action="store_true")
    ap.add_argument("--plan", action="store_true")
    ap.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="any field of settings.Settings")
    for name in ("parallel", "mixed", "aligned", "shared-tokens", "layers", "llm"):
        ap.add_argument(f"--{name}", metavar="VALUE", help="short for --set")
    ap.add_argument("--sweep", metavar="NAME=V1,V2", help="the experiment once for each value")
    ap.add_argument("--only", help=argparse.SUPPRESS)  # one stage, in this process: how the jobs are started
    a = ap.parse_args(argv)
    a.chosen = [f"{n}={v}" for n in ("parallel", "mixed", "aligned", "shared_tokens", "layers", "llm") if (v := getattr(a, n)) is not None]
    a.seeds = a.seeds or ("1" if a.quick else "3")
    a.tasks, a.arms = a.tasks.split(","), a.arms.split(",")
    for given, known in ((a.tasks, settings.TASKS), (a.arms, tuple(settings.ARMS))):
        if odd := [x for x in given if x not in known]:
            ap.error(f"{', '.join(odd)}: there are {', '.join(known)}")
    try:
        a.seed_list = [int(x) for x in a.seeds.split(",")] if "," in a.seeds else list(range(int(a.seeds)))
        fields = dict(settings.parse(*x.split("=", 1)) for x in a.chosen + a.set)
        make = lambda more: settings.make(a.quick, a.minutes, DEFAULT_MINUTES * 60, **dict(fields, **more))
        name = a.name or ("quick" if a.quick else "main")
        a.runs = [(name, make({}))]
        if a.sweep:
            key, values = a.sweep.split("=", 1)
            a.runs = [(f"{a.name + '-' if a.name else ''}{key}={v}", make(dict([settings.parse(key, v)]))) for v in values.split(",")]
    except (ValueError, TypeError) as e:
        ap.error(str(e))
    return a


def main(argv=None):
    argv = sys.argv[1:] if argv is None else argv
    a = arguments(argv)
    a.work = a.work.resolve()
    if a.only is None:
        prepare.prepare(a.work)
    if a.plan:
        return jobs.estimate(a.work, a.runs, a.seed_list, a.tasks, a.arms)
    for name, s in a.runs:
        folder = prepare.folder(a.work, name, s)
        stages = plan(a.work, folder, s, a.seed_list, a.tasks, a.arms)
        if a.only:
            at, wanted = a.only.split(":", 1)
            if at == name:
                jobs.here(next(x for x in stages if x.name == wanted))
            continue
        prepare.borrow(folder, s, stages)
        jobs.work_off(stages, a.jobs, [sys.executable, "-m", "claim", *argv, "--only"], name)


if __name__ == "__main__":
    main()
