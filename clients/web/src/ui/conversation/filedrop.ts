// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Attachment } from "svelte/attachments";

/** Files dropped anywhere on an element. `over` tells while they hover. */
export function filedrop(
  dropped: (files: File[]) => void,
  over: (over: boolean) => void,
): Attachment<HTMLElement> {
  return (node) => {
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const drag = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      over(true);
    };
    const leave = (event: DragEvent) => {
      if (!node.contains(event.relatedTarget as Node | null)) over(false);
    };
    const drop = (event: DragEvent) => {
      over(false);
      if (!carries(event)) return;
      event.preventDefault();
      dropped([...(event.dataTransfer?.files ?? [])]);
    };
    node.addEventListener("dragover", drag);
    node.addEventListener("dragleave", leave);
    node.addEventListener("drop", drop);
    return () => {
      node.removeEventListener("dragover", drag);
      node.removeEventListener("dragleave", leave);
      node.removeEventListener("drop", drop);
    };
  };
}
