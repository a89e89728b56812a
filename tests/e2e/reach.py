# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What keeps people out of a page: axe's findings, sideways scrolling, a focus that is lost or unseen."""

import re
from pathlib import Path
from typing import Literal

from playwright.async_api import Locator, Page

AXE = Path(__file__).parents[2] / "clients/web/node_modules/axe-core/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW_PX = 320
"""WCAG 2.2, 1.4.10: a window of 1280 px at 400 %."""
DESK, PHONE = (1280, 800), (NARROW_PX, 640)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
STOPS_MAX = 120
"""Tab stops between two places; more is a fault too."""
RUN = """
async (tags) => {
  const {violations} = await axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], rules: {'target-size': {enabled: true}}});
  return violations.flatMap(({id, nodes}) =>
    nodes.map((node) => id + ': ' + node.target.join(' ') + ': ' + node.failureSummary.replaceAll(/\\s+/g, ' ')));
}
"""
# Parts that scroll sideways by themselves, and things to press that lie outside of the window.
SIDEWAYS = """
() => {
  const name = (one) => one.localName + ' ' + (one.getAttribute('aria-label') ?? one.className ?? '');
  const found = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) found.push('page: ' + page.scrollWidth + ' px');
  for (const one of document.querySelectorAll('body *')) {
    const box = one.getBoundingClientRect();
    if (!one.checkVisibility({visibilityProperty: true}) || box.width <= 1) continue;
    const scrolls = /auto|scroll/.test(getComputedStyle(one).overflowX);
    if (scrolls && one.scrollWidth > one.clientWidth + 1 && !one.matches('pre'))
      found.push('scrolls: ' + name(one) + ' ' + one.scrollWidth + ' px in ' + one.clientWidth);
    const pressed = one.matches('a, button, input, select, textarea, [role=option]');
    if (pressed && (box.left < -1 || box.right > innerWidth + 1))
      found.push('outside: ' + name(one) + ' ' + Math.round(box.left) + ' to ' + Math.round(box.right));
  }
  return found;
}
"""
# Reduced motion still means transitions of one frame.
TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
FOCUS = """
async () => {
  await TWO_FRAMES;
  const one = document.activeElement;
  if (!one || one === document.body) return 'lost';
  const ringed = (node) => {
    const {outlineStyle, outlineWidth} = getComputedStyle(node);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  };
  const box = one.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const what = one.localName + ' ' + (one.getAttribute('aria-label') || one.textContent.trim().slice(0, 40));
  // The caret shows it; and a page that has just opened is no control, only where the keyboard goes on from.
  if (one.matches('textarea, input:not([type=radio], [type=checkbox]), main')) return '';
  if (!inside) return 'outside of the window: ' + what;
  for (let node = one, up = 0; node && up < 4; node = node.parentElement, up++) if (ringed(node)) return '';
  return 'no ring: ' + what;
}
""".replace("TWO_FRAMES", TWO_FRAMES)


async def findings(page: Page) -> list[str]:
    """What axe finds against WCAG 2.0 to 2.2, A and AA."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    found: list[str] = await page.evaluate(RUN, STANDARDS)
    return found


async def sideways(page: Page) -> list[str]:
    """What does not fit into the width of the window."""
    found: list[str] = await page.evaluate(SIDEWAYS)
    return found


class Keyboard:
    """Moves by keys alone and looks at the focus after every one. faults: what was wrong with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []

    async def press(self, key: str) -> None:
        """One key; the focus must be somewhere and visible."""
        before = await self.page.evaluate("document.activeElement.outerHTML.slice(0, 100)")
        await self.page.keyboard.press(key)
        fault = await self.page.evaluate(FOCUS)
        if fault:
            self.faults.append(f"after {key} on {before}: {fault}")

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)

    async def to(self, target: Locator, key: str = "Tab") -> None:
        """Press a key until the target has the focus."""
        await target.wait_for()
        for _ in range(STOPS_MAX):
            if await target.evaluate("(one) => one === document.activeElement"):
                return
            # From the end of the page the browser's own buttons come, where the page knows of no focus.
            await self.page.keyboard.press(key)
            fault = await self.page.evaluate(FOCUS)
            if fault and fault != "lost":
                self.faults.append(f"on the way to {_name(target)}: {fault}")
        raise AssertionError(f"not reached by {STOPS_MAX} x {key}: {_name(target)}")

    async def use(self, target: Locator, key: str = "Enter") -> None:
        """Go there and press it."""
        await self.to(target)
        await self.page.keyboard.press(key)

    async def lands(self, what: str) -> None:
        """Something opened, closed or was replaced: the focus must have a place in what is there now."""
        fault = await self.page.evaluate(FOCUS)
        if fault:
            self.faults.append(f"{what}: {fault}")


def _name(target: Locator) -> str:
    return re.sub(r"^<Locator frame=.*? selector=|>$", "", repr(target))


async def everywhere(page: Page, place: str) -> list[str]:
    """Findings on a desk and on a narrow phone, light and dark, and what does not fit there."""
    found = []
    for size, (width, height) in {"desk": DESK, "phone": PHONE}.items():
        await page.set_viewport_size({"width": width, "height": height})
        found += await in_both_schemes(page, f"{place}, {size}")
    found += [f"{place}, {NARROW_PX} px: {one}" for one in await sideways(page)]
    await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    return found


async def in_both_schemes(page: Page, place: str) -> list[str]:
    found = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        await page.wait_for_function(
            "(scheme) => (document.documentElement.dataset.theme ?? scheme) === scheme", arg=scheme
        )
        await page.evaluate(TWO_FRAMES)
        found += [f"{place}, {scheme}: {one}" for one in await findings(page)]
    return found
