// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";
import { render } from "vitest-browser-svelte";
import List from "./List.svelte";

interface More {
  before: (rows: number) => void;
  after: (rows: number) => void;
  toEnd: () => Promise<void> | undefined;
  atEnd: () => boolean;
}
const frame = () => page.getByRole("region", { name: "Liste" }).element() as HTMLElement;
const settle = async () => {
  for (let turn = 0; turn < 4; turn++) await new Promise((resume) => requestAnimationFrame(resume));
};
const rows = () => [...frame().querySelectorAll<HTMLElement>("[data-key]")];
/** The first row in view and where it is. */
function looking(): [string, number] {
  const top = frame().getBoundingClientRect().top;
  const row = rows().find((one) => one.getBoundingClientRect().bottom > top);
  return [row?.dataset["key"] ?? "", row?.getBoundingClientRect().top ?? 0];
}
const start = async (props: { first: number; count: number; startAt?: string }) => {
  const { component } = await render(List, props);
  await settle();
  return (component as unknown as { more: More }).more;
};

test("it opens at the end and follows new rows", async () => {
  const more = await start({ first: 0, count: 500 });
  expect(rows().at(-1)?.dataset["key"]).toBe("k499");
  expect(more.atEnd()).toBe(true);
  more.after(3);
  await settle();
  expect(frame().scrollHeight - frame().scrollTop - frame().clientHeight).toBeLessThan(2);
  expect(rows().at(-1)?.dataset["key"]).toBe("k502");
});

test("rows added in front never move what is read: 20 of 20 within a pixel", async () => {
  const more = await start({ first: 5_000, count: 120 });
  frame().scrollTop = 700;
  await settle();
  for (let turn = 0; turn < 20; turn++) {
    const [key, top] = looking();
    more.before(37);
    await settle();
    const row = frame().querySelector(`[data-key="${key}"]`);
    expect(
      Math.abs((row?.getBoundingClientRect().top ?? Infinity) - top),
      "turn " + turn,
    ).toBeLessThanOrEqual(1);
  }
});

test("new rows do not pull a reader down who is further up", async () => {
  const more = await start({ first: 0, count: 200 });
  frame().scrollTop = 300;
  await settle();
  const before = looking();
  more.after(20);
  await settle();
  expect(looking()).toEqual(before);
  expect(more.atEnd()).toBe(false);
  await more.toEnd();
  await settle();
  expect(rows().at(-1)?.dataset["key"]).toBe("k219");
});

test("however far one scrolls, at most 300 rows are in the page", async () => {
  await start({ first: 2_000, count: 200 });
  for (let turn = 0; turn < 25; turn++) {
    frame().scrollTop = 0;
    await settle();
  }
  expect(rows().length).toBeLessThanOrEqual(300);
  const [key] = looking();
  expect(Number(key.slice(1))).toBeLessThan(1_500);
  for (let turn = 0; turn < 60; turn++) {
    frame().scrollTop = frame().scrollHeight;
    await settle();
  }
  expect(rows().at(-1)?.dataset["key"]).toBe("k2199");
});

test("it can open at the first unread row", async () => {
  const more = await start({ first: 0, count: 400, startAt: "k250" });
  const row = frame().querySelector('[data-key="k250"]');
  const top = (row?.getBoundingClientRect().top ?? 0) - frame().getBoundingClientRect().top;
  expect(top).toBeGreaterThan(50);
  expect(top).toBeLessThan(250);
  expect(more.atEnd()).toBe(false);
});

test("arrow keys walk through the rows", async () => {
  await start({ first: 0, count: 40 });
  frame().focus();
  await userEvent.keyboard("{ArrowUp}");
  expect(document.activeElement?.textContent).toContain("k39");
  await userEvent.keyboard("{ArrowUp}{ArrowUp}");
  expect(document.activeElement?.textContent).toContain("k37");
  await userEvent.keyboard("{End}");
  expect(document.activeElement?.textContent).toContain("k39");
});
