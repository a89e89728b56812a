// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** How soon a page that others change, too, looks for it, milliseconds. */
export const OTHERS_MS = 5_000;

/**
 * Look again now and then while the page is in sight, and at once when it comes back into it.
 * One look at a time. Returns how to end it, as an effect wants it.
 */
export function lookAgain(everyMs: number, look: () => Promise<void>): () => void {
  let busy = false;
  const again = async () => {
    if (document.hidden || busy) return;
    busy = true;
    try {
      await look();
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(again, everyMs);
  document.addEventListener("visibilitychange", again);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", again);
  };
}
