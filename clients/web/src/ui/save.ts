// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/** How long a browser may take to begin with a download. */
const BEGUN_WITHIN_MS = 60_000;

/** Have the browser keep this as a file. */
export function save(content: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // some browsers read it only after the click has been dealt with
  setTimeout(() => URL.revokeObjectURL(link.href), BEGUN_WITHIN_MS);
}
