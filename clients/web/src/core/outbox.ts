// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Answer, ClientFrame, FileRef, Problem } from "./api/wire";
import type { Database, Outgoing } from "./store/db";

/** Wait before a send is tried again after the server asked for it, milliseconds. */
const RETRY_MS = 2_000;
/** An acknowledgement that does not come within this time is asked for by sending again, milliseconds. */
const ACK_MS = 15_000;

export interface OutboxHooks {
  /** False if there is no connection. */
  send: (frame: ClientFrame) => boolean;
  /** The rows have changed: show them. */
  changed: (rows: Outgoing[]) => void;
  /** Acknowledged under this sequence; its event may still be on the way. */
  sent: (row: Outgoing, seq: number) => void;
}

export interface Draft {
  client_id: string;
  room_id: string;
  root_id: string | null;
  text: string;
  files: FileRef[];
  at: string;
}

/**
 * Messages on their way, in order per room, kept in the browser until acknowledged.
 *
 * One message per room is in flight. After a cut it is sent again with the same client id, and the server answers
 * with what it already has; so nothing is lost and nothing is there twice. A refusal stops that one message only.
 */
export class Outbox {
  readonly #db: Database;
  readonly #hooks: OutboxHooks;
  #rows: Outgoing[] = [];
  readonly #flying = new Map<string, { client_id: string; timer: ReturnType<typeof setTimeout> }>();
  #online = false;

  constructor(db: Database, hooks: OutboxHooks) {
    this.#db = db;
    this.#hooks = hooks;
  }

  get rows(): readonly Outgoing[] {
    return this.#rows;
  }

  /** What the last visit left behind. */
  async load(): Promise<void> {
    const kept = await this.#db.getAll("outbox");
    const known = new Set(this.#rows.map((row) => row.client_id));
    this.#rows = [...kept.filter((row) => !known.has(row.client_id)), ...this.#rows];
    this.#show();
    this.#pump();
  }

  /** Shown at once; sent as soon as the browser has written it down. */
  async add(draft: Draft): Promise<void> {
    const order = Math.max(Date.now(), (this.#rows.at(-1)?.order ?? 0) + 1);
    const row: Outgoing = { ...draft, order, state: "sending", problem: null };
    this.#rows = [...this.#rows, row];
    this.#show();
    await this.#db.put("outbox", row);
    this.#pump();
  }

  async retry(client_id: string): Promise<void> {
    await this.#change(client_id, (row) => ({ ...row, state: "sending", problem: null }));
    this.#pump();
  }

  async discard(client_id: string): Promise<void> {
    const row = this.#row(client_id);
    if (row) await this.#drop(row);
  }

  online(): void {
    this.#online = true;
    this.#pump();
  }

  offline(): void {
    this.#online = false;
    for (const { timer } of this.#flying.values()) clearTimeout(timer);
    this.#flying.clear();
  }

  /** The answer to a send. Frames for anything else are none of our business: false. */
  answered(frame: Answer): boolean {
    const row = this.#row(frame.id ?? "");
    if (!row) return false;
    this.#landed(row);
    if (frame.t === "ack") {
      this.#hooks.sent(row, frame.seq);
      void this.#drop(row).then(() => this.#pump());
    } else if (frame.retry) {
      this.#hold(row, RETRY_MS);
    } else {
      void this.#fail(row, frame.problem);
    }
    return true;
  }

  /** The message itself arrived, before or instead of its acknowledgement. */
  async arrived(client_id: string): Promise<void> {
    const row = this.#row(client_id);
    if (!row) return;
    this.#landed(row);
    await this.#drop(row);
    this.#pump();
  }

  async #fail(row: Outgoing, problem: Problem): Promise<void> {
    await this.#change(row.client_id, (old) => ({ ...old, state: "failed", problem }));
    this.#pump();
  }

  #pump(): void {
    if (!this.#online) return;
    for (const row of this.#rows) {
      if (row.state !== "sending" || this.#flying.has(row.room_id)) continue;
      const frame: ClientFrame = { t: "send", id: row.client_id, room: row.room_id, text: row.text };
      if (row.root_id !== null) frame.root_id = row.root_id;
      if (row.files.length > 0) frame.file_ids = row.files.map((file) => file.id);
      if (!this.#hooks.send(frame)) return;
      this.#hold(row, ACK_MS);
    }
  }

  /** Nothing else of this room goes out until the row has landed, or this long has passed. */
  #hold(row: Outgoing, wait_ms: number): void {
    const timer = setTimeout(() => {
      this.#landed(row);
      this.#pump();
    }, wait_ms);
    this.#flying.set(row.room_id, { client_id: row.client_id, timer });
  }

  #landed(row: Outgoing): void {
    const flying = this.#flying.get(row.room_id);
    if (flying?.client_id !== row.client_id) return;
    clearTimeout(flying.timer);
    this.#flying.delete(row.room_id);
  }

  #row(client_id: string): Outgoing | undefined {
    return this.#rows.find((row) => row.client_id === client_id);
  }

  async #change(client_id: string, how: (row: Outgoing) => Outgoing): Promise<void> {
    const old = this.#row(client_id);
    if (!old) return;
    const next = how(old);
    this.#rows = this.#rows.map((row) => (row === old ? next : row));
    this.#show();
    await this.#db.put("outbox", next);
  }

  async #drop(row: Outgoing): Promise<void> {
    this.#rows = this.#rows.filter((one) => one.client_id !== row.client_id);
    this.#show();
    await this.#db.delete("outbox", row.order);
  }

  #show(): void {
    this.#hooks.changed(this.#rows);
  }
}
