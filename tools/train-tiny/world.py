"""The small world: its things, colours and the pictures outside it.

world.json holds, per thing: icon slugs (the first is the usual look), names, noun phrase, measure
word, category and accepted synonyms. Class numbers: 0 is background, 1 is "something outside the
world", 2.. are the things in file order.
"""
import json
import pathlib

HERE = pathlib.Path(__file__).parent
_W = json.loads((HERE / "world.json").read_text(encoding="utf-8"))
THINGS = _W["things"]
CATEGORIES = _W["categories"]
BACKGROUND, OUTSIDE, FIRST = 0, 1, 2
N_CLASSES = FIRST + len(THINGS)



def countable(label):
    """Whether "two Xs" can be said of a class."""
    t = THINGS[label - FIRST] if label >= FIRST else None
    return bool(t) and t["np"] in ("a " + t["en"], "an " + t["en"])


# named colours; rgb ranges used when painting, see colours.py
COLOURS = [
    ("red", "红色"), ("orange", "橙色"), ("yellow", "黄色"), ("green", "绿色"), ("blue", "蓝色"),
    ("purple", "紫色"), ("pink", "粉色"), ("brown", "棕色"), ("black", "黑色"), ("white", "白色"),
    ("grey", "灰色"),
]
COLOUR_EN = [c[0] for c in COLOURS]
COLOUR_ZH = [c[1] for c in COLOURS]
N_COLOURS = len(COLOURS)

# drawings outside the world; the second half of each list is kept for testing
OUTSIDE_TRAIN = """
grinning-face face-with-tears-of-joy smiling-face-with-heart-eyes thinking-face crying-face
angry-face sleeping-face nauseated-face face-with-medical-mask clown-face skull ghost alien robot
pile-of-poo thumbs-up waving-hand raised-fist ok-hand clapping-hands folded-hands flexed-biceps ear
nose eyes tongue mouth baby girl man woman old-man police-officer construction-worker
princess person-running person-swimming person-biking dancer woman-dancing
red-heart broken-heart speech-balloon no-entry prohibited radioactive biohazard
right-arrow up-arrow recycling-symbol check-mark-button cross-mark question-mark exclamation-mark
hundred-points peace-symbol yin-yang atom-symbol aries taurus gemini red-circle blue-square
flag-japan flag-france flag-china flag-brazil flag-canada chequered-flag white-flag
input-numbers abacus moai nazar-amulet performing-arts joker mahjong-red-dragon
bar-chart chart-increasing coffin thread yarn sled curling-stone flying-disc
roller-coaster carousel-horse barber-pole oden curry-rice bento-box falafel
oil-drum railway-track world-map compass bellhop-bell luggage seat
studio-microphone control-knobs film-frames satellite-antenna pager fax-machine
prayer-beads clutch-bag purse flat-shoe one-piece-swimsuit bikini
feather paw-prints spider-web microbe worm cricket mosquito jellyfish coral
""".split()
OUTSIDE_TEST = """
smiling-face-with-sunglasses zany-face winking-face loudly-crying-face hugging-face face-screaming-in-fear
face-vomiting cowboy-hat-face ogre alien-monster victory-hand crossed-fingers pinching-hand foot leg
brain tooth boy old-woman detective guard prince mermaid zombie person-surfing person-bowing
sparkling-heart thought-balloon children-crossing no-smoking left-arrow down-arrow
infinity copyright leo virgo green-circle orange-square flag-germany flag-italy flag-united-states
flag-united-kingdom pirate-flag input-symbols anatomical-heart military-medal
crystal-ball slot-machine dna adhesive-bandage file-cabinet card-index-dividers
""".split()
