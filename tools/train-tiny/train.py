"""Everything in one command: fetch, render, vocabulary, train, export, evaluate.

    python3 train.py --work DIR [--out ../../packages/tiny]

Interrupted? Run it again: finished stages are skipped and training resumes from its checkpoints.
"""
import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def run(*args):
    if subprocess.call([sys.executable, *map(str, args)], cwd=HERE):
        raise SystemExit(f"{args[0]} failed")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--work", type=pathlib.Path, default=HERE / ".work")
    ap.add_argument("--out", type=pathlib.Path, default=HERE.parent.parent / "packages" / "tiny")
    ap.add_argument("--vision-minutes", type=float, default=75)
    ap.add_argument("--text-minutes", type=float, default=30)
    ap.add_argument("--chat-minutes", type=float, default=90)
    a = ap.parse_args()
    a.work, a.out = a.work.resolve(), a.out.resolve()
    import fetch
    import sprites
    import vocab
    sets = fetch.fetch(a.work)
    sprites.render(sets, a.work / "sprites")
    words = a.work / "bee.txt"
    if not words.exists():
        print("vocabulary:", vocab.build(a.work, words), "entries")
    run("train_vision.py", "--work", a.work, "--minutes", a.vision_minutes)
    run("train_text.py", "--work", a.work, "--vocab", words, "--minutes", a.text_minutes)
    if not (a.work / "graft.pt").exists():
        run("graft.py", "--work", a.work, "--vocab", words)
    if not (a.work / "matched.pt").exists():
        run("matcher.py", "--work", a.work, "--vocab", words)
    run("train_chat.py", "--work", a.work, "--vocab", words, "--minutes", a.chat_minutes)
    run("export.py", "--checkpoint", a.work / "chat.pt", "--vocab", words, "--out", a.out / "model")
    run("evaluate.py", "--model", a.out / "model", "--work", a.work, "--per", 24, "--report", a.out / "eval" / "report.json")
    run("make_pictures.py", "--work", a.work, "--model", a.out / "model", "--out", a.out)


if __name__ == "__main__":
    main()
