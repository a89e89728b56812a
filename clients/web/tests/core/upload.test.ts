// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import { Refusal, unreachable } from "../../src/core/api/problem";
import { FileUnreadable } from "../../src/core/upload/hash";
import type { Tus } from "../../src/core/upload/tus";
import { Upload, type UploadState } from "../../src/core/upload/upload";
import { chance } from "./chance";

const PIECE = 8 * 2 ** 20;
const refusal = (status: number, slug = "x") =>
  new Refusal({ type: "urn:fachwerk:problem:" + slug, title: slug, status });

/** A server that keeps bytes, on a line that `fails` as it likes before or after a request arrives. */
class Store implements Tus {
  bytes = 0;
  created = 0;
  removed = 0;
  patches: number[] = [];
  hashes: string[] = [];
  fails: (request: string) => unknown = () => null;

  #try(request: string): void {
    const error = this.fails(request);
    if (error) throw error;
  }

  async create(): Promise<string> {
    this.#try("create");
    this.created++;
    this.bytes = 0;
    return "/api/v1/uploads/" + this.created;
  }

  async offset(): Promise<number> {
    this.#try("offset");
    return this.bytes;
  }

  async patch(
    _url: string,
    offset: number,
    piece: Blob,
    progress: (bytes: number) => void,
    signal: AbortSignal,
  ): Promise<number> {
    signal.throwIfAborted();
    this.#try("patch");
    if (offset !== this.bytes) throw refusal(409, "upload-offset");
    progress(piece.size);
    this.patches.push(piece.size);
    this.bytes += piece.size;
    this.#try("patched");
    return this.bytes;
  }

  async finish(_url: string, sha256: string) {
    this.#try("finish");
    this.hashes.push(sha256);
    return { id: "f", name: "a", size_bytes: this.bytes, media_type: "text/plain", sha256 };
  }

  async remove(): Promise<void> {
    this.removed++;
  }
}

function house(size: number, hash: () => Promise<string> = () => Promise.resolve("abc")) {
  const store = new Store();
  const steps: UploadState[] = [];
  const file = new File([new Uint8Array(size)], "a.txt");
  const upload = new Upload(
    file,
    "r",
    null,
    { tus: store, hash, wait: () => Promise.resolve(), random: () => 0 },
    (one) => steps.push(one.state),
  );
  return { store, upload, steps, words: () => [...new Set(steps.map((one) => one.step))] };
}

test("it is done only after the server has compared the checksum", async () => {
  const { store, upload, words } = house(2 * PIECE + 5);
  await upload.run();
  expect(store.patches).toEqual([PIECE, PIECE, 5]);
  expect(store.hashes).toEqual(["abc"]);
  expect(words()).toEqual(["sending", "checking", "done"]);
});

test("an empty file needs no piece", async () => {
  const { store, upload } = house(0);
  await upload.run();
  expect(store.patches).toEqual([]);
  expect(upload.state.step).toBe("done");
});

test.each(Array.from({ length: 60 }, (_, seed) => seed))(
  "cuts anywhere send no byte twice once it was taken, seed %i",
  async (seed) => {
    const random = chance(seed);
    const { store, upload } = house(3 * PIECE + 1);
    let cuts = 6;
    store.fails = () => (cuts > 0 && random() < 0.5 && cuts-- > 0 ? unreachable("cut") : null);
    await upload.run();
    expect(upload.state.step).toBe("done");
    expect(store.patches.reduce((sum, one) => sum + one, 0)).toBe(3 * PIECE + 1);
  },
);

test("a busy server is asked again; a refusal is final and told", async () => {
  const busy = house(5);
  let answers = [refusal(503), refusal(429), refusal(423, "upload-locked"), refusal(400, "upload-cut")];
  busy.store.fails = () => answers.shift();
  await busy.upload.run();
  expect(busy.upload.state.step).toBe("done");
  const full = house(5);
  answers = [refusal(507, "storage-full")];
  full.store.fails = () => answers.shift();
  await full.upload.run();
  expect(full.upload.state).toMatchObject({ step: "failed", problem: { status: 507 } });
});

test("what the server cannot do is said until a piece is stored; a broken line only until bytes move", async () => {
  const { store, upload, steps } = house(3 * PIECE);
  const faults = [null, null, refusal(503, "storage-unavailable"), null, refusal(503, "storage-unavailable")];
  store.fails = () => faults.shift();
  await upload.run();
  const told = steps.map((one) => (one.step === "cut" ? one.problem?.title : one.step));
  expect(told.join(" ")).toMatch(/^(sending )+(storage-unavailable )+(sending )+checking done$/);
  const cut = house(PIECE);
  const breaks = [null, unreachable("cut")];
  cut.store.fails = () => breaks.shift();
  await cut.upload.run();
  expect(cut.steps.map((one) => one.step).join(" ")).toMatch(/^(sending )+cut (sending )+checking done$/);
  expect(cut.steps.find((one) => one.step === "cut")).toMatchObject({ problem: null });
});

test("an upload that the server has forgotten begins anew", async () => {
  const { store, upload } = house(PIECE + 1);
  let lost = 1;
  store.fails = (request) =>
    request === "patch" && store.patches.length === 1 && lost-- > 0 ? refusal(404) : null;
  await upload.run();
  expect(store.created).toBe(2);
  expect(upload.state.step).toBe("done");
});

test("other bytes at the server end in a fresh start, and at last in words", async () => {
  const { store, upload } = house(5);
  store.fails = (request) => (request === "finish" ? refusal(409, "checksum-mismatch") : null);
  await upload.run();
  expect(store.created).toBe(3);
  expect(upload.state).toMatchObject({ step: "failed", problem: { status: 409 } });
});

test("a paused upload goes on where it stopped", async () => {
  const { store, upload } = house(2 * PIECE);
  store.fails = (request) => {
    if (request === "patched" && store.patches.length === 1) {
      upload.pause();
      return new DOMException("", "AbortError");
    }
    return null;
  };
  await upload.run();
  expect(upload.state).toMatchObject({ step: "paused" });
  store.fails = () => null;
  await upload.run();
  expect(store.patches).toEqual([PIECE, PIECE]);
  expect(upload.state.step).toBe("done");
});

test("a file that can no longer be read fails in words, and may be tried again", async () => {
  let readable = false;
  const { upload } = house(5, () =>
    readable ? Promise.resolve("abc") : Promise.reject(new FileUnreadable("gone")),
  );
  await upload.run();
  expect(upload.state).toMatchObject({ step: "failed", problem: null });
  readable = true;
  await upload.run();
  expect(upload.state.step).toBe("done");
});

test("cancelling lets the server forget", async () => {
  const { store, upload } = house(5);
  store.fails = (request) => (request === "finish" ? refusal(422) : null);
  await upload.run();
  await upload.cancel();
  expect(store.removed).toBe(1);
});
