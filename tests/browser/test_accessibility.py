"""axe-core finds no serious fault on either page, in any state an officer gets to, wide and narrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

AXE = Path(__file__).with_name("vendor") / "axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations
  .filter((one) => one.impact === 'serious' || one.impact === 'critical')
  .map((one) => `${one.impact} ${one.id}: ${one.nodes[0].html.slice(0, 160)}`)));
"""


def faults(browser) -> list[str]:
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    return browser.execute_async_script(RUN)


def wait_for(browser, script: str) -> None:
    WebDriverWait(browser, 20).until(lambda page: page.execute_script(f"return {script}"))


@pytest.mark.parametrize("width", [1280, 360])
def test_the_officers_page_has_no_serious_fault(address: str, open_browser, width: int) -> None:
    browser = open_browser(width)
    browser.get(address)
    assert faults(browser) == []
    browser.execute_script("document.getElementById('example').click(); document.getElementById('go').click()")
    wait_for(browser, "document.getElementById('status').textContent.includes('毫秒')")
    browser.execute_script("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    assert faults(browser) == []
    browser.execute_script("document.querySelector('.hit .row > button').click(); document.querySelector('#ours mark')?.click()")
    assert faults(browser) == []
    browser.execute_script("document.getElementById('case-dialog').close(); document.getElementById('history-button').click()")
    wait_for(browser, "document.querySelector('.entry') !== null")
    assert faults(browser) == []
    browser.execute_script("document.querySelector('.entry').click()")
    wait_for(browser, "!document.getElementById('stored').hidden")
    assert faults(browser) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_for_reports_has_no_serious_fault(address: str, open_browser, width: int) -> None:
    browser = open_browser(width)
    browser.get(f"{address}/tags")
    assert faults(browser) == []
    browser.execute_script("document.getElementById('example').click(); document.getElementById('go').click()")
    wait_for(browser, "!document.getElementById('answer').hidden")
    assert faults(browser) == []
    assert browser.find_element(By.ID, "level").text


def test_the_dialog_for_the_key_has_no_serious_fault(address_with_key: tuple[str, str], open_browser) -> None:
    browser = open_browser()
    browser.get(address_with_key[0])
    wait_for(browser, "document.getElementById('key-dialog').open")
    assert faults(browser) == []
