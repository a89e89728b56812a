// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { SvelteMap } from "svelte/reactivity";
import type { Database } from "../core/store/db";
import { placeKey, type Place } from "./place";

/** What was written and not sent, per room and thread, kept at every keystroke. */
export class Drafts {
  readonly #db: Database;
  readonly #texts = new SvelteMap<string, string>();

  constructor(db: Database) {
    this.#db = db;
  }

  async load(): Promise<void> {
    for (const { key, text } of await this.#db.getAll("drafts")) this.#texts.set(key, text);
  }

  get(place: Place): string {
    return this.#texts.get(placeKey(place)) ?? "";
  }

  set(place: Place, text: string): void {
    const key = placeKey(place);
    if (text === "") {
      this.#texts.delete(key);
      void this.#db.delete("drafts", key);
    } else {
      this.#texts.set(key, text);
      void this.#db.put("drafts", { key, text });
    }
  }
}
