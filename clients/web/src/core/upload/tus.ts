// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FileRef } from "../api/wire";
import { Refusal, refusalOf, unreachable } from "../api/problem";

const VERSION = { "Tus-Resumable": "1.0.0" };

/** The few requests of tus 1.0 that an upload needs, plus our own `finish`. Raises Refusal. */
export interface Tus {
  create(file: File, room: string, signal: AbortSignal): Promise<string>;
  /** Bytes the server has. */
  offset(url: string, signal: AbortSignal): Promise<number>;
  /** Send one piece; answers the new offset. `progress` counts the bytes of this piece. */
  patch(
    url: string,
    offset: number,
    piece: Blob,
    progress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<number>;
  finish(url: string, sha256: string, signal: AbortSignal): Promise<FileRef>;
  remove(url: string): Promise<void>;
}

/** Base64 of the UTF-8 bytes, as Upload-Metadata wants it. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

async function ask(input: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(input, { ...init, credentials: "same-origin" });
  } catch (error) {
    init.signal?.throwIfAborted();
    throw unreachable(error);
  }
  if (!response.ok) throw await refusalOf(response);
  return response;
}

function offsetIn(value: string | null): number {
  const offset = Number(value ?? "");
  if (value === null || !Number.isSafeInteger(offset)) {
    throw new Refusal({ type: "about:blank", title: "Upload-Offset", status: 502 });
  }
  return offset;
}

export const tus: Tus = {
  async create(file, room, signal) {
    const metadata = { filename: file.name, filetype: file.type || "application/octet-stream", room };
    const pairs = Object.entries(metadata).map(([key, value]) => key + " " + base64(value));
    const response = await ask("/api/v1/uploads", {
      method: "POST",
      signal,
      headers: { ...VERSION, "Upload-Length": String(file.size), "Upload-Metadata": pairs.join(",") },
    });
    const place = new URL(response.headers.get("location") ?? "", location.href);
    return place.pathname;
  },

  async offset(url, signal) {
    const response = await ask(url, { method: "HEAD", signal, headers: VERSION, cache: "no-store" });
    return offsetIn(response.headers.get("upload-offset"));
  },

  // XMLHttpRequest, because fetch does not tell how much of a body is on its way.
  patch(url, offset, piece, progress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PATCH", url);
      request.setRequestHeader("Tus-Resumable", VERSION["Tus-Resumable"]);
      request.setRequestHeader("Upload-Offset", String(offset));
      request.setRequestHeader("Content-Type", "application/offset+octet-stream");
      request.upload.onprogress = (event) => progress(event.loaded);
      request.onerror = () => reject(unreachable("PATCH"));
      request.onabort = () => reject(signal.reason);
      request.onload = () => {
        if (request.status === 204) {
          try {
            resolve(offsetIn(request.getResponseHeader("upload-offset")));
          } catch (error) {
            reject(error);
          }
          return;
        }
        const type = request.getResponseHeader("content-type") ?? "";
        const headers = { "content-type": type };
        refusalOf(new Response(request.response, { status: request.status, headers })).then(reject, reject);
      };
      signal.addEventListener("abort", () => request.abort(), { once: true });
      request.send(piece);
    });
  },

  async finish(url, sha256, signal) {
    const response = await ask(url + "/finish", {
      method: "POST",
      signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sha256 }),
    });
    return (await response.json()) as FileRef;
  },

  async remove(url) {
    await ask(url, { method: "DELETE", headers: VERSION });
  },
};
