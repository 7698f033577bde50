"""The page in a real browser: traces are drawn, zoomed and chosen, and nothing is asked of a network."""

import base64
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from codesign.report.page import render_page
from tests.report.test_traces import traces_of

webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium, of the development extra")
VIEWER_FOLDER = files("codesign.report") / "viewer"
CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Debian's packages chromium and chromium-driver"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tmp_path_factory.mktemp("profile")
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        f"--user-data-dir={profile}",
        "--window-size=1000,1600",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    """A page with two titles, the first of two seeds, the other as a fitting set has it."""
    empty = np.empty((3, 0))
    seeds = [replace(traces_of(inputs, name=f"seed {seed}"), spikes=empty) for seed, inputs in ((1, 3), (2, 2))]
    body = render_page("viewer.html.j2", {}, {}, [*seeds, traces_of(4, "fitting set", "all networks")])
    styles = [(VIEWER_FOLDER / name).read_text() for name in ("uPlot.min.css", "viewer.css")]
    head = f"<!doctype html><meta charset='utf-8'><style>{' '.join(styles)}</style>"
    (tmp_path / "page.html").write_text(f"{head}<body><figure class='replaced'>the picture</figure>{body}")
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get((tmp_path / "page.html").as_uri())
    yield browser
    assert [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
    # The browser's own first page asks for its own parts.
    urls = [one["request"]["url"] for one in asked if one["documentURL"].startswith("file:")]
    assert [url for url in urls if not url.startswith(("file:", "data:"))] == [] and len(urls) >= 1


def part(page: Any, name: str) -> Any:
    return page.find_element("css selector", f'[data-part="{name}"]')


def choose(page: Any, name: str, text: str) -> None:
    from selenium.webdriver.support.select import Select

    Select(part(page, name)).select_by_visible_text(text)


def picture(page: Any, name: str = "membranes") -> np.ndarray[Any, Any]:
    """What a canvas shows, without the legend's numbers."""
    script = f"return document.querySelector('[data-part={name}] canvas').toDataURL()"
    png = base64.b64decode(page.execute_script(script).split(",")[1])
    return np.asarray(Image.open(io.BytesIO(png)))


def test_traces_of_another_input_layer_and_seed_are_another_picture(page: Any) -> None:
    pictures = [picture(page)]
    assert (pictures[0][..., 3] > 0).sum() > 1000
    for name, text in (("input", "input 2"), ("layer", "output layer"), ("name", "seed 2"), ("title", "fitting set")):
        choose(page, name, text)
        pictures.append(picture(page))
    assert all(not np.array_equal(one, other) for one, other in pairwise(pictures))
    assert not part(page, "spikes").find_element("xpath", "..").get_attribute("hidden")


def test_zoom_and_move_and_back(page: Any) -> None:
    whole = picture(page), picture(page, "errors")
    part(page, "closer").click()
    closer = picture(page), picture(page, "errors")
    part(page, "right").click()
    moved = picture(page), picture(page, "errors")
    for before, after in ((whole, closer), (closer, moved), (whole, moved)):
        assert not np.array_equal(before[0], after[0]) and not np.array_equal(before[1], after[1])
    part(page, "all").click()
    assert np.array_equal(picture(page), whole[0]) and np.array_equal(picture(page, "errors"), whole[1])


def test_a_drag_zooms_both_charts_and_the_pointer_reads_values(page: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    whole = picture(page), picture(page, "errors")
    over = part(page, "membranes").find_element("css selector", ".u-over")
    ActionChains(page).move_to_element_with_offset(over, -150, 0).click_and_hold().move_by_offset(
        200, 0
    ).release().perform()
    assert not np.array_equal(picture(page), whole[0]) and not np.array_equal(picture(page, "errors"), whole[1])
    ActionChains(page).move_to_element(over).perform()
    shown = page.execute_script("return JSON.parse(document.getElementById('traces').textContent)[0]")
    series = part(page, "membranes").find_elements("css selector", ".u-series")
    values = {one.find_element("tag name", "th").text: one.find_element("class name", "u-value").text for one in series}
    read = [value.removesuffix(" mV") for label, value in values.items() if label.endswith("SPICE")]
    instants = list(zip(*shown["layers"][0]["circuit"][0], strict=True))
    assert tuple(read) in {tuple(f"{value:.2f}" for value in instant) for instant in instants}


def test_a_neuron_is_switched_off_in_both_charts(page: Any) -> None:
    before = picture(page), picture(page, "errors")
    part(page, "errors").find_elements("css selector", ".u-series")[1].find_element("css selector", "th").click()
    after = picture(page), picture(page, "errors")
    assert not np.array_equal(before[0], after[0]) and not np.array_equal(before[1], after[1])
    assert len(part(page, "membranes").find_elements("css selector", ".u-series.u-off")) == 2


def test_a_click_in_the_error_map_chooses_its_input(page: Any) -> None:
    cells = part(page, "map").find_elements("tag name", "button")
    assert len(cells) == 3 * 4 and cells[1].get_attribute("title").startswith("input 2, neuron 1: ")
    # Hand calculation: errors of 1 mV at most, uniform.
    assert " µV rms" in cells[1].get_attribute("title")
    cells[1].click()
    assert part(page, "input").get_attribute("value") == "1"
    assert cells[1].get_attribute("aria-pressed") == "true"


def test_the_picture_gives_way_on_the_screen_only(page: Any) -> None:
    assert part(page, "membranes").is_displayed()
    assert "interactive" in page.find_element("tag name", "body").get_attribute("class")
