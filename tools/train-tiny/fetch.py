"""Fetch the picture sets, npm packages of emoji drawings, one per artist; and the names vocab.py reads.

Sources (all on the npm registry): see ARTISTS and NAMES. The test artist is kept apart: nothing in this
directory reads it for training.
"""
import pathlib
import subprocess

# artist -> (package, version, licence)
ARTISTS = {
    "twemoji": ("@iconify-json/twemoji", "1.2.5", "CC-BY-4.0"),
    "noto": ("@iconify-json/noto", "1.2.9", "Apache-2.0"),
    "noto-v1": ("@iconify-json/noto-v1", "1.2.5", "Apache-2.0"),
    "fluent-emoji": ("@iconify-json/fluent-emoji", "1.2.7", "MIT"),
    "fluent-emoji-flat": ("@iconify-json/fluent-emoji-flat", "1.2.6", "MIT"),
    "emojione": ("@iconify-json/emojione", "1.2.3", "CC-BY-4.0"),
    "openmoji": ("@iconify-json/openmoji", "1.2.29", "CC-BY-SA-4.0"),
}
NAMES = ("cldr-annotations-full", "48.2.0")  # Unicode-3.0
TEST_ARTIST = "openmoji"  # only ever drawn for evaluation
TRAIN_ARTISTS = [a for a in ARTISTS if a != TEST_ARTIST]


def fetch(work: pathlib.Path) -> pathlib.Path:
    """Install the packages under work/npm (skipped when present); returns the folder of sets."""
    root = work / "npm"
    sets = root / "node_modules" / "@iconify-json"
    names = root / "node_modules" / NAMES[0] / "annotations" / "en" / "annotations.json"
    if not names.exists() or any(not (sets / a / "icons.json").exists() for a in ARTISTS):
        root.mkdir(parents=True, exist_ok=True)
        (root / "package.json").write_text('{"private": true}\n')
        packages = [f"{p}@{version}" for p, version, *_ in (*ARTISTS.values(), NAMES)]
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages],
                       cwd=root, check=True)
    return sets
