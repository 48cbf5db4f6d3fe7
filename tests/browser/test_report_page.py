"""The HTML report in headless Chromium: what the filter and the keys do.

The page's own policy keeps the browser from running anything else, which is checked first; what
drives the page is then put into a copy without that policy.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.output import html
from wslint.output.pictures import with_pictures
from wslint.run.check import check

pytestmark = pytest.mark.browser

TEST = """\
def test_{0}():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        {1}
        socket.receive_text()


"""
HEAD = "from starlette.testclient import TestClient\nfrom shop import app\n\n\n"
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--virtual-time-budget=3000", "--window-size=1000,800"),
)


def dumped(text: str, folder: Path, fragment: str = "", *options: str) -> str:
    """The page in Chromium after its scripts have run."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    assert browser, "no Chromium is installed"
    page = folder / "page.html"
    page.write_text(text, encoding="utf-8")
    profile = folder / "profile"
    command = [browser, *OPTIONS, *options, f"--user-data-dir={profile}", "--dump-dom"]
    done = subprocess.run(
        [*command, page.as_uri() + fragment],
        capture_output=True, check=True, text=True, timeout=120,
    )  # fmt: skip
    return done.stdout


def seen(text: str, script: str, folder: Path, fragment: str = "", *options: str) -> object:
    """The result of a script that drives the page."""
    free = re.sub(r'<meta http-equiv="Content-Security-Policy".*?>', "", text)
    driver = f"""<script>
    const fire = (node, type) => node.dispatchEvent(new Event(type, {{bubbles: true}}));
    const press = (key) => document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", {{key, bubbles: true, cancelable: true}}));
    const shown = () => [...document.querySelectorAll("article")]
      .filter((one) => !one.hidden).map((one) => one.id);
    setTimeout(async () => {{
      const done = await (async () => {{ {script} }})();
      const out = document.createElement("pre");
      out.id = "outcome";
      out.textContent = JSON.stringify(done);
      document.body.append(out);
    }}, 50);
    </script>"""
    dom = dumped(free.replace("</body>", driver + "</body>"), folder, fragment, *options)
    match = re.search(r'<pre id="outcome">(.*?)</pre>', dom, re.DOTALL)
    assert match, dom[-2000:]
    return json.loads(unescape(match[1]))


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    two = 'client.websocket_connect("/b").__enter__()'
    Path("test_a.py").write_text(HEAD + TEST.format("told", 'client.post("/a")'))
    Path("test_b.py").write_text(
        HEAD + TEST.format("heard", 'client.post("/b")') + TEST.format("two", two)
    )
    settings = Settings()
    report = with_pictures(check(["."], settings), settings)
    codes = [finding.code for finding in report.findings]
    assert codes == ["WS301", "WS301", "WS302"]
    return html.render(report)


def test_its_own_policy_lets_its_own_script_run_and_no_other(page: str, tmp_path: Path) -> None:
    evil = "<script>document.title = 'run'</script><img src=x onerror=\"document.title='run'\">"
    dom = dumped(page.replace("</body>", f"{evil}</body>"), tmp_path)
    assert "3 of 3 shown" in dom
    assert "<title>wslint: 3 problems</title>" in dom


def test_filter(page: str, tmp_path: Path) -> None:
    script = """
    const form = document.getElementById("filter");
    const set = (name, value) => {
      const field = form.elements.namedItem(name);
      field.value = value;
      fire(field, "input");
      return [shown(), document.getElementById("shown").textContent, location.hash];
    };
    const outcomes = [form.hidden, set("code", "WS301"), set("path", "test_b.py"),
      set("text", "nowhere"), set("text", "HEARD")];
    form.reset();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return [...outcomes, shown(), location.hash];
    """
    assert seen(page, script, tmp_path) == [
        False,
        [["f1", "f2"], "2 of 3 shown", "#?code=WS301"],
        [["f2"], "1 of 3 shown", "#?code=WS301&path=test_b.py"],
        [[], "0 of 3 shown", "#?code=WS301&path=test_b.py&text=nowhere"],
        [["f2"], "1 of 3 shown", "#?code=WS301&path=test_b.py&text=HEARD"],
        ["f1", "f2", "f3"],
        "",
    ]


def test_a_link_keeps_the_filter(page: str, tmp_path: Path) -> None:
    assert seen(page, "return shown();", tmp_path, "#?path=test_a.py") == ["f1"]


def test_keys(page: str, tmp_path: Path) -> None:
    script = """
    const at = () => document.activeElement.id || document.activeElement.name;
    const outcomes = [];
    for (const key of ["j", "j", "k", "j", "j", "j", "/"]) { press(key); outcomes.push(at()); }
    press("j");
    outcomes.push(at());
    const keys = document.getElementById("filter").elements.namedItem("keys");
    keys.checked = false;
    document.getElementById("f1").focus();
    press("j");
    return [...outcomes, at()];
    """
    assert seen(page, script, tmp_path) == [
        *("f1", "f2", "f1", "f2", "f3", "f3", "text"),
        "text",  # a letter that is typed there is a letter
        "f1",  # the keys are off
    ]


def test_tables_lead_to_their_findings(page: str, tmp_path: Path) -> None:
    script = """
    document.querySelector('a[data-only="code"][data-value="WS302"]').click();
    return [shown(), document.activeElement.id];
    """
    assert seen(page, script, tmp_path) == [["f3"], "findings"]


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
def test_fits_and_can_be_read(page: str, tmp_path: Path, width: int, dark: bool) -> None:
    """Only code and pictures scroll sideways; texts have the contrast of WCAG AA."""
    script = """
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (node) => {
      for (; node; node = node.parentElement) {
        const colour = parse(getComputedStyle(node).backgroundColor);
        if (colour.length < 4 || colour[3] > 0) return colour;
      }
    };
    const weak = [];
    for (const node of document.body.querySelectorAll("*:not(svg *, script, option)")) {
      const own = [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
      if (!own || !node.getClientRects().length) continue;
      const pair = [parse(getComputedStyle(node).color), ground(node)].map(light).sort();
      const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
      if (contrast < 4.5) weak.push([node.tagName, node.className, contrast]);
    }
    document.body.style.width = WIDTH + "px";
    document.documentElement.style.width = WIDTH + "px";
    const wide = [...document.body.querySelectorAll("*")].filter((node) =>
      !node.closest("pre, .w-timeline, .w-skip") && node.getBoundingClientRect().right > WIDTH + 1);
    return [weak, wide.map((node) => node.tagName + "." + node.className)];
    """.replace("WIDTH", str(width))
    options = (f"--blink-settings=preferredColorScheme={0 if dark else 1}",)
    assert seen(page, script, tmp_path, "", *options) == [[], []]
