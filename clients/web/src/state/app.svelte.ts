// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { getContext, setContext, type Component } from "svelte";
import { Http } from "../core/api/http";
import { Refusal } from "../core/api/problem";
import { rest, type Rest } from "../core/api/rest";
import type { Config, Event, EventFrame, Me, ServerFrame } from "../core/api/wire";
import { RoomModel } from "../core/model/room";
import { roomOf } from "../core/model/roomlist";
import { browserSocket, Socket, type Status } from "../core/socket";
import { claim, openDatabase, wipe, type Database } from "../core/store/db";
import { announcer } from "./announcer.svelte";
import { CallState } from "./call.svelte";
import { Drafts } from "./drafts.svelte";
import type { Area, Feature } from "./extension";
import { i18n } from "./i18n.svelte";
import { attempt, notices } from "./notices.svelte";
import { People } from "./people.svelte";
import { OpenRoom } from "./room.svelte";
import { Rooms } from "./rooms.svelte";
import { pathOf, router } from "./router.svelte";
import { Sending } from "./sending.svelte";
import { GUEST_PATH, wantsOut } from "./signin";
import { Uploads } from "./uploads.svelte";

/** Rooms that are followed closely at the same time; the longest unused is let go. */
const OPEN_ROOMS = 5;

/** A cut shorter than this is worth no banner, milliseconds. */
const CALM_MS = 1_500;

/** A dialog over everything. */
interface Overlay {
  component: Component<Record<string, unknown>>;
  props: Record<string, unknown>;
}

/** The signed-in client: one connection, the rooms, and what waits to be sent. */
export class App {
  readonly features: readonly Feature[];
  /** Who is signed in; new when what they may do in the installation changes. */
  me = $state.raw() as Me;
  readonly config: Config;
  readonly rest: Rest;
  readonly people: People;
  readonly rooms: Rooms;
  readonly drafts: Drafts;
  readonly sending: Sending;
  readonly uploads: Uploads;
  readonly call: CallState;
  status = $state<Status>("connecting");
  readonly online = $derived(this.status === "online");
  /** True after a moment without a connection: a short cut is not worth a banner. */
  offline = $state(false);
  #calm: ReturnType<typeof setTimeout> | undefined;
  overlay = $state.raw<Overlay | null>(null);
  /** Why a guest is let in no more, a word; empty before that. */
  ended = "";
  /** Followed rooms, the latest last. */
  #open: OpenRoom[] = [];
  readonly #db: Database;
  readonly #model: RoomModel;
  readonly #socket: Socket;
  #user_seq: number | undefined;

  constructor(parts: {
    me: Me;
    config: Config;
    db: Database;
    http: Http;
    features: readonly Feature[];
    signedOut: () => void;
  }) {
    this.me = parts.me;
    this.config = parts.config;
    this.features = parts.features;
    this.#db = parts.db;
    this.rest = rest(parts.http);
    this.people = new People(this.rest, parts.db);
    this.people.learn([this.me.person]);
    this.rooms = new Rooms(parts.db, this.people);
    this.drafts = new Drafts(parts.db);
    this.uploads = new Uploads(parts.db);
    this.#model = new RoomModel(
      this.myId,
      parts.features.flatMap((feature) => feature.slices ?? []),
    );
    this.#socket = new Socket(
      {
        opened: () => this.#hello(),
        frame: (frame) => this.#frame(frame),
        status: (status) => this.#changed(status),
        signedOut: parts.signedOut,
      },
      browserSocket(),
    );
    this.sending = new Sending(
      parts.db,
      () => this.myId,
      (frame) => this.#socket.send(frame),
    );
    this.call = new CallState(this.rest, this.myId);
  }

  get myId(): string {
    return this.me.person.id;
  }

  /** A guest has their rooms and nothing beside them. */
  get isGuest(): boolean {
    return typeof this.me.person.guest === "string";
  }

  /** Does the server allow this in the installation as a whole? What an older version kept says nothing of it. */
  may(action: string): boolean {
    return this.me.actions?.includes(action) ?? false;
  }

  /** The places beside the chat that are open to this person, by their name in the address. */
  get areas(): [string, Area][] {
    return this.features
      .flatMap((feature) => Object.entries(feature.areas ?? {}))
      .filter(([, area]) => this.may(area.action));
  }

  /** Paint what the browser still has, then connect. */
  async start(): Promise<void> {
    await Promise.all([this.rooms.load(), this.people.load(), this.drafts.load()]);
    this.#user_seq = (await this.#db.get("facts", "user_seq")) as number | undefined;
    addEventListener("online", () => this.#socket.wake());
    addEventListener("offline", () => this.#socket.sleep());
    this.#socket.start();
    await Promise.all([this.sending.load(), this.uploads.load()]);
  }

  /** Follow a room; at once from memory or the browser's store, then from the server. */
  async follow(id: string): Promise<OpenRoom> {
    const known = this.#open.find((room) => room.id === id);
    if (known) {
      this.#open = [...this.#open.filter((room) => room !== known), known];
      return known;
    }
    const cached = await this.#db.get("views", id);
    const again = this.#open.find((room) => room.id === id);
    if (again) return again;
    const room = new OpenRoom(id, cached ?? null, {
      db: this.#db,
      rest: this.rest,
      model: this.#model,
      me: this.myId,
      send: (frame) => this.#socket.send(frame),
      row: (one) => this.rooms.get(one),
      arrived: (message) => this.sending.arrived(message),
      seen: (one, seq) => this.sending.seen(one, seq),
      read: (event) => this.rooms.user(event),
    });
    const inCall = this.call.room_id;
    const tooMany = this.#open.length - OPEN_ROOMS + 1;
    const victims = this.#open.filter((one) => one.id !== inCall).slice(0, Math.max(0, tooMany));
    for (const one of victims) one.close();
    this.#open = [...this.#open.filter((one) => !victims.includes(one)), room];
    room.ask();
    return room;
  }

  /** A room that is already followed. */
  followed(id: string): OpenRoom | undefined {
    return this.#open.find((room) => room.id === id);
  }

  /** Accept an invitation, or walk into an open room. Raises Refusal. */
  async join(id: string): Promise<void> {
    this.rooms.put(await this.rest.rooms.join(id));
    router.go(pathOf(id));
  }

  /** Leave a room, or decline an invitation. Raises Refusal. */
  async leave(id: string): Promise<void> {
    await this.rest.rooms.leave(id);
    this.#gone(id);
  }

  typing(room: string, root_id: string | null): void {
    this.#socket.send(root_id ? { t: "typing", room, root_id } : { t: "typing", room });
  }

  /** Open a dialog over everything. It closes itself by calling its `close`. */
  async show<P extends Record<string, unknown>>(
    load: () => Promise<{ default: Component<P> }>,
    ...[props]: keyof Omit<P, "close"> extends never ? [] : [Omit<P, "close">]
  ): Promise<void> {
    const component = (await load()).default as unknown as Overlay["component"];
    this.overlay = { component, props: { ...props, close: () => (this.overlay = null) } };
  }

  async signOut(): Promise<void> {
    await this.call.leave();
    const { redirect } = await this.rest.logout();
    await this.forget();
    wantsOut();
    location.assign(redirect ?? (this.isGuest ? GUEST_PATH : "/"));
  }

  stop(): void {
    this.#socket.stop();
  }

  /** Leave nothing in this browser. */
  async forget(): Promise<void> {
    this.#socket.stop();
    for (const room of this.#open) room.close();
    await wipe(this.#db);
  }

  retryNow(): void {
    this.#socket.wake();
  }

  #hello(): void {
    this.#socket.send(
      this.#user_seq === undefined ? { t: "hello" } : { t: "hello", user_seq: this.#user_seq },
    );
  }

  #changed(status: Status): void {
    this.status = status;
    if (status === "online") {
      clearTimeout(this.#calm);
      this.#calm = undefined;
      this.offline = false;
    } else {
      this.#calm ??= setTimeout(() => (this.offline = true), CALM_MS);
    }
    if (status === "online" || status === "connecting") return;
    this.sending.offline();
    for (const room of this.#open) room.cut();
  }

  #frame(frame: ServerFrame): void {
    switch (frame.t) {
      case "hello":
        this.#seenMine(frame.user_seq);
        this.people.learn([frame.state.directory.me]);
        this.#given(frame.state.directory.administers);
        this.rooms.replace(frame.state);
        for (const feature of this.features) feature.arrived?.(frame.state);
        for (const room of this.#open) room.ask();
        this.sending.online();
        break;
      case "subbed":
        this.followed(roomOf(frame.a))?.subbed(frame.gap);
        break;
      case "bump":
        this.rooms.bump(frame);
        break;
      case "ack":
        this.sending.answered(frame);
        break;
      case "problem":
        this.#refused(frame);
        break;
      case "closed":
        if (frame.shut) void this.followed(roomOf(frame.a))?.reload();
        else this.#gone(roomOf(frame.a));
        break;
      case "pong":
        break;
      default:
        this.#event(frame);
    }
  }

  #refused(frame: ServerFrame & { t: "problem" }): void {
    if (this.sending.answered(frame)) return;
    const refusal = new Refusal(frame.problem);
    if (frame.id?.startsWith("room:")) this.followed(roomOf(frame.id))?.refused(refusal);
    else if (!frame.retry) notices.refused(refusal);
  }

  #event(frame: EventFrame): void {
    if (frame.a.startsWith("user:")) {
      if (frame.s !== undefined) this.#seenMine(frame.s);
      this.#mine(frame.e);
      return;
    }
    this.rooms.event(frame, this.myId);
    this.followed(roomOf(frame.a))?.event(frame);
    this.#speak(roomOf(frame.a), frame.e);
  }

  #mine(event: Event): void {
    if (event.kind === "room.gone") {
      this.#gone(event.room_id);
      return;
    }
    if (event.kind === "guest.ended") {
      this.ended = event.why;
      return;
    }
    this.rooms.user(event);
    if (event.kind === "directory.changed") {
      this.people.learn([event.surroundings.me]);
      this.#given(event.surroundings.administers);
    }
    if (event.kind === "room.opened") {
      if (event.room.membership === "invited") announcer.say(i18n.t.invited_to(this.rooms.name(event.room)));
      // Perhaps with other rights than before.
      void this.followed(event.room.id)?.reload();
    }
    for (const room of this.#open) room.mine(event);
    for (const feature of this.features) feature.mine?.(event);
    if ("room_id" in event && !this.followed(event.room_id)) void this.#db.delete("views", event.room_id);
  }

  /** Departments that this person administers: others than before mean other rights. */
  #given(administers: readonly string[] = []): void {
    const known = (this.me.administers ?? []).map(({ id }) => id).toSorted();
    if (known.join() === administers.join()) return;
    attempt(this.#askRights());
  }

  async #askRights(): Promise<void> {
    const me = await this.rest.me();
    await claim(this.#db, me);
    this.me = me;
  }

  /** The room is no longer mine: I left, declined or was removed. */
  #gone(id: string): void {
    this.rooms.user({ kind: "room.gone", room_id: id, closes: "room:" + id });
    this.followed(id)?.close();
    this.#open = this.#open.filter((room) => room.id !== id);
    void this.#db.delete("views", id);
    if (router.route.room === id) router.go("/", { replace: true });
  }

  #seenMine(seq: number): void {
    this.#user_seq = seq;
    void this.#db.put("facts", seq, "user_seq");
  }

  /** Messages of others in the room that is looked at are spoken: "name: text". */
  #speak(room: string, event: Event): void {
    if (event.kind !== "message.posted" || room !== router.route.room) return;
    const { sender_id, text } = event.message;
    if (sender_id === this.myId) return;
    announcer.message(this.people.called(sender_id) + ": " + text, (count) => i18n.t.new_messages(count));
  }
}

const KEY = Symbol("app");
export const provideApp = (app: () => App): void => void setContext(KEY, app);
/** The app, in any component below the shell. */
export const useApp = (): App => getContext<() => App>(KEY)();

/** Who is signed in, or null: from the server, or from the last visit when the server cannot be reached. */
export async function enter(
  http: Http,
): Promise<{ me: Me; config: Config; db: Database } | { config: Config; me: null }> {
  const db = await openDatabase();
  const api = rest(http);
  try {
    const config = await api.config();
    await db.put("facts", config, "config");
    const me = await api.me();
    await claim(db, me);
    return { me, config, db };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const config = (await db.get("facts", "config")) as Config | undefined;
    const me = (await db.get("facts", "me")) as Me | undefined;
    if (error.problem.status === 401 && config) {
      db.close();
      return { me: null, config };
    }
    if (!config || !me || (!error.offline && error.problem.status < 500)) throw error;
    return { me, config, db };
  }
}
