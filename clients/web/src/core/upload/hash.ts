// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** SHA-256 of a whole file, hex, computed in a worker so that the page stays quick. Aborting ends the worker. */
export function hashFile(file: File, signal: AbortSignal): Promise<string> {
  const worker = new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module" });
  const stop = () => worker.terminate();
  signal.addEventListener("abort", stop, { once: true });
  return new Promise<string>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<{ sha256: string } | { error: string }>) => {
      if ("sha256" in event.data) resolve(event.data.sha256);
      else reject(new FileUnreadable(event.data.error));
    };
    worker.onerror = (event) => reject(new FileUnreadable(event.message));
    worker.postMessage(file);
  }).finally(() => {
    signal.removeEventListener("abort", stop);
    worker.terminate();
  });
}

/** The file on the disk is gone or has changed since it was picked. */
export class FileUnreadable extends Error {
  override name = "FileUnreadable";
}
