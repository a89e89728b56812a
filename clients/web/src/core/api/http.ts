// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { refusalOf, unreachable } from "./problem";

/** How often a request waits for a full server (429) before the refusal is shown. */
const BUSY_RETRIES = 3;
/** Longest wait the client accepts from Retry-After, seconds. */
const RETRY_AFTER_MAX_S = 20;

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** JSON over HTTP below /api/v1, with problems as exceptions. */
export class Http {
  /** Called once for every answer "not signed in". */
  onSignedOut: () => void = () => {};
  readonly #fetch: Fetch;

  constructor(fetch: Fetch = (input, init) => globalThis.fetch(input, init)) {
    this.#fetch = fetch;
  }

  get<T>(path: string): Promise<T> {
    return this.#send<T>("GET", path);
  }

  post<T>(path: string, body?: unknown): Promise<T> {
    return this.#send<T>("POST", path, body);
  }

  put<T>(path: string, body?: unknown): Promise<T> {
    return this.#send<T>("PUT", path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#send<T>("PATCH", path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#send<T>("DELETE", path);
  }

  /** Sends a file as it is. */
  upload<T>(path: string, file: Blob): Promise<T> {
    return this.#send<T>("POST", path, file);
  }

  /** What is no single JSON document, such as lines of it. */
  async text(path: string): Promise<string> {
    return (await this.#answer("GET", path)).text();
  }

  /** A file as it is. */
  async blob(path: string): Promise<Blob> {
    return (await this.#answer("GET", path)).blob();
  }

  async #send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#answer(method, path, body);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** Raises Refusal for every answer that is not 2xx, and for none at all. */
  async #answer(method: string, path: string, body?: unknown): Promise<Response> {
    for (let attempt = 0; ; attempt++) {
      const response = await this.#once(method, path, body);
      if (response.ok) return response;
      if (response.status === 429 && attempt < BUSY_RETRIES) {
        const wait_s = Math.min(Number(response.headers.get("retry-after")) || 1, RETRY_AFTER_MAX_S);
        await new Promise((resume) => setTimeout(resume, wait_s * 1000));
        continue;
      }
      if (response.status === 401) this.onSignedOut();
      throw await refusalOf(response);
    }
  }

  async #once(method: string, path: string, body: unknown): Promise<Response> {
    const init: RequestInit = { method, credentials: "same-origin", headers: { accept: "application/json" } };
    if (body instanceof Blob) {
      init.headers = { ...init.headers, "content-type": "application/octet-stream" };
      init.body = body;
    } else if (body !== undefined) {
      init.headers = { ...init.headers, "content-type": "application/json" };
      init.body = JSON.stringify(body);
    }
    try {
      return await this.#fetch("/api/v1" + path, init);
    } catch (error) {
      throw unreachable(error);
    }
  }
}

/** "?a=1&b=2" of what is defined and not empty. */
export function query(values: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  return pairs.length ? "?" + new URLSearchParams(pairs.map(([k, v]) => [k, String(v)])).toString() : "";
}
