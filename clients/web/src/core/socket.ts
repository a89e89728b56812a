// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { completeFrame } from "./api/complete";
import type { ClientFrame, ServerFrame } from "./api/wire";

/** First wait before a new attempt, and the longest, milliseconds; each wait is drawn from the upper half. */
const BACKOFF_MIN_MS = 400;
const BACKOFF_MAX_MS = 20_000;
/** An attempt that leads to no socket within this time is given up, milliseconds. */
const CONNECT_MS = 10_000;
/** A socket that said nothing for this long is asked, milliseconds. */
const QUIET_MS = 25_000;
/** ... and given up when it still says nothing after this long, milliseconds. */
const PONG_MS = 8_000;

/** The close code of a session that is over (WIRE: 4401). */
const NOT_SIGNED_IN = 4401;

export type Status = "connecting" | "online" | "offline" | "stopped";

export interface SocketHooks {
  /** The socket is open; say hello. */
  opened: () => void;
  frame: (frame: ServerFrame) => void;
  status: (status: Status) => void;
  signedOut: () => void;
}

/** What of the browser the socket needs; tests give their own. */
export interface SocketWorld {
  connect: () => WebSocket;
  random: () => number;
}

/** The wait before attempt `n` (0 is the first), milliseconds: exponential, with half of it random. */
export function backoff_ms(attempt: number, random: number): number {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** attempt);
  return full / 2 + (full / 2) * random;
}

/** One WebSocket that comes back by itself. It knows frames, not what they mean. */
export class Socket {
  readonly #hooks: SocketHooks;
  readonly #world: SocketWorld;
  #socket: WebSocket | null = null;
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #stopped = true;

  constructor(hooks: SocketHooks, world: SocketWorld) {
    this.#hooks = hooks;
    this.#world = world;
  }

  start(): void {
    this.#stopped = false;
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#quiet);
    this.#socket?.close(1000);
    this.#socket = null;
    this.#hooks.status("stopped");
  }

  /** Try now: the network came back, or the person asked for it. An attempt begun without it may hang. */
  wake(): void {
    if (this.#stopped || this.#socket?.readyState === WebSocket.OPEN) return;
    clearTimeout(this.#retry);
    this.#attempt = 0;
    const hanging = this.#socket;
    this.#open();
    hanging?.close();
  }

  /** The network is gone: say so now, not only after the silence has shown it. */
  sleep(): void {
    if (!this.#stopped && this.#socket) this.#giveUp();
  }

  /** False if the socket is not open: nothing was sent. */
  send(frame: ClientFrame): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #open(): void {
    this.#hooks.status("connecting");
    const socket = this.#world.connect();
    this.#socket = socket;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#giveUp(), CONNECT_MS);
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      this.#listen();
      this.#hooks.opened();
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      if (this.#socket !== socket) return;
      this.#listen();
      const frame = JSON.parse(event.data) as ServerFrame;
      if (frame.t === "hello") {
        this.#attempt = 0;
        this.#hooks.status("online");
      }
      this.#hooks.frame(completeFrame(frame));
    };
    socket.onclose = (event: CloseEvent) => {
      if (this.#socket !== socket) return;
      this.#lost(event.code);
    };
  }

  /** Any frame proves that the connection lives; silence is questioned, then ends it. */
  #listen(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.send({ t: "ping" });
      this.#quiet = setTimeout(() => this.#giveUp(), PONG_MS);
    }, QUIET_MS);
  }

  #giveUp(): void {
    const silent = this.#socket;
    this.#lost(1006);
    silent?.close();
  }

  #lost(code: number): void {
    clearTimeout(this.#quiet);
    this.#socket = null;
    if (this.#stopped) return;
    if (code === NOT_SIGNED_IN) {
      this.#stopped = true;
      this.#hooks.status("stopped");
      this.#hooks.signedOut();
      return;
    }
    this.#hooks.status("offline");
    this.#retry = setTimeout(() => this.#open(), backoff_ms(this.#attempt++, this.#world.random()));
  }
}

/** The socket of this page's own server. */
export function browserSocket(): SocketWorld {
  const url = new URL("/api/v1/sync", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return { connect: () => new WebSocket(url), random: Math.random };
}
