"""The page for trying a report, in a real browser: tags in place, reasons by mouse and by keyboard, on a phone, under the strict policy."""

from __future__ import annotations

import json
import time

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

WAIT_S = 60  # the first report opens the tagger
SIGNS = {"confirmed": "✓", "suspected": "？", "rejected": "✕"}


def tag(browser, address: str, text: str | None = None, scheme: str | None = None) -> None:
    """Open the page, tag its own example or a text, and wait for the answer."""
    browser.get(f"{address}/tags")
    if scheme is not None:
        WebDriverWait(browser, WAIT_S).until(lambda page: len(page.find_elements(By.CSS_SELECTOR, "#scheme option")) >= 2)
        Select(browser.find_element(By.ID, "scheme")).select_by_value(scheme)
    if text is None:
        browser.find_element(By.ID, "example").click()
    else:
        browser.find_element(By.ID, "text").send_keys(text)
    browser.find_element(By.ID, "go").click()
    WebDriverWait(browser, WAIT_S).until(lambda page: "毫秒" in page.find_element(By.ID, "status").text)


def test_tags_stand_in_place_with_a_sign_and_the_measures_below(address: str, open_browser) -> None:
    browser = open_browser()
    tag(browser, address)
    assert browser.find_element(By.ID, "level").text == "L4（红）"
    shown = browser.execute_script(
        "const copy = document.getElementById('marked').cloneNode(true); copy.querySelectorAll('.sign').forEach((s) => s.remove()); return copy.textContent"
    )
    assert shown == browser.find_element(By.ID, "text").get_attribute("value"), "the text itself is unchanged"
    marks = browser.find_elements(By.CSS_SELECTOR, "#marked mark")
    assert any("电话关机" in mark.text for mark in marks)
    for mark in marks:
        status = mark.get_attribute("class").split()[1]
        assert SIGNS[status] in mark.find_element(By.CLASS_NAME, "sign").text, "the status is a sign, not only a colour"
    lost = browser.find_element(By.ID, "tag-A01").text
    assert "失联/脱管" in lost
    assert "立即打电话、上门并联系家属" in lost
    assert "建议，待核实" in lost
    assert "第三十条" in lost
    assert "待法制人员核对" in lost
    assert "尚待核实" in browser.find_element(By.ID, "note").text


def test_denied_drinking_is_shown_as_not_counted_with_the_reason(address: str, open_browser) -> None:
    browser = open_browser()
    tag(browser, address, "他说最近没有再喝酒了，精神蛮好，在快递公司上班")
    card = browser.find_element(By.ID, "tag-B01").text
    assert "✕ 不计" in card
    assert "原因：不计的说法「没有再喝酒了」" in card


def test_the_reason_comes_by_mouse_and_by_keyboard_and_goes_with_escape(address: str, open_browser) -> None:
    browser = open_browser()
    tag(browser, address)
    tip = browser.find_element(By.ID, "tip")
    mark = browser.find_element(By.CSS_SELECTOR, "#marked mark[data-tags~=A01]")
    ActionChains(browser).move_to_element(mark).perform()
    assert tip.is_displayed()
    assert "失联/脱管（A01）确认" in tip.text
    ActionChains(browser).move_to_element(browser.find_element(By.ID, "level")).perform()
    assert not tip.is_displayed()

    browser.execute_script("document.getElementById('answer').focus()")
    ActionChains(browser).send_keys(Keys.TAB).perform()
    first = browser.switch_to.active_element
    assert first.tag_name == "mark"
    assert tip.is_displayed()
    described = [browser.find_element(By.ID, name).text for name in first.get_attribute("aria-describedby").split()]
    assert all(described)
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    assert not tip.is_displayed()
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    assert browser.switch_to.active_element.get_attribute("id") == f"tag-{first.get_attribute('data-tags').split()[0]}"


def test_the_keyboard_alone_is_enough(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(f"{address}/tags")

    def press(*keys: str) -> str:
        ActionChains(browser).send_keys(*keys).perform()
        return browser.switch_to.active_element.get_attribute("id")

    stops = [press(Keys.TAB) for _ in range(4)]  # the skip link, the links to both pages, the text
    assert stops.index("text") == 3
    press("他人不见了，电话关机三天")
    assert [press(Keys.TAB) for _ in range(3)] == ["scheme", "example", "go"]
    press(Keys.ENTER)
    WebDriverWait(browser, WAIT_S).until(lambda page: page.find_elements(By.CSS_SELECTOR, "#marked mark"))


def test_another_scheme_an_empty_report_and_another_language(address: str, open_browser) -> None:
    browser = open_browser()
    tag(browser, address, "楼道里堆满纸箱，消防通道被堵住了", scheme="grid")
    assert browser.find_elements(By.CSS_SELECTOR, "#tags article")
    field = browser.find_element(By.ID, "text")
    field.clear()
    browser.execute_script("document.getElementById('text').removeAttribute('required')")
    field.send_keys("  ")
    browser.find_element(By.ID, "go").click()
    WebDriverWait(browser, WAIT_S).until(lambda page: "请先填写" in page.find_element(By.ID, "status").text)
    field.clear()
    field.send_keys("hello world")
    browser.find_element(By.ID, "go").click()
    WebDriverWait(browser, WAIT_S).until(lambda page: page.find_element(By.ID, "level").text == "未作判断")


def test_what_looks_like_markup_stays_text(address: str, open_browser) -> None:
    browser = open_browser()
    tag(browser, address, "<img src=x onerror=alert(1)> 电话关机，𠮷某人不见了")
    assert browser.find_elements(By.CSS_SELECTOR, "#marked img") == []
    assert "人不见了" in browser.find_element(By.CSS_SELECTOR, "#marked mark:last-of-type").text, "a rare character before it moves no place"


def test_nothing_scrolls_sideways_on_a_phone_and_the_reason_stays_on_it(address: str, open_browser) -> None:
    browser = open_browser(360)
    tag(browser, address)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
    for number in range(len(browser.find_elements(By.CSS_SELECTOR, "#marked mark"))):
        browser.execute_script("document.querySelectorAll('#marked mark')[arguments[0]].focus()", number)
        left, right = browser.execute_script("const box = document.getElementById('tip').getBoundingClientRect(); return [box.left, box.right]")
        assert 0 <= left < right <= 360
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360


def test_both_pages_lead_to_each_other_and_break_no_policy(address: str, open_browser) -> None:
    browser = open_browser()
    tag(browser, address)
    browser.find_element(By.CSS_SELECTOR, "header a[href='/']").click()
    WebDriverWait(browser, WAIT_S).until(lambda page: page.title == "类案检索")
    browser.find_element(By.CSS_SELECTOR, "header a[href='/tags']").click()
    WebDriverWait(browser, WAIT_S).until(lambda page: page.title == "报告标签")
    time.sleep(0.2)
    hosts = set()
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent" and message["params"]["request"]["url"].startswith("http"):
            hosts.add(message["params"]["request"]["url"].split("/")[2])
    assert hosts == {address.removeprefix("http://")}
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    assert browser.execute_script("return [...document.querySelectorAll('[style],style,script:not([src])')].length") == 0
