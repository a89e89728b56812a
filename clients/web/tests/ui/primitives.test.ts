// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import { page, userEvent } from "vitest/browser";
import { render } from "vitest-browser-svelte";
import Primitives from "./Primitives.svelte";

test("a menu is worked by keys alone and gives the focus back", async () => {
  const chosen: string[] = [];
  await render(Primitives, { chosen: (label) => chosen.push(label) });
  const button = page.getByRole("button", { name: "Aktionen" });
  (button.element() as HTMLElement).focus();
  await userEvent.keyboard("{Enter}");
  await expect.element(page.getByRole("menuitem", { name: "Antworten" })).toHaveFocus();
  await userEvent.keyboard("{ArrowDown}");
  await expect.element(page.getByRole("menuitem", { name: "Bearbeiten" })).toHaveFocus();
  await userEvent.keyboard("l");
  await expect.element(page.getByRole("menuitem", { name: "Löschen" })).toHaveFocus();
  await userEvent.keyboard("{Escape}");
  await expect.element(button).toHaveFocus();
  await expect.element(button).toHaveAttribute("aria-expanded", "false");
  await userEvent.keyboard("{Enter}{End}{Enter}");
  expect(chosen).toEqual(["Löschen"]);
  await expect.element(button).toHaveFocus();
});

test("a dialog has its name, keeps the focus and gives it back", async () => {
  await render(Primitives, { chosen: () => {} });
  const opener = page.getByRole("button", { name: "Raum anlegen" });
  await opener.click();
  await expect.element(page.getByRole("dialog", { name: "Neuer Raum" })).toBeVisible();
  expect(document.querySelector("dialog")?.contains(document.activeElement)).toBe(true);
  await userEvent.keyboard("{Escape}");
  await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
  await expect.element(opener).toHaveFocus();
});

test("what looks like HTML in a message is text", async () => {
  const text = "<img src=x onerror=alert(1)> **fett** <script>1</script> https://example.org/<b>";
  await render(Primitives, { text, chosen: () => {} });
  const shown = document.querySelector(".text");
  expect(shown?.querySelectorAll("img, script, b")).toHaveLength(0);
  expect(shown?.textContent).toContain("<img src=x onerror=alert(1)>");
  const link = page.getByRole("link", { name: "https://example.org/" });
  await expect.element(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
});
