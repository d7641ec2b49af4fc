"""Every size and choice of an experiment, in one place: what differs between two work folders."""
import dataclasses
import hashlib
import json

ARMS = {"bi-bi": ("bi", "bi"), "bi-en": ("bi", "en"), "en-en": ("en", "en"), "en-bi": ("en", "bi")}
TASKS = ("chat", "paint")
LANGUAGES = {"bi": ("en", "zh"), "en": ("en",)}
ROLE = {"bi-bi": "upper bound", "bi-en": "the claim", "en-en": "negative control", "en-bi": "pictures alone bring the Chinese"}


@dataclasses.dataclass(frozen=True)
class Settings:
    # the language model
    layers: int = 4
    dim: int = 128
    ff: int = 320
    text_steps: int = 1000
    text_batch: int = 32
    text_rate: float = 1.0
    # what makes it bilingual
    parallel: float = 0.25  # share of exercises that say a text over again, in the other language where there is one
    mixed: float = 0.3  # of questions about a text: share asked in another language than the text's
    aligned: float = 0.3  # last share of the steps in which half the exercises are translation ranking
    shared_tokens: float = 0.0  # share of Chinese sentences that call things by their English names
    # the tower
    tower_steps: int = 1600
    tower_batch: int = 32
    # chat
    pictures: int = 4096
    chat_steps: int = 800
    chat_batch: int = 32
    chat_rate: float = 3e-3
    llm: str = "frozen"  # or "tuned"
    questions: int = 160  # scenes never seen, each asked one question in both languages
    # paint
    paint_things: int = 20
    paint_side: int = 16
    judge_steps: int = 400
    judge_batch: int = 32
    paint_steps: int = 1000
    paint_batch: int = 24
    paint_rate: float = 1.5e-3
    prompts: int = 120  # held-out pairs of thing and background, painted from both languages
    points: int = 4  # evaluations along a multimodal stage, after the one before it

    def stamp(self, kind):
        """12 hex digits that differ when anything a kind of stage depends on does."""
        fields = {k: v for k, v in dataclasses.asdict(self).items() if k.startswith(USES[kind])}
        return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:12]


# beginnings of the names of the fields a kind of stage depends on
_TEXT = ("layers", "dim", "ff", "text_", "parallel", "mixed", "aligned", "shared_tokens")
_GALLERY, _JUDGE = ("tower_", "pictures", "questions"), ("judge_", "paint_things", "paint_side")
USES = {"tower": ("tower_",), "judge": _JUDGE, "gallery": _GALLERY, "text": _TEXT,
        "chat": (*_TEXT, *_GALLERY, "chat_", "llm", "points"), "paint": (*_TEXT, *_JUDGE, "paint_", "prompts", "points")}


QUICK = dict(layers=2, dim=64, ff=128, text_steps=60, text_batch=16, tower_steps=20, tower_batch=8, pictures=64, chat_steps=20,
             chat_batch=16, questions=16, paint_things=6, judge_steps=40, judge_batch=16, paint_steps=30, paint_batch=16, prompts=8, points=1)


def make(quick=False, minutes=None, seconds=None, **chosen):
    """chosen: fields by name. minutes: scales all steps so that the whole takes about so many core-minutes; seconds: what the
    unscaled settings take."""
    base = Settings(**(QUICK if quick else {}))
    if minutes:
        k = minutes * 60 / seconds
        base = dataclasses.replace(base, **{f.name: max(4, round(getattr(base, f.name) * k))
                                            for f in dataclasses.fields(base) if f.name.endswith("_steps")})
    return dataclasses.replace(base, **{k: v for k, v in chosen.items() if v is not None})


def parse(name, text):
    """A field's value from the command line. Raises ValueError naming the fields there are."""
    fields = {f.name: f.type for f in dataclasses.fields(Settings)}
    key = name.replace("-", "_")
    if key not in fields:
        raise ValueError(f"{name}: no such setting; there are {', '.join(fields)}")
    try:
        value = fields[key](text)
    except ValueError:
        raise ValueError(f"{name}: {text} is no {fields[key].__name__}") from None
    if key == "llm" and value not in ("frozen", "tuned"):
        raise ValueError(f"llm: {value}; frozen or tuned")
    return key, value
