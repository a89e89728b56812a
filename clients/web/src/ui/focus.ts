// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { tick } from "svelte";
import type { Attachment } from "svelte/attachments";

/** When this part goes away, the focus returns to what opened it, or to the message in which that was. */
export const returnFocus: Attachment<HTMLElement> = (part) => {
  const opener = document.activeElement;
  const row = opener?.closest<HTMLElement>("[data-row]");
  return () => {
    const lost = document.activeElement === document.body || part.contains(document.activeElement);
    if (!lost) return;
    const next = opener?.isConnected ? opener : row;
    if (next instanceof HTMLElement && next.isConnected) next.focus();
  };
};

/** Rows come and change places while one goes through them: the focus stays on its row, and in sight. */
export const followFocus: Attachment<HTMLElement> = (list) => {
  let last: HTMLAnchorElement | null = null;
  const remember = ({ target }: FocusEvent) => {
    last = target instanceof HTMLAnchorElement ? target : null;
  };
  const moved = new MutationObserver(() => {
    const active = document.activeElement;
    if (active !== document.body) {
      // Not for who clicked a row and has scrolled on since.
      if (list.contains(active) && active?.matches(":focus-visible"))
        active.scrollIntoView({ block: "nearest" });
    } else if (last !== null && !last.isConnected) {
      // A row that changes its section is a new element there.
      list.querySelector<HTMLElement>(`a[href="${CSS.escape(last.pathname)}"]`)?.focus();
    }
  });
  list.addEventListener("focusin", remember);
  moved.observe(list, { childList: true, subtree: true });
  return () => {
    moved.disconnect();
    list.removeEventListener("focusin", remember);
  };
};

/** What had the focus may be gone with its page: then the page that took its place has it (WCAG 2.4.3). */
export async function rescueFocus(): Promise<void> {
  await tick();
  if (document.activeElement === document.body) document.getElementById("inhalt")?.focus();
}

const REACHED = "a[href], button, input, select, textarea, [tabindex]";

/**
 * What scrolls and holds nothing that the keyboard reaches is reached itself, so that it can be scrolled.
 * title: the id of what it is called by then.
 */
export const reachedIfItScrolls =
  (title: string): Attachment<HTMLElement> =>
  (part) => {
    const look = () => {
      const needs = part.scrollHeight > part.clientHeight && part.querySelector(REACHED) === null;
      const means = { tabindex: "0", role: "group", "aria-labelledby": title };
      for (const [name, value] of Object.entries(means)) {
        if (needs) part.setAttribute(name, value);
        else part.removeAttribute(name);
      }
    };
    const sizes = new ResizeObserver(look);
    const contents = new MutationObserver(look);
    sizes.observe(part);
    contents.observe(part, { childList: true, subtree: true });
    return () => {
      sizes.disconnect();
      contents.disconnect();
    };
  };
