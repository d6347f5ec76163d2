"""A text that is no case, in a real browser: the nearest cases are listed, and said not to be similar."""

from __future__ import annotations

from selenium.webdriver.common.by import By

from tests.browser.steps import ask


def test_cases_that_are_not_similar_are_marked_one_by_one(address: str, open_browser) -> None:
    browser = open_browser(360)
    browser.get(address)
    ask(browser, address, "床前明月光，疑是地上霜。举头望明月，低头思故乡。")
    assert browser.find_element(By.CSS_SELECTOR, "#no-match strong").text == "没有足够相似的案例；以下不够相似，仅供参考。"
    badges = [hit.find_element(By.CSS_SELECTOR, ".badges").text for hit in browser.find_elements(By.CSS_SELECTOR, "article.hit")]
    assert len(badges) == 10
    assert all("仅供参考" in text for text in badges)
