// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Attachment } from "svelte/attachments";
import { returnFocus } from "./focus";

/**
 * A native dialog that is open while it exists. The browser keeps the focus inside and makes the rest inert;
 * at the end the focus goes back to the opener. `closed` is called when the person closes it.
 */
export function modal(closed: () => void): Attachment<HTMLDialogElement> {
  return (dialog) => {
    const done = () => closed();
    const goBack = returnFocus(dialog);
    dialog.showModal();
    dialog.addEventListener("close", done);
    return () => {
      dialog.removeEventListener("close", done);
      dialog.close();
      // Closed by a button of its own it has left the page by now, and the browser returns nothing.
      goBack?.();
    };
  };
}
