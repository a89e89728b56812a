// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Attachment } from "svelte/attachments";

/** A textarea as tall as its text; its own max-height is the limit. */
export function grow(text: () => string): Attachment<HTMLTextAreaElement> {
  return (node) => {
    void text();
    node.style.height = "auto";
    // Borders are outside of scrollHeight.
    node.style.height = node.scrollHeight + (node.offsetHeight - node.clientHeight) + "px";
  };
}
