"""The officer's story in a real browser: a demolition is planned, the peers speak, the plan changes, the report is downloaded and opened."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import docx
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.steps import answered, ask, click, texts, wait

HEADINGS = [
    "一、检索说明",
    "二、待决案件",
    "三、检索方法",
    "四、检索结果",
    "五、类案规则要点与分歧",
    "六、处置分布与偏离",
    "七、尚待查明与程序",
    "八、败诉原因对照",
]
HEADINGS += ["九、裁量说明", "十、处理意见", "十一、签名", "附注"]
REASON = "规划部门已书面认定可以改正，按类案改为限期改正并处罚款"


def test_the_story_of_the_factory(address: str, open_browser, tmp_path: Path) -> None:
    browser = open_browser()
    ask(browser, address)
    card = browser.find_element(By.ID, "assessment")
    assert "warning" in card.get_attribute("class")
    assert browser.find_element(By.ID, "headline").text == "与相似案例处置差异较大（供核对）"
    assert browser.find_element(By.ID, "direction").text == "↑ 拟处置偏重"
    assert "责令限期改正并处罚款" in card.text
    assert "拟处置比其重" in browser.find_element(By.ID, "reasons").text
    assert "不构成法律意见" in card.text
    assert "◆ 拟处置" in browser.find_element(By.CSS_SELECTOR, "#plots svg").text
    assert any("反面案例" in text for text in texts(browser, "#sentences p"))

    draft = browser.find_element(By.ID, "draft").get_attribute("value")
    ask(browser, address, draft.replace("拟责令限期拆除", "拟责令限期改正，并处工程造价1204300元百分之五的罚款，计60215元"))
    card = browser.find_element(By.ID, "assessment")
    assert "warning" not in card.get_attribute("class")
    assert browser.find_element(By.ID, "headline").text == "未见与相似案例的明显差异"
    assert texts(browser, "#reasons li") == []

    click(browser, "input[value=adopt]")
    browser.find_element(By.ID, "reason").send_keys(REASON)
    click(browser, "#response-form button")
    wait(browser, lambda page: page.find_element(By.ID, "response-status").text == "已记录")
    click(browser, "#dossier")
    wait(browser, lambda page: list(tmp_path.glob("*.docx")))
    check_report(next(tmp_path.glob("*.docx")), tmp_path)


def check_report(path: Path, folder: Path) -> None:
    document = docx.Document(str(path))
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert [text for text in paragraphs if text in HEADINGS] == HEADINGS
    assert any(text.startswith("采纳提示") and REASON in text for text in paragraphs)
    assert "拟作处理：责令改正、罚款60,215元（计罚基数1204300元）" in paragraphs
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["序号", "案名", "日期", "处置与幅度", "复议诉讼", "等级"]
    office = shutil.which("soffice")
    if office is None:  # without LibreOffice the paragraphs above are what can be checked
        return
    profile = f"-env:UserInstallation=file://{folder / 'office'}"
    subprocess.run([office, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(path)], check=True, capture_output=True, timeout=180)
    text = subprocess.run(["pdftotext", "-layout", str(path.with_suffix(".pdf")), "-"], check=True, capture_output=True, timeout=60).stdout.decode()
    places = [text.replace("\f", "\n").find(f"\n{heading}") for heading in HEADINGS]
    assert -1 not in places
    assert places == sorted(places)


def test_a_case_is_opened_beside_the_draft_with_sentences_linked_both_ways(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    click(browser, ".hit .row > button")
    assert browser.find_element(By.ID, "case-dialog").is_displayed()
    for side, other in (("ours", "theirs"), ("theirs", "ours")):
        mark = browser.find_element(By.CSS_SELECTOR, f"#{side} mark")
        mark.send_keys(Keys.ENTER)
        lit = browser.find_elements(By.CSS_SELECTOR, "mark.on")
        assert {node.get_attribute("data-pair") for node in lit} == {mark.get_attribute("data-pair")}
        assert len(lit) == 2
        assert browser.execute_script("return document.activeElement.closest('#' + arguments[0]) !== null", other)
    assert {"＝ 相同"} <= set(texts(browser, "#compared td:first-child"))
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not browser.find_element(By.ID, "case-dialog").is_displayed()


def test_a_word_file_is_read_masked_and_searched(address: str, open_browser, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("当事人：张伟民，电话13805711234。水果店门口人行道上摆满了货，书面责令后逾期未改，拟罚款300元。")
    path = tmp_path / "案情.docx"
    document.save(str(path))
    browser = open_browser()
    browser.get(address)
    browser.find_element(By.ID, "file").send_keys(str(path))
    wait(browser, lambda page: "已读入" in page.find_element(By.ID, "status").text)
    text = browser.find_element(By.ID, "draft").get_attribute("value")
    assert "水果店" in text
    assert "张伟民" not in text
    assert "13805711234" not in text
    answered(browser, lambda: click(browser, "#go"))
    assert "沿街店外经营" in browser.find_element(By.ID, "summary-body").text


def test_a_file_that_cannot_be_read_says_what_to_do(address: str, open_browser, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"no word file")
    browser = open_browser()
    browser.get(address)
    browser.find_element(By.ID, "file").send_keys(str(path))
    wait(browser, lambda page: "另存为 .docx" in page.find_element(By.ID, "status").text)


def test_counted_filters_narrow_the_list_and_can_be_cleared(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    before = len(browser.find_elements(By.CSS_SELECTOR, ".hit"))
    place, count = browser.find_element(By.CSS_SELECTOR, ".facet[aria-label=地区] .chip").text.split()
    assert count.isdigit()
    answered(browser, lambda: click(browser, ".facet[aria-label=地区] .chip"))
    assert place in browser.find_element(By.CSS_SELECTOR, ".facet[aria-label=地区] .chip[aria-pressed=true]").text
    assert len(browser.find_elements(By.CSS_SELECTOR, ".hit")) > 0
    agencies = texts(browser, ".hit > .meta")
    assert all(place[:2] in agency for agency in agencies)
    answered(browser, lambda: click(browser, "#clear"))
    assert len(browser.find_elements(By.CSS_SELECTOR, ".hit")) == before
    assert browser.find_elements(By.CSS_SELECTOR, ".chip[aria-pressed=true]") == []


def test_a_question_answered_changes_the_comparison(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)
    ask(browser, address, "厂房按许可1860平方米建成1912平方米，尚未竣工。拟责令限期拆除。")
    question = next(node for node in browser.find_elements(By.CSS_SELECTOR, ".questions li") if "书面认定可以采取改正措施" in node.text)
    answered(browser, lambda: browser.execute_script("arguments[0].click()", question.find_element(By.TAG_NAME, "button")))
    assert "拟处置比其重" in browser.find_element(By.ID, "reasons").text
    assert "可改正是" in "".join(browser.find_element(By.ID, "summary-body").text.split())


def test_the_statute_comes_before_the_peers_and_the_plan_read_is_shown(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)
    ask(browser, address, "超市卖过期牛奶，货值26元，拟罚款五万元")
    assert "拟罚款约为货值的1,923倍" in browser.find_element(By.ID, "reasons").text
    statute, plots = browser.find_element(By.ID, "statute"), browser.find_element(By.ID, "plots")
    assert statute.location["y"] < plots.location["y"]
    rows = texts(browser, "#statute > ul li")
    assert any("五万至十万元" in row and "食品安全法§124①(五)" in row and "已核" in row for row in rows)
    assert any("三千至一万元" in row and "前提" in row for row in rows)
    assert "按现行规定" in statute.text
    assert "拟作处理罚款50,000 元" in texts(browser, "#summary-body dl")[0]
    marks = browser.find_element(By.CSS_SELECTOR, ".signs .bad").text
    assert any(text.startswith(f"反面案例{len(marks)}件") for text in texts(browser, "#sentences p"))  # one count, twice


def test_two_violations_are_told_apart_by_the_officer(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)
    ask(browser, address, "小店没有食品经营许可证卖小吃，还卖过期牛奶3盒，货值26元，拟罚款5万")
    assert browser.find_element(By.ID, "headline").text == "案情写到不止一种违法行为，请分别比较"
    assert browser.find_element(By.ID, "direction").text == "… 先分清行为"
    assert texts(browser, "#reasons li") == []
    picks = texts(browser, ".picks button")
    assert set(picks) == {"按“经营超过保质期食品或使用过期原料”比较", "按“未取得许可从事食品经营”比较"}
    assert any("未取得许可从事食品经营" in text for text in texts(browser, "#statute summary"))
    place = next(number for number, text in enumerate(picks, 1) if "过期" in text)
    answered(browser, lambda: click(browser, f".picks button:nth-of-type({place})"))
    assert browser.find_element(By.ID, "headline").text == "与相似案例处置有差异（供核对）"
    assert "本次只按“经营超过保质期食品或使用过期原料”比较" in browser.find_element(By.ID, "notes").text
    answered(browser, lambda: click(browser, ".picks button"))
    assert browser.find_element(By.ID, "headline").text == "案情写到不止一种违法行为，请分别比较"


def test_what_is_no_case_is_compared_with_nothing(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)
    ask(browser, address, "今天天气不错，拟罚款五百元")
    assert browser.find_element(By.ID, "headline").text == "未能确定违法行为"
    assert "未能确定违法行为，因此不作比较" in browser.find_element(By.ID, "notes").text
    assert browser.find_element(By.ID, "statute").text == ""
    assert not browser.find_element(By.ID, "response-form").is_displayed()


def test_points_of_law_stand_with_their_article_and_whether_it_was_checked(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    click(browser, "#findings-box summary")
    rows = texts(browser, "#findings li")
    assert any("申请法院" in row and "城乡规划法§68" in row and "已核" in row for row in rows)
    assert any("法制审核" in row and "待核" in row for row in rows)


def test_own_history_is_listed_and_opened_again(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    first = texts(browser, ".hit h3")
    browser.get(address)
    click(browser, "#history-button")
    wait(browser, lambda page: page.find_elements(By.CSS_SELECTOR, ".entry"))
    click(browser, ".entry")
    wait(browser, lambda page: page.find_element(By.ID, "stored").is_displayed())
    assert browser.find_element(By.ID, "headline").text == "与相似案例处置差异较大（供核对）"
    assert texts(browser, ".hit h3")[: len(first)] == first
    assert "厂房" in browser.find_element(By.ID, "draft").get_attribute("value")


def test_the_officers_answer_needs_a_reason(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    click(browser, "input[value=depart]")
    reason = browser.find_element(By.ID, "reason")
    reason.send_keys("太短")
    click(browser, "#response-form button")
    assert browser.find_element(By.ID, "response-status").text == ""
    reason.send_keys("，规划部门认定无法采取改正措施")
    click(browser, "#response-form button")
    wait(browser, lambda page: page.find_element(By.ID, "response-status").text == "已记录")


def test_a_judgement_is_kept(address: str, open_browser) -> None:
    browser = open_browser()
    ask(browser, address)
    button = browser.find_element(By.CSS_SELECTOR, ".hit .judge button:nth-of-type(4)")
    browser.execute_script("arguments[0].click()", button)
    wait(browser, lambda page: button.get_attribute("aria-pressed") == "true")


def test_with_keys_on_the_page_asks_for_one_and_lets_go_of_it(address_with_key: tuple[str, str], open_browser) -> None:
    address, key = address_with_key
    browser = open_browser()
    browser.get(address)
    dialog = browser.find_element(By.ID, "key-dialog")
    wait(browser, lambda page: dialog.is_displayed())
    field = browser.find_element(By.ID, "key")
    field.send_keys("wrong.key", Keys.ENTER)
    wait(browser, lambda page: page.find_element(By.ID, "key-note").text == "密钥无效，请重新输入")
    field.send_keys(key, Keys.ENTER)
    wait(browser, lambda page: not dialog.is_displayed())
    click(browser, "#example")
    answered(browser, lambda: click(browser, "#go"))
    assert browser.find_elements(By.CSS_SELECTOR, ".hit")
    click(browser, "#leave")
    wait(browser, lambda page: page.find_element(By.ID, "key-dialog").is_displayed())


def test_with_nothing_to_compare_the_headline_says_so(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)
    ask(browser, address, "aaaa bbbb cccc")
    assert browser.find_element(By.ID, "headline").text == "没有可供比较的案件"


def test_a_refusal_names_the_field_and_the_cure(address: str, open_browser) -> None:
    browser = open_browser()
    browser.get(address)
    browser.execute_script("document.getElementById('draft').value = '超建'; const fine = document.getElementById('fine'); fine.value = '-1'")
    browser.execute_script("document.getElementById('draft-form').noValidate = true; document.getElementById('go').click()")
    wait(browser, lambda page: "不能小于" in page.find_element(By.ID, "status").text)
    assert "/body/planned/fine_yuan：不能小于 0" in browser.find_element(By.ID, "status").text
