"""Shares with intervals: bootstrap over seeds and questions at once, and the ratio of two arms, drawn with the same questions."""
import numpy as np

DRAWS = 2000


def resampled(tables, draws=DRAWS, seed=0):
    """tables: [{seed number: array of 0 and 1 a question}], alike in seeds and questions -> (draws, tables) mean shares.
    Every draw takes seeds with replacement and, in each, questions with replacement: the same for all tables."""
    rng = np.random.default_rng(seed)
    seeds = sorted(tables[0])
    rows = [np.stack([t[s] for t in tables]).astype(float) for s in seeds]  # (tables, questions) a seed
    out = np.empty((draws, len(tables)))
    for d in range(draws):
        means = []
        for k in rng.integers(0, len(seeds), len(seeds)):
            r = rows[k]
            means.append(r[:, rng.integers(0, r.shape[1], r.shape[1])].mean(1))
        out[d] = np.mean(means, 0)
    return out


def interval(values, level=0.95):
    """-> [low, high]; NaN values (a ratio by nothing) are left out."""
    values = np.asarray(values)
    values = values[np.isfinite(values)]
    if not len(values):
        return [None, None]
    edge = (1 - level) / 2
    return [round(float(np.quantile(values, q)), 4) for q in (edge, 1 - edge)]


def share(table):
    """{seed: right} -> dict(mean, low, high, seeds)"""
    low, high = interval(resampled([table])[:, 0])
    means = {s: round(float(np.mean(v)), 4) for s, v in sorted(table.items())}
    return dict(mean=round(float(np.mean(list(means.values()))), 4), low=low, high=high, seeds=means)


def reached(claim, bound, chance):
    """Share of the bilingual arm's ability above chance that English-only training reaches: (claim - chance) / (bound - chance)."""
    part = lambda a, b: np.where(b - chance > 0.02, (a - chance) / np.where(b == chance, 1, b - chance), np.nan)
    mean = lambda t: np.mean([np.mean(v) for v in t.values()])
    drawn = resampled([claim, bound])
    low, high = interval(part(drawn[:, 0], drawn[:, 1]))
    value = part(np.array(mean(claim)), np.array(mean(bound))).item()
    return dict(mean=round(value, 4) if np.isfinite(value) else None, low=low, high=high)
