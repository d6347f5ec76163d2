"""What a person does on the officer's page, for the tests of it."""

from __future__ import annotations

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

WAIT_S = 20


def wait(browser, condition) -> None:
    """Wait until a condition on the page holds."""
    WebDriverWait(browser, WAIT_S).until(condition)


def click(browser, selector: str) -> None:
    """Click whatever a person would reach by scrolling."""
    browser.execute_script("arguments[0].click()", browser.find_element(By.CSS_SELECTOR, selector))


def answered(browser, act) -> None:
    """Do something that asks the service, and wait for its answer."""
    browser.execute_script("document.getElementById('status').textContent = ''")
    act()
    wait(browser, lambda page: "毫秒" in page.find_element(By.ID, "status").text)


def ask(browser, address: str, text: str | None = None) -> None:
    """Search for the page's own example, or for a text, and wait for the answer."""
    if text is None:
        browser.get(address)
        click(browser, "#example")
    else:
        field = browser.find_element(By.ID, "draft")
        field.clear()
        field.send_keys(text)
    answered(browser, lambda: click(browser, "#go"))


def texts(browser, selector: str) -> list[str]:
    """Return the visible text of every element."""
    return [node.text for node in browser.find_elements(By.CSS_SELECTOR, selector)]
