// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { Refusal } from "../api/problem";
import type { FileRef, Problem } from "../api/wire";
import { backoff_ms } from "../socket";
import { FileUnreadable } from "./hash";
import type { Tus } from "./tus";

/** Bytes per request: the server's part size, so that every part arrives whole. */
export const PIECE_BYTES = 8 * 2 ** 20;
/** A server that lost the upload, or got other bytes, is given this many fresh starts. */
const RESTARTS_MAX = 2;

export type UploadState =
  | { step: "waiting" | "sending" | "checking" | "paused"; sent_bytes: number }
  /** problem: what the server says it cannot do just now; null where the way to it broke. */
  | { step: "cut"; sent_bytes: number; problem: Problem | null }
  | { step: "done"; sent_bytes: number; file: FileRef }
  | { step: "failed"; sent_bytes: number; problem: Problem | null };

export interface UploadWorld {
  tus: Tus;
  hash: (file: File, signal: AbortSignal) => Promise<string>;
  /** Wait, or come back earlier when the network returns. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  random: () => number;
}

/** Refusals that say: ask where the upload stands, and go on there. */
const GO_ON = new Set([
  "upload-cut",
  "upload-displaced",
  "upload-incomplete",
  "upload-locked",
  "upload-offset",
  "upload-stalled",
]);
/** Refusals that say: these bytes are of no use, begin again. */
const BEGIN_AGAIN = new Set(["checksum-mismatch", "upload-fragmented"]);
/** HTTP: the storage is full. Waiting does not help whoever looks at it. */
const FULL = 507;

/** What is answered by trying again later. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Refusal)) return false;
  const { status } = error.problem;
  const busy = status === 429 || (status >= 500 && status !== FULL);
  return error.offline || busy || GO_ON.has(error.slug);
}

/** What the server says it cannot do just now; null if the way to it broke, or it only wants to be asked again. */
function refusedByServer(error: unknown): Problem | null {
  if (!(error instanceof Refusal) || error.offline || GO_ON.has(error.slug)) return null;
  return error.problem;
}

/**
 * One file on its way to the server, in pieces of 8 MiB that survive any number of cuts.
 *
 * It is "done" only when the server has compared its SHA-256 of the whole file with ours.
 */
export class Upload {
  readonly file: File;
  readonly room: string;
  url: string | null;
  #state: UploadState = { step: "waiting", sent_bytes: 0 };
  readonly #world: UploadWorld;
  readonly #changed: (upload: Upload) => void;
  #abort = new AbortController();
  /** Hashing goes on while the upload pauses; only cancelling ends it. */
  readonly #cancelled = new AbortController();
  #hash: Promise<string> | null = null;
  /** Why the last piece was not stored. Bytes on their way say nothing until one is. */
  #stuck: Problem | null = null;

  constructor(
    file: File,
    room: string,
    url: string | null,
    world: UploadWorld,
    changed: (upload: Upload) => void,
  ) {
    this.file = file;
    this.room = room;
    this.url = url;
    this.#world = world;
    this.#changed = changed;
  }

  get state(): UploadState {
    return this.#state;
  }

  /** Send, or go on sending, until done, paused or refused. Never raises. */
  async run(): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#stuck = null;
    this.#move(this.#state.sent_bytes);
    let restarts = 0;
    for (let attempt = 0; ;) {
      const before = this.#state.sent_bytes;
      try {
        const file = await this.#pass(signal);
        this.#set({ step: "done", sent_bytes: this.file.size, file });
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (isPassing(error)) {
          if (this.#state.sent_bytes > before) attempt = 0;
          this.#stuck = refusedByServer(error);
          this.#set({ step: "cut", sent_bytes: this.#state.sent_bytes, problem: this.#stuck });
          await this.#world.wait(backoff_ms(attempt++, this.#world.random()), signal);
          if (signal.aborted) return;
        } else if (this.#isUseless(error) && restarts++ < RESTARTS_MAX) {
          this.url = null;
        } else {
          this.#fail(error);
          return;
        }
      }
    }
  }

  pause(): void {
    if (this.#state.step === "done" || this.#state.step === "failed") return;
    this.#abort.abort();
    this.#set({ step: "paused", sent_bytes: this.#state.sent_bytes });
  }

  /** Stop, and let the server forget what it has. */
  async cancel(): Promise<void> {
    this.#abort.abort();
    this.#cancelled.abort();
    if (this.url && this.#state.step !== "done") await this.#world.tus.remove(this.url);
  }

  async #pass(signal: AbortSignal): Promise<FileRef> {
    const hash = (this.#hash ??= this.#world.hash(this.file, this.#cancelled.signal));
    // Awaited below; until then a failure must not count as unhandled. A later run tries again.
    hash.catch(() => (this.#hash = null));
    const { tus } = this.#world;
    let offset: number;
    if (this.url === null) {
      this.url = await tus.create(this.file, this.room, signal);
      offset = 0;
    } else {
      offset = await tus.offset(this.url, signal);
    }
    while (offset < this.file.size) {
      const start = offset;
      this.#move(start);
      const piece = this.file.slice(start, start + PIECE_BYTES);
      const progress = (bytes: number) => this.#move(start, bytes);
      offset = await tus.patch(this.url, start, piece, progress, signal);
      this.#stuck = null;
    }
    this.#set({ step: "checking", sent_bytes: this.file.size });
    return tus.finish(this.url, await hash, signal);
  }

  /** The server no longer knows this upload, or holds bytes that are of no use. */
  #isUseless(error: unknown): boolean {
    if (!(error instanceof Refusal)) return false;
    const gone = this.url !== null && [404, 410].includes(error.problem.status);
    return gone || BEGIN_AGAIN.has(error.slug);
  }

  #fail(error: unknown): void {
    const known = error instanceof Refusal || error instanceof FileUnreadable;
    const problem = error instanceof Refusal ? error.problem : null;
    this.#set({ step: "failed", sent_bytes: this.#state.sent_bytes, problem });
    if (!known) throw error;
  }

  #move(stored_bytes: number, more_bytes = 0): void {
    if (this.#stuck) this.#set({ step: "cut", sent_bytes: stored_bytes, problem: this.#stuck });
    else this.#set({ step: "sending", sent_bytes: stored_bytes + more_bytes });
  }

  #set(state: UploadState): void {
    this.#state = state;
    this.#changed(this);
  }
}
