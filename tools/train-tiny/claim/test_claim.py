"""Run from the folder above: python3 -m claim.test_claim (needs no drawings; seconds)."""
import dataclasses
import json
import pathlib
import random
import tempfile
import unittest

import numpy as np
import torch

import world
from judge import find, judge

from . import asks, charts, facts, paint_stage, reading, report, settings, small, stats, text_stage
from .chat_stage import blind, exam, lesson, moments
from .run import Run, adamw

SMALL = settings.make(quick=True, text_steps=6, text_batch=4)
LINES = ["<pad>", "<unk>", "<mask>", "<sep>", "</n>", "</_>", "<s>", "</s>", "<root>", "<ans>", "<option>", *"abcdefghijklmnopqrstuvwxyz.?,", " the", " is"]


def chinese(text):
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def exercises(text, n=300, **chosen):
    s = dataclasses.replace(SMALL, **chosen)
    return [reading.exercise(small.dice("facts", k), small.dice("words", text, k), settings.LANGUAGES[text], s) for k in range(n)]


def gallery(n=30):
    return dict(scenes=[facts.scene(small.dice("scene", k)) for k in range(n)])


class Languages(unittest.TestCase):
    def test_english_text_stage_holds_no_chinese(self):
        self.assertFalse([e for e in exercises("en", parallel=0.5, mixed=0.5, shared_tokens=0.5) if any(map(chinese, e))])

    def test_bilingual_text_stage_holds_both(self):
        texts = exercises("bi")
        share = sum(chinese(t) for _, t, _, _ in texts) / len(texts)
        self.assertTrue(0.4 < share < 0.6, share)

    def test_english_multimodal_stages_hold_no_chinese(self):
        for step in range(20):
            _, rows = lesson(gallery(), 0, step, ("en",), 4, small.dice("w", step))
            self.assertFalse([r for r in rows if any(map(chinese, r))])

    def test_mixed_and_parallel_are_shares(self):
        crossed = lambda es: sum(chinese(t) != chinese(q) for _, t, q, _ in es)
        self.assertEqual(crossed(exercises("bi", mixed=0.0, parallel=0.0)), 0)
        self.assertEqual(crossed(exercises("bi", mixed=1.0, parallel=0.0)), 300)

    def test_arms_are_told_the_same_facts(self):
        """The English arm's answers, and those the bilingual one gives in English, name the same things."""
        things = lambda text: {label for label, *_ in find(text, "en")}
        pairs = [(en, bi) for en, bi in zip(exercises("en", parallel=0.0), exercises("bi", parallel=0.0)) if not chinese(bi[3])]
        self.assertGreater(len(pairs), 100)
        for en, bi in pairs:
            self.assertEqual((en[0], things(en[3])), (bi[0], things(bi[3])))

    def test_code_switching(self):
        self.assertEqual(facts.switched("这是一只猫。"), "这是一只 cat。")


class Streams(unittest.TestCase):
    def test_arms_see_the_same_pictures_in_chat(self):
        g = gallery()
        for step in range(10):
            one, _ = lesson(g, 3, step, ("en",), 5, small.dice("w", "en", step))
            other, _ = lesson(g, 3, step, ("en", "zh"), 5, small.dice("w", "bi", step))
            self.assertEqual(one, other)

    def test_arms_see_the_same_pictures_and_noise_in_paint(self):
        canvas = type("", (), dict(seen=list(range(40))))
        en, bi = (paint_stage.lesson(canvas, 1, 7, stage, 16) for stage in ("en", "bi"))
        self.assertEqual(en[:3], bi[:3])
        self.assertEqual({l for l, _ in en[3]}, {"en"})
        self.assertEqual({l for l, _ in bi[3]}, {"en", "zh"})

    def test_steps_and_seeds_differ(self):
        self.assertNotEqual(lesson(gallery(), 0, 0, ("en",), 5, random.Random(0))[0], lesson(gallery(), 0, 1, ("en",), 5, random.Random(0))[0])
        self.assertNotEqual(lesson(gallery(), 0, 0, ("en",), 5, random.Random(0))[0], lesson(gallery(), 1, 0, ("en",), 5, random.Random(0))[0])


class Judging(unittest.TestCase):
    def asked(self):
        for k in range(120):
            dice = small.dice("judging", k)
            scene = facts.scene(dice)
            ask = asks.draw(dice, scene)
            yield scene, ask, {l: asks.render(dice, scene, ask, l) for l in ("en", "zh")}

    def test_true_answers_are_right_in_their_language_only(self):
        for _, ask, q in self.asked():
            for lang, other in (("en", "zh"), ("zh", "en")):
                question, answer, fact = q[lang]
                self.assertNotIn("{", question)
                self.assertTrue(judge(answer, fact, lang), (question, answer))
                self.assertFalse(judge(q[other][1], fact, lang), (ask, q[other][1], lang))

    def test_facts_are_equal_in_meaning(self):
        for _, _, q in self.asked():
            self.assertEqual(q["en"][2], q["zh"][2])

    def test_wrong_answers_are_rejected(self):
        for scene, ask, q in self.asked():
            wrong = None
            if ask.kind in ("isthis", "iscolour"):
                wrong = dataclasses.replace(ask, yes=not ask.yes)
            elif ask.kind in ("bg", "what", "count", "colour"):
                s = dict(scene, bg=(scene["bg"] + 1) % world.N_COLOURS, items=[dict(i, colour=(i["colour"] + 1) % world.N_COLOURS) for i in scene["items"]])
                if ask.kind in ("what", "count"):
                    s["items"] = s["items"][:1] if len(s["items"]) == 2 else s["items"] + [dict(s["items"][0], label=next(
                        c for c in small.LABELS if c != s["items"][0]["label"]), x=0.9)]
                wrong, scene = ask, s
            if wrong:
                for lang in ("en", "zh"):
                    said = asks.render(random.Random(0), scene, wrong, lang)[1]
                    self.assertFalse(judge(said, q[lang][2], lang), (said, q[lang]))

    def test_exams_ask_only_what_the_judge_can_tell(self):
        questions = exam(gallery(), 0)
        self.assertEqual(len(questions), 30)
        self.assertTrue(all(judge(q[l][1], q[l][2], l) for _, _, q in questions for l in ("en", "zh")))

    def test_blind_answers_score_between_nothing_and_all(self):
        questions = [(k, ask.kind, q) for k, (_, ask, q) in enumerate(self.asked())]
        for share in blind(questions, 0).values():
            self.assertTrue(0.05 < share < 0.6, share)


class Resuming(unittest.TestCase):
    def train(self, folder, *stops):
        (folder / "bee.txt").write_text("\n".join(LINES), encoding="utf-8")
        out = folder / "text.pt"
        for stop in stops:
            text_stage.train(folder, SMALL, 0, "en", out, stop_after=stop)
        return torch.load(out, weights_only=True)["llm"]

    def test_interrupted_equals_uninterrupted(self):
        with tempfile.TemporaryDirectory() as a, tempfile.TemporaryDirectory() as b:
            whole, parts = self.train(pathlib.Path(a), None), self.train(pathlib.Path(b), 2, 3, None)
            self.assertEqual(sorted(p.name for p in pathlib.Path(b).iterdir()), ["bee.txt", "text.pt"])
        for name, value in whole.items():
            self.assertTrue(torch.equal(value, parts[name]), name)

    def test_checkpoint_of_other_settings_is_not_used(self):
        with tempfile.TemporaryDirectory() as folder:
            out, net = pathlib.Path(folder) / "x.pt", torch.nn.Linear(2, 2)
            run = Run(out, net, [adamw(net, 1e-3)], 4, "one", stop_after=2)
            for _ in run:
                run.update(net(torch.ones(1, 2)).sum())
            self.assertEqual(Run(out, net, [adamw(net, 1e-3)], 4, "one").at, 2)
            self.assertEqual(Run(out, net, [adamw(net, 1e-3)], 4, "two").at, 0)


class Figures(unittest.TestCase):
    def test_interval_holds_the_mean_and_narrows(self):
        rng = np.random.default_rng(0)
        few, many = ({s: rng.random(n) < 0.4 for s in range(3)} for n in (40, 4000))
        for t in (few, many):
            s = stats.share(t)
            self.assertTrue(s["low"] <= s["mean"] <= s["high"])
        self.assertLess(stats.share(many)["high"] - stats.share(many)["low"], stats.share(few)["high"] - stats.share(few)["low"])

    def test_reached(self):
        half, full = {0: np.array([1, 0] * 50)}, {0: np.array([1] * 100)}
        self.assertAlmostEqual(stats.reached(half, full, 0.0)["mean"], 0.5)
        self.assertAlmostEqual(stats.reached(half, full, 0.25)["mean"], 1 / 3, places=3)
        self.assertIsNone(stats.reached(half, half, 0.5)["mean"])

    def test_moments(self):
        self.assertEqual(moments(1000, 4)[-1], 1000)
        self.assertEqual(len(moments(1000, 4)), 4)

    def test_report_of_whole_seeds(self):
        with tempfile.TemporaryDirectory() as folder:
            at = pathlib.Path(folder)
            (at / "settings.json").write_text("{}")
            for arm, (en, zh) in {"bi-bi": (1, 1), "bi-en": (1, 1), "en-en": (1, 0), "en-bi": (1, 0)}.items():
                for seed in (0, 1):
                    if (arm, seed) != ("en-bi", 1):
                        point = {l: dict(right=[v] * 20, other=[0] * 20) for l, v in (("en", en), ("zh", zh))}
                        e = dict(task="chat", arm=arm, seed=seed, kinds=["what"] * 20, chance=dict(en=0.2, zh=0.2), curve=[dict(step=0, **point), dict(step=9, **point)])
                        (at / f"chat-{arm}-{seed}.json").write_text(json.dumps(e))
            f = report.report(at, at / "out")["chat"]["right"]
            self.assertEqual(f["seeds"], [0])
            self.assertEqual(f["reached"]["zh"]["mean"], 1.0)
            self.assertTrue(f["control"]["fails"])
            self.assertEqual(sorted(p.name for p in (at / "out").iterdir()), ["curves-chat-right.svg", "results.json", "table.md"])

    def test_curves_draw_every_arm(self):
        line = {0: [(0, 0.1), (5, 0.5)], 1: [(0, 0.2), (5, 0.6)]}
        svg = charts.curves("t", {"bi-en": {"en": line, "zh": line}}, dict(en=0.2, zh=0.2))
        self.assertEqual(svg.count("<polyline"), 6)


class Choices(unittest.TestCase):
    def test_unknown_setting(self):
        with self.assertRaisesRegex(ValueError, "no such setting"):
            settings.parse("colour", "1")
        with self.assertRaisesRegex(ValueError, "frozen or tuned"):
            settings.parse("llm", "thawed")

    def test_values_are_of_the_fields_kind(self):
        self.assertEqual(settings.parse("shared-tokens", "0.5"), ("shared_tokens", 0.5))
        with self.assertRaisesRegex(ValueError, "text_steps: 1.5 is no int"):
            settings.parse("text_steps", "1.5")

    def test_stamps_follow_choices(self):
        one, other = settings.make(), settings.make(mixed=0.1)
        differ = {k for k in settings.USES if one.stamp(k) != other.stamp(k)}
        self.assertEqual(differ, {"text", "chat", "paint"})
        self.assertLess(settings.make(minutes=1, seconds=600).text_steps, settings.make().text_steps)

    def test_world_has_every_thing_once(self):
        self.assertEqual(len(set(small.LABELS)), len(small.NAMES))


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main()
