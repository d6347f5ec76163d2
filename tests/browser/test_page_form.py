"""The officer's page as a page: widths, keyboard, names, contrast, print, weight, what it loads."""

from __future__ import annotations

import json
import time

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.steps import ask, wait


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_scrolls_sideways(address: str, open_browser, width: int) -> None:
    browser = open_browser(width)
    ask(browser, address)
    browser.execute_script("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_the_keyboard_is_enough(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)

    def press(*keys: str) -> str:
        ActionChains(browser).send_keys(*keys).perform()
        return browser.switch_to.active_element.get_attribute("id")

    press(Keys.TAB)  # the first skip link
    press(Keys.ENTER)
    assert "draft" in [browser.switch_to.active_element.get_attribute("id"), *(press(Keys.TAB) for _ in range(3))]
    browser.find_element(By.ID, "draft").send_keys("水果店门口人行道上摆满了货，书面责令后逾期未改")
    assert next((True for _ in range(30) if press(Keys.TAB) == "go"), False)
    press(Keys.ENTER)
    wait(browser, lambda page: page.find_elements(By.CSS_SELECTOR, ".hit"))
    assert browser.switch_to.active_element.get_attribute("id") == "answer"


NAMES = """
const bad = [];
for (const node of document.querySelectorAll('button, input, textarea, select, [role=img], img')) {
  if (node.type === 'hidden' || node.closest('[hidden]')) continue;
  const label = node.labels && node.labels.length ? node.labels[0].textContent : '';
  const name = (node.getAttribute('aria-label') || label || node.textContent || node.alt || '').trim();
  if (!name) bad.push(node.outerHTML.slice(0, 120));
}
return bad;
"""


def test_every_control_has_a_name_and_the_page_its_language(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    assert browser.execute_script(NAMES) == []
    assert browser.execute_script("return document.documentElement.lang") == "zh-CN"
    assert browser.execute_script("return [...document.querySelectorAll('h1')].length") == 1


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_texts_stand_out_from_their_ground(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)
    style = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0]).trim()"
    colours = {name: browser.execute_script(style, f"--{name}") for name in ("ink", "soft", "accent", "deep", "good", "bad", "paper", "ground", "mark", "pale")}
    colours = {name: value if len(value) == 7 else "#" + "".join(char * 2 for char in value[1:]) for name, value in colours.items()}
    pairs = [
        ("ink", "paper"),
        ("ink", "mark"),
        ("ink", "pale"),
        ("soft", "ground"),
        ("soft", "pale"),
        ("accent", "paper"),
        ("accent", "pale"),
        ("deep", "paper"),
    ]
    pairs += [("good", "paper"), ("bad", "paper")]
    ratios = {pair: sorted((luminance(colours[name]) + 0.05 for name in pair), reverse=True) for pair in pairs}
    assert {pair: high / low for pair, (high, low) in ratios.items() if high / low < 4.5} == {}


def test_on_paper_there_is_the_comparison_and_no_form(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert browser.find_element(By.ID, "headline").is_displayed()
    assert browser.find_element(By.CSS_SELECTOR, ".hit h3").is_displayed()
    assert not browser.find_element(By.ID, "draft-form").is_displayed()
    assert not browser.find_element(By.CSS_SELECTOR, ".hit .judge").is_displayed()


def test_the_page_is_light_loads_nothing_from_elsewhere_and_breaks_no_policy(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    size, hosts, ours = 0, set[str](), set[str]()
    time.sleep(0.2)
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if url.startswith(("http:", "https:", "ws:", "wss:")):  # chrome: is the browser's own start page
                hosts.add(url.split("/")[2])
                ours.add(message["params"]["requestId"])
        if message["method"] == "Network.loadingFinished" and message["params"]["requestId"] in ours:
            size += int(message["params"]["encodedDataLength"])
    assert hosts == {address.removeprefix("http://")}
    assert 0 < size <= 150_000
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_button_is_in_sight_on_a_small_desktop_before_anything_is_scrolled(address: str, open_browser) -> None:
    browser = open_browser()
    browser.set_window_size(1280, 800)
    browser.get(address)
    bottom, height = browser.execute_script("return [document.getElementById('go').getBoundingClientRect().bottom, innerHeight]")
    assert bottom <= height
