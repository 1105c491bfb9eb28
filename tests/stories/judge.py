"""What makes a page unusable for somebody: axe's serious and critical faults, too wide for a phone, words left in Chinese."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_OPTIONS = {"resultTypes": ["violations"], "preload": False, "iframes": False}
# Wider than the window, and the innermost elements that stand out of it (not inside something that scrolls by itself).
WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false };
  const out = [...document.body.querySelectorAll('*')].filter(e => e.checkVisibility() &&
    e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e));
  return [`${root.scrollWidth} > ${root.clientWidth}`,
    ...out.filter(e => ![...e.children].some(c => out.includes(c))).slice(0, 4).map(e => e.outerHTML.slice(0, 160))];
}"""
# Chinese in what steers an English page; names stay as they are where they are marked: lang="zh…" or class "proper".
CHINESE = """() => {
  const found = new Set();
  for (const e of document.querySelectorAll('title, button, label, legend, summary, h1, h2, h3, nav, th')) {
    const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const near = walk.currentNode.parentElement;
      const words = walk.currentNode.data;  // English around a name: somebody translated the sentence
      if (/[\\u4e00-\\u9fff]/.test(words) && !/[a-z]{2}/.test(words) && near.tagName !== 'OPTION' && near.checkVisibility() &&
          !near.closest('[lang^=zh]:not(html), .proper'))
        found.add(`<${e.tagName.toLowerCase()}> ${walk.currentNode.data.trim().slice(0, 60)}`);
    }
  }
  return [...found];
}"""
# What a style sheet may make worse: structure, roles and words are the same in both modes.
_BY_STYLE = (
    "color-contrast", "link-in-text-block", "scrollable-region-focusable", "aria-hidden-focus", "label",
    "button-name", "link-name", "select-name", "summary-name",
)  # fmt: skip
_axe = Axe()


def impairments(page: Page, *, by_style: bool = False) -> list[str]:
    """Serious and critical faults that axe finds on the page, one line each with the first element."""
    options = {**_OPTIONS, "runOnly": list(_BY_STYLE)} if by_style else _OPTIONS
    violations = _axe.run(page, options=options).response["violations"]
    return [
        f"axe {each['id']} ({each['impact']}, {len(each['nodes'])}×): {each['nodes'][0]['html'][:200]}"
        f" | {(each['nodes'][0]['any'] or [{'message': ''}])[0]['message'][:160]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
    ]
