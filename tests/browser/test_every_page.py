"""Every page, for every role, at the width of a phone: it fits, and the browser has nothing to complain of."""

import re

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.garden import PHONE, Garden
from tests.web.access_table import OK, all_rows
from tests.web.test_access_table import address
from tests.web.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.long]

ROLES = ("member", "lecturer", "liaison", "administrator")
MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
# What forms and scripts take along and nobody sees: tokens, whose page it is, when it was made, a request's number.
CHANGING = re.compile(
    r'(?<=type="hidden") name="[^"]*" value="[^"]*"'
    r'|\b(?:nonce|data-(?:csrf|now|member|note|note-member))="[^"]*"'
    r"|<code>[0-9a-f]{16}</code>"
)
LARGE_TYPE = "document.documentElement.style.fontSize = '24px'"  # as the browser's own setting for poor sight
# Too wide for the screen; words that stand out of their button; ids that are there twice, so that a label would lead to
# the wrong field.
FAULTS = """(() => {
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `twice #${id}`);
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth ? ["too wide"] : [];
  const spills = [...document.querySelectorAll("button:not(.sr-only), .btn")]
    .filter((one) => one.scrollWidth > one.clientWidth + 3)
    .map((one) => `wider than its button: ${one.textContent.trim()}`);
  return [...wide, ...spills, ...new Set(twice)];
})()"""

# What answers a tap and is smaller than a finger, 44 px; a box to tick has its label. Not asked of words within a text
# of its own: the sentences of a transcript, what somebody has written.
SMALL = """(() => {
  document.querySelectorAll("main details").forEach((one) => (one.open = true));
  const apart = ".sr-only, .skip, .sentence, .prose";
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(apart);
  const boxes = (one) => [one, ...(one.labels ?? [])].map((box) => box.getBoundingClientRect());
  const most = (one, side) => Math.max(...boxes(one).map((box) => box[side]));
  return [...document.querySelectorAll("a[href], button, select, textarea, summary, input:not([type=hidden])")]
    .filter((one) => seen(one) && most(one, "width") > 1 && Math.min(most(one, "width"), most(one, "height")) < 43.5)
    .map((one) => `smaller than a finger: ${one.outerHTML} ${most(one, "width")}x${most(one, "height")}`);
})()"""


def pages_of(role: str, world: World, context: BrowserContext, base: str) -> dict[str, str]:
    """Give the addresses that answer this role with a page, not with data or a file, and what each shows between
    heading and foot, without what nobody sees."""
    rows = [row for row in all_rows() if row.method == "GET" and row.expected[role] == OK]
    paths = dict.fromkeys(address(row, world) for row in rows if not row.rule.startswith("/api/v1/"))
    pages = {}
    for path in paths:
        answer = context.request.get(base + path)
        if answer.headers.get("content-type", "").startswith("text/html") and "<html" in (text := answer.text()):
            content = MAIN.search(text)  # what has no html element is a part that a script puts into a page
            assert content, f"{path} has no main part: {answer.status}"
            pages[path] = CHANGING.sub("", content.group())
        answer.dispose()
    return pages


def test_every_page_fits_a_phone_and_leaves_the_console_empty_for_every_role(garden: Garden) -> None:
    world = build_world()
    seen: dict[str, int] = {}
    shown: dict[str, list[str]] = {}  # what another role met word for word is not opened again
    faults: list[str] = []
    for role in ROLES:
        desk = garden.visit(world.people[role], viewport=PHONE, has_touch=True)
        pages = pages_of(role, world, desk.context, garden.address)
        for path in [path for path in pages if pages[path] not in shown.setdefault(path, [])]:
            shown[path].append(pages[path])
            desk.open(path)
            faults += [f"{path} for the {role}: {fault}" for fault in desk.page.evaluate(FAULTS)]
            faults += [f"{path} for the {role}: {fault}" for fault in desk.page.evaluate(SMALL)]
            desk.page.evaluate(LARGE_TYPE)
            large = [fault for fault in desk.page.evaluate(FAULTS) if not fault.startswith("twice")]
            faults += [f"{path} for the {role} in large type: {fault}" for fault in large]
        seen[role] = len(pages)
    assert faults == [], "\n".join(faults)
    assert seen["member"] > 20
    assert 20 < seen["lecturer"] < seen["liaison"] < seen["administrator"], seen
