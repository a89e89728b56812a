// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { Outbox } from "../core/outbox";
import type { Answer, ClientFrame, FileRef, Message, Problem } from "../core/api/wire";
import type { Database, Outgoing } from "../core/store/db";
import { placeKey, type Place } from "./place";

/** A message shown before its event came. */
export interface Pending {
  message: Message;
  state: "sending" | "failed" | "sent";
  problem: Problem | null;
}

/** The outbox as views see it, with the rows that are acknowledged but whose event is still on the way. */
export class Sending {
  readonly #outbox: Outbox;
  readonly #me: () => string;
  #rows = $state.raw<readonly Outgoing[]>([]);
  #sent = $state.raw<{ row: Outgoing; seq: number }[]>([]);
  readonly #byPlace = $derived(this.#group());

  constructor(db: Database, me: () => string, send: (frame: ClientFrame) => boolean) {
    this.#me = me;
    this.#outbox = new Outbox(db, {
      send,
      changed: (rows) => (this.#rows = rows),
      sent: (row, seq) => (this.#sent = [...this.#sent, { row, seq }]),
    });
  }

  load(): Promise<void> {
    return this.#outbox.load();
  }

  post(place: Place, text: string, files: FileRef[]): Promise<void> {
    const at = new Date().toISOString();
    return this.#outbox.add({ client_id: crypto.randomUUID(), ...place, text, files, at });
  }

  /** Rows of a room or thread in the order of sending, without those the room already knows. */
  in(place: Place, known: Message[]): Pending[] {
    const rows = this.#byPlace.get(placeKey(place)) ?? [];
    if (rows.length === 0) return [];
    const me = this.#me();
    const here = new Set(known.filter((message) => message.sender_id === me).map((one) => one.client_id));
    return rows.filter(({ message }) => !here.has(message.client_id));
  }

  retry(client_id: string): Promise<void> {
    return this.#outbox.retry(client_id);
  }

  discard(client_id: string): Promise<void> {
    return this.#outbox.discard(client_id);
  }

  online(): void {
    this.#outbox.online();
  }

  offline(): void {
    this.#outbox.offline();
  }

  answered(frame: Answer): boolean {
    return this.#outbox.answered(frame);
  }

  arrived(message: Message): void {
    this.#sent = this.#sent.filter(({ row }) => row.client_id !== message.client_id);
    void this.#outbox.arrived(message.client_id);
  }

  /** The room was read as of this sequence: what was acknowledged before is in it. */
  seen(room_id: string, seq: number): void {
    this.#sent = this.#sent.filter((one) => one.row.room_id !== room_id || one.seq > seq);
  }

  #group(): Map<string, Pending[]> {
    const me = this.#me();
    const groups = new Map<string, Pending[]>();
    const rows = [
      ...this.#sent.map(({ row }) => ({ row, state: "sent" as const })),
      ...this.#rows.map((row) => ({ row, state: row.state })),
    ];
    for (const { row, state } of rows) {
      const key = placeKey(row);
      const pending = {
        message: asMessage(row, me),
        state,
        problem: row.problem,
      };
      groups.set(key, [...(groups.get(key) ?? []), pending]);
    }
    return groups;
  }
}

function asMessage(row: Outgoing, me: string): Message {
  return {
    id: row.client_id,
    room_id: row.room_id,
    seq: Number.MAX_SAFE_INTEGER,
    sender_id: me,
    client_id: row.client_id,
    at: row.at,
    text: row.text,
    root_id: row.root_id,
    files: row.files,
    edited_at: null,
    deleted: false,
    thread: null,
  };
}
