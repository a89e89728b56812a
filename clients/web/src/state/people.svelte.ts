// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { SvelteMap } from "svelte/reactivity";
import { Refusal } from "../core/api/problem";
import type { Rest } from "../core/api/rest";
import type { Person } from "../core/api/wire";
import { i18n } from "./i18n.svelte";
import type { Database } from "../core/store/db";

/** Names asked for in one request, at most. */
const BATCH = 50;

/** Names of people, fetched when somebody is shown for the first time in a visit. */
export class People {
  readonly #rest: Rest;
  readonly #known = new SvelteMap<string, Person>();
  readonly #asked = new Set<string>();
  #wanted: string[] = [];

  readonly #db: Database;

  constructor(rest: Rest, db: Database) {
    this.#rest = rest;
    this.#db = db;
  }

  /** Names as the last visit knew them; each is asked for once more when it is shown. */
  async load(): Promise<void> {
    for (const person of await this.#db.getAll("people")) {
      if (!this.#known.has(person.id)) this.#known.set(person.id, person);
    }
  }

  learn(people: Person[]): void {
    for (const person of people) {
      this.#asked.add(person.id);
      this.#known.set(person.id, person);
      void this.#db.put("people", person);
    }
  }

  /** Undefined until the name has come. */
  get(id: string): Person | undefined {
    this.#want(id);
    return this.#known.get(id);
  }

  /** The name, or "…" while it is on its way. */
  name(id: string): string {
    return this.get(id)?.name ?? "…";
  }

  /** The name for running text; of somebody of another ministry with that ministry's name, of a guest with that. */
  called(id: string): string {
    const from = this.get(id)?.organisation || this.guest(id);
    return from ? `${this.name(id)} (${from})` : this.name(id);
  }

  /** "Gast", and whom a guest comes from, if that was said; empty for anybody else. */
  guest(id: string): string {
    const from = this.get(id)?.guest;
    return from === undefined || from === null ? "" : [i18n.t.guest, from].filter(Boolean).join(" · ");
  }

  /** The short name of a person's department, empty if there is none. */
  department(person: Person | undefined): string {
    return person?.department ?? "";
  }

  async search(q: string): Promise<Person[]> {
    const { items } = await this.#rest.people.search(q);
    this.learn(items);
    return items;
  }

  #want(id: string): void {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#wanted.push(id);
    if (this.#wanted.length === 1) queueMicrotask(() => void this.#fetch());
  }

  async #fetch(): Promise<void> {
    const ids = this.#wanted;
    this.#wanted = [];
    for (let at = 0; at < ids.length; at += BATCH) {
      const batch = ids.slice(at, at + BATCH);
      try {
        const { items } = await this.#rest.people.byId(batch);
        this.learn(items);
        for (const id of batch) if (!this.#known.has(id)) this.#known.set(id, former(id));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // The names stay as they are; whoever is shown again is asked for again.
        for (const id of batch) this.#asked.delete(id);
      }
    }
  }
}

/** Somebody whom I may no longer see, but whose words are still here. */
function former(id: string): Person {
  return { id, name: i18n.t.former_person, department: null, active: false, organisation: null };
}
