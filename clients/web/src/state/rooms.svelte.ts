// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Bump, Event, EventFrame, Hello, RoomRow } from "../core/api/wire";
import { unread } from "../core/model/room";
import { applyBump, applyEvent, applyUser, roomList, type RoomList } from "../core/model/roomlist";
import { isDurable } from "../core/model/slice";
import { keepRooms, type Database } from "../core/store/db";
import { i18n } from "./i18n.svelte";
import type { People } from "./people.svelte";

/** Changes of the list are written to the browser's store this much later, together, milliseconds. */
const KEEP_MS = 1_000;

/** The room list, in the sections in which it is shown. */
export class Rooms {
  #list = $state.raw<RoomList>(new Map());
  #running = $state.raw<ReadonlySet<string>>(new Set());
  /** The server has said which rooms there are; before that the list is the last visit's. */
  known = $state(false);
  readonly #people: People;
  readonly #db: Database;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(db: Database, people: People) {
    this.#db = db;
    this.#people = people;
  }

  async load(): Promise<void> {
    this.#list = roomList(await this.#db.getAll("rooms"));
  }

  get(id: string): RoomRow | undefined {
    return this.#list.get(id);
  }

  readonly all: RoomRow[] = $derived.by(() => [...this.#list.values()]);
  readonly invitations: RoomRow[] = $derived(this.#sorted((row) => row.membership === "invited"));
  readonly unread: RoomRow[] = $derived(
    this.#sorted((row) => row.membership === "joined" && unread(row) > 0),
  );
  readonly groups: RoomRow[] = $derived(
    this.#sorted((row) => row.membership === "joined" && unread(row) === 0 && row.kind !== "direct"),
  );
  readonly direct: RoomRow[] = $derived(
    this.#sorted((row) => row.membership === "joined" && unread(row) === 0 && row.kind === "direct"),
  );

  /** The name as shown: a direct conversation is called like the other person. */
  name(row: RoomRow): string {
    if (row.kind === "direct" && row.other_id) return this.#people.name(row.other_id);
    return row.name;
  }

  replace({ rooms, calls }: Hello["state"]): void {
    this.#running = new Set(calls.room_ids);
    this.#list = roomList(rooms.items);
    this.known = true;
    void keepRooms(this.#db, this.all);
  }

  /** Does a call run there? */
  hasCall(id: string): boolean {
    return this.#running.has(id);
  }

  put(row: RoomRow): void {
    this.user({ kind: "room.opened", room: row });
  }

  bump(frame: Bump): void {
    this.#set(applyBump(this.#list, frame));
  }

  event(frame: EventFrame, me: string): void {
    if (isDurable(frame)) {
      this.#set(applyEvent(this.#list, frame, me));
    } else if (frame.e.kind === "call.running") {
      const { room_id, running } = frame.e;
      const others = [...this.#running].filter((id) => id !== room_id);
      this.#running = new Set(running ? [...others, room_id] : others);
    } else {
      this.user(frame.e);
    }
  }

  user(event: Event): void {
    this.#set(applyUser(this.#list, event));
  }

  #set(list: RoomList): void {
    if (list === this.#list) return;
    this.#list = list;
    this.#keeping ??= setTimeout(() => {
      this.#keeping = undefined;
      void keepRooms(this.#db, this.all);
    }, KEEP_MS);
  }

  #sorted(which: (row: RoomRow) => boolean): RoomRow[] {
    return this.all.filter(which).sort((a, b) => i18n.compare(this.name(a), this.name(b)));
  }
}
