// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { backoff_ms, Socket, type Status } from "../../src/core/socket";

class FakeSocket {
  static readonly all: FakeSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    FakeSocket.all.push(this);
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
    this.say({ t: "hello", me: "ada", user_seq: 1, state: {}, max_frame_bytes: 1 });
  }

  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code = 1006): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

function house() {
  const seen: Status[] = [];
  let signedOut = 0;
  const socket = new Socket(
    {
      opened: () => {},
      frame: () => {},
      status: (status) => seen.push(status),
      signedOut: () => signedOut++,
    },
    { connect: () => new FakeSocket() as unknown as WebSocket, random: () => 1 },
  );
  socket.start();
  return { socket, seen, signedOut: () => signedOut };
}
const latest = () => FakeSocket.all.at(-1) ?? new FakeSocket();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", { OPEN: 1 });
  FakeSocket.all.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("waits grow to a limit and half of each is chance", () => {
  expect([0, 1, 2, 3].map((attempt) => backoff_ms(attempt, 1))).toEqual([400, 800, 1600, 3200]);
  expect(backoff_ms(0, 0)).toBe(200);
  expect(backoff_ms(30, 1)).toBe(20_000);
});

test("it comes back by itself, and after success the waits begin anew", async () => {
  const { seen } = house();
  latest().open();
  latest().close();
  await vi.advanceTimersByTimeAsync(400);
  expect(FakeSocket.all).toHaveLength(2);
  latest().close();
  await vi.advanceTimersByTimeAsync(799);
  expect(FakeSocket.all).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  latest().open();
  latest().close();
  await vi.advanceTimersByTimeAsync(400);
  expect(FakeSocket.all).toHaveLength(4);
  expect(seen.filter((status) => status === "online")).toHaveLength(2);
});

test("silence is questioned, and then ends the socket", async () => {
  const { seen } = house();
  latest().open();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(latest().sent).toEqual(['{"t":"ping"}']);
  latest().say({ t: "pong" });
  await vi.advanceTimersByTimeAsync(24_000);
  expect(seen.at(-1)).toBe("online");
  await vi.advanceTimersByTimeAsync(1_000 + 8_000);
  expect(seen.at(-1)).toBe("offline");
});

test("a session that is over is not tried again", async () => {
  const { seen, signedOut } = house();
  latest().open();
  latest().close(4401);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(signedOut()).toBe(1);
  expect(FakeSocket.all).toHaveLength(1);
  expect(seen.at(-1)).toBe("stopped");
});

test("a returning network ends the wait, and a stopped socket stays stopped", async () => {
  const { socket } = house();
  latest().close();
  socket.wake();
  expect(FakeSocket.all).toHaveLength(2);
  latest().open();
  socket.stop();
  socket.wake();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all).toHaveLength(2);
  expect(socket.send({ t: "ping" })).toBe(false);
});

test("a network that goes is believed at once, and its return replaces an attempt that hangs", async () => {
  const { socket, seen } = house();
  latest().open();
  socket.sleep();
  expect(seen.at(-1)).toBe("offline");
  await vi.advanceTimersByTimeAsync(400);
  expect(FakeSocket.all).toHaveLength(2);
  const hanging = latest();
  socket.wake();
  expect(FakeSocket.all).toHaveLength(3);
  expect(hanging.readyState).toBe(3);
  latest().open();
  socket.wake();
  expect(FakeSocket.all).toHaveLength(3);
  expect(seen.at(-1)).toBe("online");
});

test("an attempt that leads nowhere is given up", async () => {
  const { seen } = house();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(seen.at(-1)).toBe("offline");
  await vi.advanceTimersByTimeAsync(400);
  expect(FakeSocket.all).toHaveLength(2);
});
