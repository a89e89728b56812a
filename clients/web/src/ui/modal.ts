// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Attachment } from "svelte/attachments";

/**
 * A native dialog that is open while it exists. The browser keeps the focus inside, makes the rest inert and gives
 * the focus back to the opener; `closed` is called when the person closes it.
 */
export function modal(closed: () => void): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const done = () => closed();
    dialog.showModal();
    dialog.addEventListener("close", done);
    return () => {
      // Closing, not only removing, is what returns the focus.
      dialog.removeEventListener("close", done);
      dialog.close();
    };
  };
}
