"""What is to be done, in which order, and which file says that it is done. A stage is (name, file, what it needs, how it runs)."""
import dataclasses
import pathlib

from . import chat_stage, paint_judge, paint_stage, text_stage, tower
from .settings import ARMS


@dataclasses.dataclass(frozen=True)
class Stage:
    name: str
    out: pathlib.Path
    needs: tuple
    run: object  # run(out, stop_after)
    steps: int


def plan(work, runs, settings, seeds, tasks, arms):
    """All stages in the order in which they are best done: whole seeds after one another, chat before paint.
    work: drawings and vocabulary; runs: the folder of these settings' results. -> [Stage]"""
    s, at = settings, lambda name: runs / name
    eye, judge = at("tower.pt"), at("judge.pt")
    out = {}

    def add(name, path, needs, run, steps):
        out.setdefault(name, Stage(name, path, tuple(needs), run, steps))

    for task in tasks:
        for seed in seeds:
            gallery = at(f"gallery-{seed}.pt")
            if task == "chat":
                add("tower", eye, (), lambda o, stop: tower.train(work, s, o, stop), s.tower_steps)
            else:
                add("judge", judge, (), lambda o, stop: paint_judge.train(work, s, o, stop), s.judge_steps)
            for text in dict.fromkeys(ARMS[a][0] for a in arms):
                add(f"text-{text}-{seed}", at(f"text-{text}-{seed}.pt"), (),
                    lambda o, stop, seed=seed, text=text: text_stage.train(work, s, seed, text, o, stop), s.text_steps)
            if task == "chat":
                add(f"gallery-{seed}", gallery, ("tower",), lambda o, stop, seed=seed: tower.gallery(work, s, seed, o, eye), 0)
            for arm in arms:
                text, stage = ARMS[arm]
                llm = at(f"text-{text}-{seed}.pt")
                if task == "chat":
                    run = lambda o, stop, seed=seed, arm=arm, text=text, stage=stage, llm=llm, g=gallery: \
                        chat_stage.train(work, s, seed, arm, text, stage, o, llm, g, stop)
                    add(f"chat-{arm}-{seed}", at(f"chat-{arm}-{seed}.json"), (f"text-{text}-{seed}", f"gallery-{seed}"), run, s.chat_steps)
                else:
                    run = lambda o, stop, seed=seed, arm=arm, text=text, stage=stage, llm=llm: \
                        paint_stage.train(work, s, seed, arm, text, stage, o, llm, judge, stop)
                    add(f"paint-{arm}-{seed}", at(f"paint-{arm}-{seed}.json"), (f"text-{text}-{seed}", "judge"), run, s.paint_steps)
    return list(out.values())
