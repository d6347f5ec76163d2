"""The officer's story in a real browser: a demolition is planned, the peers speak, the plan changes, the report is downloaded."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

WAIT_S = 20
HEADINGS = ["一、检索说明", "二、待决案件", "三、检索方法", "四、检索结果", "五、处置分布与提示", "六、尚待查明", "七、证据与程序", "八、处理意见", "九、签名"]


def wait(browser, condition) -> None:
    WebDriverWait(browser, WAIT_S).until(condition)


def ask(browser, address: str, text: str | None = None) -> None:
    """Search for the page's own example, or for a text, and wait for the answer."""
    if text is None:
        browser.get(address)
        browser.find_element(By.ID, "example").click()
    else:
        field = browser.find_element(By.ID, "draft")
        field.clear()
        field.send_keys(text)
    browser.execute_script("document.getElementById('status').textContent = ''")
    browser.find_element(By.ID, "go").click()
    wait(browser, lambda page: "毫秒" in page.find_element(By.ID, "status").text)


def test_the_story_of_the_factory(address: str, open_browser, tmp_path: Path) -> None:
    browser = open_browser()
    ask(browser, address)
    card = browser.find_element(By.ID, "assessment")
    assert "warning" in card.get_attribute("class")
    assert browser.find_element(By.ID, "headline").text == "与相似案例处置差异较大（供核对）"
    assert "责令限期改正并处罚款" in card.text
    assert "拟处置比其重" in card.text
    assert "不构成法律意见" in card.text

    changed = (
        browser.find_element(By.ID, "draft").get_attribute("value").replace("拟责令限期拆除", "拟责令限期改正，并处工程造价1204300元百分之五的罚款，计60215元")
    )
    ask(browser, address, changed)
    card = browser.find_element(By.ID, "assessment")
    assert "warning" not in card.get_attribute("class")
    assert browser.find_element(By.ID, "headline").text == "未见与相似案例的明显差异"

    browser.find_element(By.ID, "dossier").click()
    wait(browser, lambda page: list(tmp_path.glob("*.docx")))
    check_report(next(tmp_path.glob("*.docx")), tmp_path)


def check_report(path: Path, folder: Path) -> None:
    import docx

    paragraphs = [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]
    assert [text for text in paragraphs if text in HEADINGS] == HEADINGS
    office = shutil.which("soffice")
    if office is None:  # without LibreOffice the paragraphs above are what can be checked
        return
    subprocess.run([office, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=120)
    text = subprocess.run(["pdftotext", "-layout", str(path.with_suffix(".pdf")), "-"], check=True, capture_output=True, timeout=60).stdout.decode()
    places = [text.find(heading) for heading in HEADINGS]
    assert -1 not in places
    assert places == sorted(places)


def test_a_case_is_opened_beside_the_draft_with_linked_passages(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    next(button for button in browser.find_elements(By.CSS_SELECTOR, ".hit button") if button.text == "与本案对照").click()
    assert browser.find_element(By.ID, "case-dialog").is_displayed()
    mark = browser.find_element(By.CSS_SELECTOR, "#ours mark")
    mark.send_keys(Keys.ENTER)
    lit = browser.find_elements(By.CSS_SELECTOR, "mark.on")
    assert {node.get_attribute("data-pair") for node in lit} == {mark.get_attribute("data-pair")}
    assert len(lit) == 2
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not browser.find_element(By.ID, "case-dialog").is_displayed()


def test_the_officers_answer_needs_a_reason(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    browser.execute_script("document.querySelector('input[value=depart]').click()")
    browser.execute_script("document.getElementById('reason').removeAttribute('minlength')")
    form = browser.find_element(By.ID, "response-form")
    browser.find_element(By.ID, "reason").send_keys("太短")
    form.find_element(By.CSS_SELECTOR, "button").click()
    wait(browser, lambda page: "10个字" in page.find_element(By.ID, "response-status").text)
    browser.find_element(By.ID, "reason").send_keys("，补充说明：规划部门认定无法改正，与类案不同")
    form.find_element(By.CSS_SELECTOR, "button").click()
    wait(browser, lambda page: page.find_element(By.ID, "response-status").text == "已记录")


def test_a_judgement_is_kept(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    button = browser.find_element(By.CSS_SELECTOR, ".hit .judge button:nth-of-type(4)")
    browser.execute_script("arguments[0].click()", button)
    wait(browser, lambda page: button.get_attribute("aria-pressed") == "true")


def test_nothing_scrolls_sideways_on_a_phone(address: str, open_browser) -> None:
    browser = open_browser(360)
    ask(browser, address)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 360


def test_the_keyboard_is_enough(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)

    def press(*keys: str) -> str:
        ActionChains(browser).send_keys(*keys).perform()
        return browser.switch_to.active_element.get_attribute("id")

    press(Keys.TAB)  # the skip link
    assert press(Keys.TAB) == "draft"
    press("水果店门口人行道上摆满了货，书面责令后逾期未改")
    assert "go" in [press(Keys.TAB) for _ in range(4)]
    press(Keys.ENTER)
    wait(browser, lambda page: page.find_elements(By.CSS_SELECTOR, ".hit"))


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
    colours = {name: browser.execute_script(style, f"--{name}") for name in ("ink", "soft", "accent", "good", "bad", "paper", "ground", "mark")}
    colours = {name: value if len(value) == 7 else "#" + "".join(char * 2 for char in value[1:]) for name, value in colours.items()}
    pairs = [("ink", "paper"), ("ink", "mark"), ("soft", "ground"), ("accent", "paper"), ("good", "paper"), ("bad", "paper")]
    ratios = {pair: sorted((luminance(colours[name]) + 0.05 for name in pair), reverse=True) for pair in pairs}
    assert {pair: high / low for pair, (high, low) in ratios.items() if high / low < 4.5} == {}


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
