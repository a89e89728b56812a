// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../core/api/rest";
import type { Message, MessagePage } from "../core/api/wire";
import { applyChange, applyReply } from "../core/model/messages";
import { overlay } from "../core/model/room";
import type { Happened } from "../core/model/slice";

/** The replies to one message. Pages are fetched; what happens meanwhile is laid over them. */
export class OpenThread {
  readonly root_id: string;
  root = $state.raw<Message | null>(null);
  items = $state.raw<Message[]>([]);
  more = $state(false);
  loading = $state(false);
  trouble = $state.raw<unknown>(null);
  readonly #rest: Rest;
  readonly #read: (page: MessagePage) => void;
  #recent: Happened[] = [];

  constructor(root_id: string, rest: Rest, read: (page: MessagePage) => void) {
    this.root_id = root_id;
    this.#rest = rest;
    this.#read = read;
    void this.load();
  }

  /** The newest replies; also after a gap. */
  async load(): Promise<void> {
    await this.#page(undefined);
  }

  async older(): Promise<void> {
    const first = this.items[0];
    if (first && this.more) await this.#page(first.seq);
  }

  apply(happened: Happened): void {
    this.#recent.push(happened);
    this.items = applyReply(this.items, this.root_id, happened);
    if (this.root) this.root = applyChange([this.root], happened)[0] ?? this.root;
  }

  async #page(before: number | undefined): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    this.#recent = [];
    try {
      const page = overlay(await this.#rest.messages.thread(this.root_id, before), this.#recent);
      this.root = page.root ?? this.root;
      this.#read(page);
      const last = page.items.at(-1)?.seq ?? 0;
      if (before === undefined) {
        this.items = [...page.items, ...this.items.filter((message) => message.seq > last)];
        this.more = page.more;
      } else {
        const known = new Set(this.items.map((message) => message.id));
        this.items = [...page.items.filter((message) => !known.has(message.id)), ...this.items];
        this.more = page.more;
      }
      this.trouble = null;
    } catch (error) {
      this.trouble = error;
    } finally {
      this.loading = false;
    }
  }
}
