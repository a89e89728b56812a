// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { SvelteMap } from "svelte/reactivity";
import type { Rest } from "../core/api/rest";
import type { ClientFrame, Event, EventFrame, Message, RoomRow, RoomState } from "../core/api/wire";
import { Feed } from "../core/feed";
import { messages } from "../core/model/messages";
import { may, type RoomModel, type RoomView } from "../core/model/room";
import { isDurable } from "../core/model/slice";
import type { Database } from "../core/store/db";
import { stepUpPath } from "./signin";
import { OpenThread } from "./thread.svelte";

/** How long "schreibt" is believed, milliseconds. */
const TYPING_MS = 6_000;
/** Changes of a view are written to the browser's store this much later, together, milliseconds. */
const KEEP_MS = 1_000;
/** A snapshot that could not be read is asked for again after this, milliseconds. */
const RELOAD_MS = 5_000;

export interface RoomWorld {
  db: Database;
  rest: Rest;
  model: RoomModel;
  me: string;
  send: (frame: ClientFrame) => boolean;
  row: (id: string) => RoomRow | undefined;
  /** A message of mine came back. */
  arrived: (message: Message) => void;
  /** The view now shows everything up to this sequence. */
  seen: (room: string, seq: number) => void;
  /** My own marker moved. */
  read: (event: Event & { kind: "read" }) => void;
}

/** A room that is followed: its state, its threads, and what is typed in it. */
export class OpenRoom {
  readonly id: string;
  view = $state.raw<RoomView | null>(null);
  /** Why the room could not be read; null while all is well. */
  trouble = $state.raw<unknown>(null);
  loadingOlder = $state(false);
  /** The message that is being edited, and where: a root is shown in the room and in its thread. */
  editing = $state.raw<{ id: string; inThread: boolean } | null>(null);
  thread = $state.raw<OpenThread | null>(null);
  /** Who is typing: person and thread to the time it ends. */
  readonly #typing = new SvelteMap<string, { person_id: string; root_id: string | null }>();
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #world: RoomWorld;
  readonly #feed: Feed;
  #keeping: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(id: string, cached: RoomView | null, world: RoomWorld) {
    this.id = id;
    this.view = cached;
    this.#world = world;
    this.#feed = new Feed(id, cached?.seq ?? null, {
      send: world.send,
      snapshot: () => world.rest.rooms.state(id),
      replace: (state) => this.#replace(state),
      apply: (frame) => this.#apply(frame),
      failed: (error) => this.#failed(error),
    });
  }

  get row(): RoomRow | undefined {
    return this.#world.row(this.id);
  }

  get messages(): Message[] {
    return this.view ? messages.of(this.view).items : [];
  }

  get hasOlder(): boolean {
    return this.view !== null && messages.of(this.view).more;
  }

  /** Is this action mine to take here; for a thing I made, with `author`. */
  may(action: string, author?: string): boolean {
    return this.view !== null && may(this.view, action, author === this.#world.me);
  }

  ask(): void {
    this.#feed.ask();
  }

  cut(): void {
    this.#feed.cut();
  }

  subbed(gap: boolean): void {
    this.#feed.subbed(gap);
  }

  /** The server refuses this room, perhaps because it has not noticed yet that I joined. */
  refused(error: unknown): void {
    this.#failed(error);
  }

  /** Read everything anew: rights have changed, or the first try failed. */
  reload(): Promise<void> {
    return this.#feed.reload();
  }

  event(frame: EventFrame): void {
    if (isDurable(frame)) this.#feed.event(frame);
    else this.#signal(frame.e);
  }

  mine(event: Event): void {
    if (!this.view) return;
    this.view = this.#world.model.applyMine(this.view, event);
    this.#keepSoon();
  }

  openThread(root_id: string): OpenThread {
    if (this.thread?.root_id !== root_id) {
      this.thread = new OpenThread(root_id, this.#world.rest, (page) => {
        if (this.view) this.view = this.#world.model.withReactions(this.view, page);
      });
      const known = this.messages.find((message) => message.id === root_id);
      this.thread.root = known ?? null;
    }
    return this.thread;
  }

  closeThread(): void {
    this.thread = null;
  }

  async older(): Promise<void> {
    const first = this.messages[0];
    if (this.loadingOlder || !first || !this.hasOlder) return;
    this.loadingOlder = true;
    try {
      const page = await this.#world.rest.rooms.messages(this.id, first.seq);
      if (this.view) this.view = this.#world.model.withHistory(this.view, page);
    } finally {
      this.loadingOlder = false;
    }
  }

  /** Everything shown has been seen by the person. */
  markRead(): void {
    const row = this.row;
    const last = this.view?.seq;
    if (!row || last === undefined || row.read_posts >= row.posts || last < row.seq) return;
    if (!this.#world.send({ t: "read", room: this.id, seq: last })) return;
    this.#world.read({ kind: "read", room_id: this.id, read_seq: last, read_posts: row.posts });
  }

  markThreadRead(): void {
    const { thread } = this;
    const last = thread?.items.at(-1);
    const root = this.messages.find((message) => message.id === thread?.root_id);
    if (!thread || !last || !root?.thread?.unread) return;
    if (!this.#world.send({ t: "read_thread", message: thread.root_id, seq: last.seq })) return;
    this.mine({ kind: "thread.read", message_id: thread.root_id, seq: last.seq });
  }

  typingIn(root_id: string | null): string[] {
    return [...this.#typing.values()].filter((one) => one.root_id === root_id).map((one) => one.person_id);
  }

  close(): void {
    this.#closed = true;
    this.#feed.close();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#keepNow();
  }

  #replace(state: RoomState): void {
    if (this.#closed) return;
    this.trouble = null;
    this.view = this.#world.model.view(state);
    for (const message of this.messages)
      if (message.sender_id === this.#world.me) this.#world.arrived(message);
    this.#world.seen(this.id, state.seq);
    void this.thread?.load();
    this.#keepNow();
  }

  #apply(frame: EventFrame & { s: number }): void {
    if (!this.view) return;
    const { e } = frame;
    this.view = this.#world.model.apply(this.view, frame);
    this.thread?.apply({ s: frame.s, e, me: this.#world.me });
    if (e.kind === "message.posted") {
      this.#typed(e.message.sender_id, e.message.root_id);
      if (e.message.sender_id === this.#world.me) this.#world.arrived(e.message);
    }
    this.#world.seen(this.id, frame.s);
    this.#keepSoon();
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    if (stepUpPath(error) !== null) this.#forget();
    if (this.view === null) this.trouble = error;
    setTimeout(() => {
      if (!this.#closed) this.ask();
    }, RELOAD_MS);
  }

  /** What is known of the room is not for this sign-in: nothing of it stays in the browser. */
  #forget(): void {
    clearTimeout(this.#keeping);
    this.view = null;
    this.closeThread();
    void this.#world.db.delete("views", this.id);
  }

  #signal(event: Event): void {
    if (event.kind !== "typing" || event.person_id === this.#world.me) return;
    const { person_id, root_id = null } = event;
    const key = person_id + "/" + (root_id ?? "");
    clearTimeout(this.#timers.get(key));
    this.#typing.set(key, { person_id, root_id });
    this.#timers.set(
      key,
      setTimeout(() => this.#typing.delete(key), TYPING_MS),
    );
  }

  /** What was typed has arrived. */
  #typed(person_id: string, root_id: string | null): void {
    const key = person_id + "/" + (root_id ?? "");
    clearTimeout(this.#timers.get(key));
    this.#typing.delete(key);
  }

  #keepSoon(): void {
    this.#keeping ??= setTimeout(() => this.#keepNow(), KEEP_MS);
  }

  #keepNow(): void {
    clearTimeout(this.#keeping);
    this.#keeping = undefined;
    if (this.view) void this.#world.db.put("views", this.#world.model.forCache(this.view));
  }
}
