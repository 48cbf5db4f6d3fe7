"""Writes docs/benchmarks.md and its picture."""

from __future__ import annotations

import html
import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.full import CURVES, SIZES, Part

HEAD = """\
# Benchmarks

Written by `python -m benchmarks`, which downloads the trees as source archives, installs the other
tools in a separate environment, and runs all commands of a tree in turn. The figures are medians.
Seconds depend on the machine; the ratios are what counts.

*Cold*: the caches are removed before each run. *Warm*: the same run again, with nothing changed.
*One file edited*: a line is added to one test before each run.

![Seconds by tool](benchmarks.svg)

![Seconds by size](growth.svg)

"""
PLOTTED = ("sparse tree", "dense tree")
COLOURS = {"wslint": "#2563eb"}
WIDTH, LEFT, ROW = 760, 270, 22


def write(parts: Sequence[Part], folder: Path) -> None:
    """Write the page and the picture."""
    (folder / "benchmarks.md").write_text("".join(page(parts)), encoding="utf-8")
    (folder / "benchmarks.svg").write_text("".join(picture(parts)), encoding="utf-8")
    for part in parts:
        if part.name == CURVES:
            (folder / "growth.svg").write_text("".join(curves(part)), encoding="utf-8")


def page(parts: Sequence[Part]) -> Iterator[str]:
    """Yield the text of the page."""
    yield HEAD
    yield f"This run: {machine()}.\n\n## Targets\n\n"
    yield "| what | ratio | target | |\n|---|---|---|---|\n"
    for part in parts:
        for text, figure, by, most in part.targets:
            ratio = part.samples[figure].wall / part.samples[by].wall
            said = "reached" if ratio <= most else "**not reached**"
            yield f"| {text} | {ratio:.2f} | ≤ {most} | {said} |\n"
    yield f"| {memory(parts)} | ≤ 120 MB | |\n"
    for part in parts:
        yield f"\n## {part.name.capitalize()}\n\n{part.text}{'.' if part.text else ''}\n\n"
        yield "| | seconds | of processor time | MB at most, of one process |\n|---|---|---|---|\n"
        for name, sample in part.samples.items():
            yield f"| {name} | {sample.wall:.3f} | {sample.cpu:.3f} | {sample.megabytes:.0f} |\n"


def memory(parts: Sequence[Part]) -> str:
    """Return the peak memory of wslint."""
    peak = max(
        sample.megabytes
        for part in parts
        for name, sample in part.samples.items()
        if name.startswith("wslint")
    )
    return f"memory, all of these runs | {peak:.0f} MB"


def machine() -> str:
    """Describe the machine, without its name."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = [f"{name} {version(name)}" for name in ("wslint", "libcst", "click")]
    parts = [f"{platform.system()}, {count} processors", f"Python {platform.python_version()}"]
    return ", ".join([*parts, *libraries])


def picture(parts: Sequence[Part]) -> Iterator[str]:
    """Draw bars of the seconds, with one scale for each tree."""
    shown = [part for part in parts if part.name in PLOTTED]
    height = sum(ROW * (len(part.samples) + 2) for part in shown) + 10
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">\n'
        f'<title>Seconds by tool</title>\n<rect width="100%" height="100%" fill="#fff"/>\n'
    )
    y = 0
    for part in shown:
        y += ROW
        yield f'<text x="8" y="{y}" font-weight="600">{html.escape(part.name)}, seconds</text>\n'
        longest = max(sample.wall for sample in part.samples.values())
        for name, sample in part.samples.items():
            y += ROW
            width = max(1, (WIDTH - LEFT - 70) * sample.wall / longest)
            colour = COLOURS.get(name.partition(",")[0], "#9ca3af")
            yield (
                f'<text x="{LEFT - 8}" y="{y}" text-anchor="end">{html.escape(name)}</text>'
                f'<rect x="{LEFT}" y="{y - 12}" width="{width:.1f}" height="15" fill="{colour}"/>'
                f'<text x="{LEFT + width + 6:.1f}" y="{y}">{sample.wall:.2f}</text>\n'
            )
        y += ROW
    yield "</svg>\n"


def curves(part: Part) -> Iterator[str]:
    """Draw the seconds by the size of what grows; linear growth is a straight line."""
    height, left, bottom = 320, 50, 30
    most = max(sample.wall for sample in part.samples.values())

    def x(size: int) -> float:
        return left + (WIDTH - left - 210) * size / SIZES[-1]

    def y(seconds: float) -> float:
        return height - bottom - (height - bottom - 20) * seconds / most

    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img">\n'
        '<title>Seconds by size</title>\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<path d="M{left} 10V{y(0):.0f}H{x(SIZES[-1]):.0f}" fill="none" stroke="#9ca3af"/>\n'
        f'<text x="{left - 6}" y="{y(most) + 4:.0f}" text-anchor="end">{most:.1f} s</text>\n'
    )
    for size in SIZES:
        yield f'<text x="{x(size):.0f}" y="{height - 10}" text-anchor="middle">{size}</text>\n'
    lines: dict[str, list[tuple[int, float]]] = {}
    for name, sample in part.samples.items():
        what, _, count = name.rpartition(", ")
        lines.setdefault(what, []).append((int(count.replace(",", "")), sample.wall))
    for colour, (what, points) in zip(
        ("#2563eb", "#16a34a", "#ea580c"), lines.items(), strict=True
    ):
        path = " ".join(f"{x(size):.1f},{y(seconds):.1f}" for size, seconds in points)
        at = y(points[-1][1]) + 4
        yield (
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
            f'<text x="{x(SIZES[-1]) + 8:.0f}" y="{at:.0f}" fill="{colour}">'
            f"{html.escape(what)}</text>\n"
        )
    yield "</svg>\n"
