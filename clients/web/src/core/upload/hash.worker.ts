// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Bytes read at once; small enough to keep memory flat for any file. */
const SLICE_BYTES = 4 * 2 ** 20;

const worker = globalThis as unknown as DedicatedWorkerGlobalScope;

/** A file comes in, its SHA-256 goes out in hex; or why it cannot be read. */
worker.onmessage = async (event: MessageEvent<File>) => {
  const file = event.data;
  const hash = sha256.create();
  try {
    for (let from = 0; from < file.size; from += SLICE_BYTES) {
      hash.update(new Uint8Array(await file.slice(from, from + SLICE_BYTES).arrayBuffer()));
    }
  } catch (error) {
    // The file was moved, changed or its medium taken out while we read it.
    worker.postMessage({ error: String(error) });
    return;
  }
  worker.postMessage({ sha256: bytesToHex(hash.digest()) });
};
