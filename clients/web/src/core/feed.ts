// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { ClientFrame, EventFrame, RoomState } from "./api/wire";

/** How many events may wait for a snapshot before the wait is started anew. */
const WAITING_MAX = 2_000;

export interface FeedHooks {
  send: (frame: ClientFrame) => boolean;
  /** Fetch the room's snapshot; the feed asks for it after a gap. */
  snapshot: () => Promise<RoomState>;
  /** A new truth replaces everything. */
  replace: (state: RoomState) => void;
  /** The next event in order, exactly once. */
  apply: (frame: EventFrame & { s: number }) => void;
  failed: (error: unknown) => void;
}

/**
 * The gapless stream of one room: resumes after the last sequence seen, drops what it has, asks again for a hole.
 *
 * The server numbers a room's events without gaps. So `s <= last` is a repetition, `s === last + 1` is next, and
 * anything higher means that something is missing: then the feed subscribes again after `last`.
 */
export class Feed {
  readonly #audience: string;
  readonly #hooks: FeedHooks;
  #last: number | null;
  #waiting: (EventFrame & { s: number })[] | null = null;
  #asked = false;
  #generation = 0;

  constructor(room: string, last: number | null, hooks: FeedHooks) {
    this.#audience = "room:" + room;
    this.#last = last;
    this.#hooks = hooks;
  }

  get last(): number | null {
    return this.#last;
  }

  /** Subscribe, or subscribe again after a cut. Without a connection nothing happens: the next hello asks. */
  ask(): void {
    this.#asked = this.#hooks.send({ t: "sub", a: this.#audience, id: this.#audience, after: this.#last });
  }

  close(): void {
    this.#generation++;
    this.#hooks.send({ t: "unsub", a: this.#audience });
  }

  /** The answer to `ask`. */
  subbed(gap: boolean): void {
    this.#asked = false;
    if (gap || this.#last === null) void this.reload();
  }

  /** The connection is gone; a pending question is lost with it. */
  cut(): void {
    this.#asked = false;
  }

  event(frame: EventFrame & { s: number }): void {
    if (this.#waiting) {
      this.#waiting.push(frame);
      if (this.#waiting.length > WAITING_MAX) void this.reload();
      return;
    }
    if (this.#last === null || frame.s <= this.#last) return;
    if (frame.s > this.#last + 1) {
      if (!this.#asked) this.ask();
      return;
    }
    this.#last = frame.s;
    this.#hooks.apply(frame);
  }

  /** Fetch the snapshot and go on from its sequence. Events that arrive meanwhile wait. */
  async reload(): Promise<void> {
    const generation = ++this.#generation;
    this.#waiting = [];
    let state: RoomState;
    try {
      state = await this.#hooks.snapshot();
    } catch (error) {
      if (generation === this.#generation) {
        this.#waiting = null;
        this.#hooks.failed(error);
      }
      return;
    }
    if (generation !== this.#generation) return;
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    this.#last = state.seq;
    this.#hooks.replace(state);
    for (const frame of waiting) this.event(frame);
  }
}
