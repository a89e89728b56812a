// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../core/api/rest";
import {
  DeviceRefused,
  type DeviceKind,
  type EndReason,
  type MediaSession,
  type MediaStatus,
  type Participant,
  type VideoSource,
} from "../core/media/session";
import { announcer } from "./announcer.svelte";
import { i18n } from "./i18n.svelte";
import { notices } from "./notices.svelte";

/** What the person chose before joining. */
export interface JoinChoice {
  microphone: boolean;
  camera: boolean;
  devices: Record<DeviceKind, string>;
}

/** The one call I am in. It goes on while I move between rooms. */
export class CallState {
  room_id = $state<string | null>(null);
  call_id = $state<string | null>(null);
  status = $state<MediaStatus>("ended");
  /** Why the last call ended, until the next one. */
  ended = $state<EndReason | null>(null);
  participants = $state.raw<Participant[]>([]);
  soundBlocked = $state(false);
  since = $state<number | null>(null);
  readonly me: Participant | undefined = $derived(this.participants.find((one) => one.me));
  readonly sharing: Participant | undefined = $derived(this.participants.find((one) => one.screen));
  /** Who spoke last; the one shown large. */
  speaker = $state<string | null>(null);
  readonly #rest: Rest;
  readonly #myId: string;
  #session: MediaSession | null = null;

  constructor(rest: Rest, myId: string) {
    this.#rest = rest;
    this.#myId = myId;
  }

  get active(): boolean {
    return this.status !== "ended";
  }

  /** Join the call that runs in a room, or start one (null). Raises Refusal. */
  async join(room_id: string, running: string | null, choice: JoinChoice): Promise<void> {
    await this.leave();
    this.room_id = room_id;
    this.ended = null;
    this.status = "connecting";
    try {
      const call_id = running ?? (await this.#rest.calls.start(room_id)).id;
      this.call_id = call_id;
      const [{ url, token }, { LiveKitSession }] = await Promise.all([
        this.#rest.calls.token(call_id),
        import("../core/media/livekit"),
      ]);
      const session: MediaSession = new LiveKitSession({
        participants: (all) => this.#participants(all),
        status: (status, reason) => this.#status(session, status, reason),
        soundBlocked: (blocked) => (this.soundBlocked = blocked),
      });
      this.#session = session;
      await session.join(url, token);
      this.since = Date.now();
    } catch (error) {
      this.#over(null);
      throw error;
    }
    await this.#start(choice);
  }

  async leave(): Promise<void> {
    await this.#session?.leave();
  }

  async toggleMicrophone(): Promise<void> {
    const on = !this.me?.microphone;
    await this.#device((session) => session.setMicrophone(on));
    announcer.say(this.me?.microphone ? i18n.t.microphone_on : i18n.t.microphone_off);
  }

  async toggleCamera(): Promise<void> {
    const on = !this.me?.camera;
    await this.#device((session) => session.setCamera(on));
    announcer.say(this.me?.camera ? i18n.t.camera_on : i18n.t.camera_off);
  }

  async toggleScreen(): Promise<void> {
    const on = !this.me?.screen;
    await this.#device((session) => session.setScreen(on));
    announcer.say(this.me?.screen ? i18n.t.sharing_on : i18n.t.sharing_off);
  }

  useDevice(kind: DeviceKind, id: string): Promise<void> {
    return this.#device((session) => session.useDevice(kind, id));
  }

  async allowSound(): Promise<void> {
    await this.#session?.allowSound();
  }

  /** Show somebody's picture in an element; called again whenever the participants change. */
  show(person: string, source: VideoSource, element: HTMLVideoElement): () => void {
    return this.#session?.show(person, source, element) ?? (() => {});
  }

  async kick(person: string): Promise<void> {
    if (this.call_id) await this.#rest.calls.kick(this.call_id, person);
  }

  async mute(person: string): Promise<void> {
    if (this.call_id) await this.#rest.calls.mute(this.call_id, person);
  }

  async endForAll(): Promise<void> {
    if (this.call_id) await this.#rest.calls.end(this.call_id);
  }

  /** A device that is refused or missing does not keep anyone out. */
  async #start(choice: JoinChoice): Promise<void> {
    for (const [kind, id] of Object.entries(choice.devices)) {
      if (id) await this.#device((session) => session.useDevice(kind as DeviceKind, id));
    }
    if (choice.microphone) await this.#device((session) => session.setMicrophone(true));
    if (choice.camera) await this.#device((session) => session.setCamera(true));
  }

  async #device(change: (session: MediaSession) => Promise<void>): Promise<void> {
    if (!this.#session) return;
    try {
      await change(this.#session);
    } catch (error) {
      if (!(error instanceof DeviceRefused)) throw error;
      notices.refused(error);
    }
  }

  #participants(all: Participant[]): void {
    const before = new Set(this.participants.map((one) => one.id));
    this.participants = all;
    const speaking = all.find((one) => one.speaking && one.id !== this.#myId);
    if (speaking) this.speaker = speaking.id;
    if (this.speaker !== null && before.has(this.speaker) && !all.some((one) => one.id === this.speaker)) {
      this.speaker = null;
    }
  }

  #status(session: MediaSession, status: MediaStatus, reason: EndReason | null): void {
    if (session !== this.#session) return;
    if (status === "ended") {
      // While joining, `join` itself tells what went wrong.
      if (this.since !== null) this.#over(reason);
      return;
    }
    this.status = status;
    if (status === "reconnecting") announcer.say(i18n.t.call_reconnecting);
    if (status === "connected") announcer.say(i18n.t.call_connected);
  }

  #over(reason: EndReason | null): void {
    this.#session = null;
    this.status = "ended";
    this.ended = reason;
    this.participants = [];
    this.speaker = null;
    this.room_id = null;
    this.call_id = null;
    this.since = null;
    this.soundBlocked = false;
    if (reason !== null && reason !== "left") notices.add(i18n.t.call_ended[reason]);
  }
}
