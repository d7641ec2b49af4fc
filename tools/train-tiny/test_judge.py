"""The judge: python3 -m unittest test_judge (in this folder; nothing is drawn, nothing trained)."""
import random
import unittest

import world
from judge import find, judge
from questions import MAKERS


def scene(*labels):
    """Things in a row, each in one clear colour."""
    return dict(bg=0, items=[dict(label=k, x=(i + 0.5) / len(labels), y=0.5, size=0.3, colour=i + 1, clear=True) for i, k in enumerate(labels)])


class Categories(unittest.TestCase):
    def test_every_category_is_told_from_every_other_in_both_languages(self):
        for said, c in world.CATEGORIES.items():
            for en, zh in [(f"It is {c['np']}.", f"这是{c['zh']}。"), *((f"It is {w}.", "") for w in c["en_syn"]), *(("", f"这是{w}。") for w in c["zh_syn"])]:
                for meant in world.CATEGORIES:
                    fact = dict(kind="category", category=meant)
                    for lang, text in (("en", en), ("zh", zh)):
                        if text:
                            self.assertEqual(judge(text, fact, lang), said == meant, (text, meant))

    def test_a_vehicle_is_no_tool(self):
        vehicle, tool = (dict(kind="category", category=c) for c in ("vehicle", "tool"))
        self.assertTrue(judge("这是交通工具。", vehicle, "zh"))
        self.assertFalse(judge("这是交通工具。", tool, "zh"))
        self.assertTrue(judge("这是工具。", tool, "zh"))
        self.assertFalse(judge("这是工具，也是交通工具。", tool, "zh"))

    def test_words_that_hold_a_category_name_are_none(self):
        self.assertTrue(judge("The stool is a household item.", dict(kind="category", category="household item"), "en"))
        self.assertTrue(judge("The eggplant is a vegetable.", dict(kind="category", category="vegetable"), "en"))
        self.assertFalse(judge("It is an animal and a tool.", dict(kind="category", category="tool"), "en"))


class Naming(unittest.TestCase):
    def test_the_longest_name_counts(self):
        label = {t["en"]: world.FIRST + k for k, t in enumerate(world.THINGS)}
        self.assertEqual([k for k, *_ in find("There is a police car and two cars.", "en")], [label["police car"], label["car"]])
        self.assertEqual([n for _, n, _ in find("There is a police car and two cars.", "en")], [1, 2])
        self.assertEqual([k for k, *_ in find("图中有一只熊猫和两只猫。", "zh")], [label["panda"], label["cat"]])

    def test_a_word_that_ends_in_no_denies_nothing(self):
        absent = dict(kind="absent")
        self.assertFalse(judge("The piano is black.", absent, "en"))
        for text in ("I don't see a piano.", "No, there is no piano."):
            self.assertTrue(judge(text, absent, "en"))


class TrueAnswers(unittest.TestCase):
    def test_the_true_answer_to_every_question_about_every_thing_is_right(self):
        rng = random.Random(0)
        for k in range(len(world.THINGS)):
            label = world.FIRST + k
            for kind, make in MAKERS.items():
                others = [world.FIRST + j for j in rng.sample(range(len(world.THINGS)), 1) if j != k]
                for labels in ((label,), (label, *others)):
                    for lang in ("en", "zh"):
                        made = make(rng, scene(*labels), lang, "train")
                        if made:
                            self.assertTrue(judge(made[1], made[2], lang), (kind, made))


if __name__ == "__main__":
    unittest.main()
