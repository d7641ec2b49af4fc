"""Curves as SVG: share right over steps; a panel a language, a colour an arm, the mean thick and each seed thin."""
from xml.sax.saxutils import escape

COLOURS = {"bi-bi": "#1b6ca8", "bi-en": "#d1495b", "en-en": "#6c757d", "en-bi": "#2a9d5c"}
WIDTH, HEIGHT, LEFT, TOP, GAP = 320, 220, 52, 44, 46
PANEL = {"en": "asked in English", "zh": "asked in Chinese"}


def _line(points, x, y, colour, width, opacity=1.0):
    path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"/>'


def curves(title, data, chance):
    """data: {arm: {lang: {seed: [(step, share)]}}}; chance: {lang: share} -> SVG text."""
    last = max((p[0] for langs in data.values() for seeds in langs.values() for line in seeds.values() for p in line), default=1)
    total_w, total_h = LEFT + 2 * WIDTH + GAP + 20, TOP + HEIGHT + 70
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total_w} {total_h}" font-family="sans-serif" font-size="12">'
           f'<title>{escape(title)}</title>',
           f'<rect width="{total_w}" height="{total_h}" fill="#fff"/>', f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>']
    y = lambda v: TOP + HEIGHT * (1 - v)
    for panel, lang in enumerate(PANEL):
        left = LEFT + panel * (WIDTH + GAP)
        x = lambda v, left=left: left + WIDTH * v / last
        out.append(f'<text x="{left + WIDTH / 2}" y="{TOP - 8}" text-anchor="middle">{PANEL[lang]}</text>')
        for v in (0, 0.25, 0.5, 0.75, 1):
            out.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#e3e3e3"/>')
            out.append(f'<text x="{left - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{100 * v:.0f} %</text>')
        for v in (0, 0.5, 1):
            out.append(f'<text x="{x(last * v):.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{last * v:.0f}</text>')
        out.append(f'<line x1="{left}" x2="{left + WIDTH}" y1="{y(chance[lang]):.1f}" y2="{y(chance[lang]):.1f}" stroke="#000" stroke-dasharray="3 3"/>')
        for arm, langs in data.items():
            lines = list(langs.get(lang, {}).values())
            out += [_line(line, x, y, COLOURS[arm], 1, 0.4) for line in lines]
            if lines:
                out.append(_line([(ps[0][0], sum(p[1] for p in ps) / len(ps)) for ps in zip(*lines)], x, y, COLOURS[arm], 2.5))
    for k, arm in enumerate(data):
        at = LEFT + 150 * k
        out.append(f'<line x1="{at}" x2="{at + 22}" y1="{total_h - 18}" y2="{total_h - 18}" stroke="{COLOURS[arm]}" stroke-width="2.5"/>')
        out.append(f'<text x="{at + 28}" y="{total_h - 14}">{arm}</text>')
    at = LEFT + 150 * len(data)
    out.append(f'<text x="{at}" y="{total_h - 14}">dashed: chance</text></svg>')
    return "\n".join(out) + "\n"
