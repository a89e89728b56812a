// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { SvelteMap } from "svelte/reactivity";
import type { FileRef } from "../core/api/wire";
import type { Database, KeptUpload } from "../core/store/db";
import { hashFile } from "../core/upload/hash";
import { tus } from "../core/upload/tus";
import { Upload, type UploadState, type UploadWorld } from "../core/upload/upload";
import { announcer } from "./announcer.svelte";
import { i18n } from "./i18n.svelte";
import { placeKey, type Place } from "./place";

/** Files up to this size are copied into the browser's store, so that a reload goes on by itself. */
const KEPT_FILE_BYTES = 512 * 2 ** 20;
/** Uploads that send at the same time; the others wait their turn. */
const AT_ONCE = 2;

/** One file in a composer's tray. */
export interface Attachment {
  id: string;
  place: Place;
  name: string;
  size_bytes: number;
  /** "pick": begun before a reload, and the browser has no copy: the person must pick the file again. */
  state: UploadState | { step: "pick"; sent_bytes: number };
}

const world: UploadWorld = {
  tus,
  hash: hashFile,
  random: Math.random,
  wait: (ms, signal) =>
    new Promise((resume) => {
      const done = () => {
        clearTimeout(timer);
        removeEventListener("online", done);
        signal.removeEventListener("abort", done);
        resume();
      };
      const timer = setTimeout(done, ms);
      addEventListener("online", done);
      signal.addEventListener("abort", done);
    }),
};

/** Files on their way to the server, and those that wait for their message. */
export class Uploads {
  readonly #db: Database;
  readonly #all = new SvelteMap<string, Attachment>();
  readonly #running = new Map<string, Upload>();
  readonly #kept = new Map<string, KeptUpload>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Go on with what the last visit left. */
  async load(): Promise<void> {
    for (const kept of await this.#db.getAll("uploads")) {
      this.#kept.set(kept.id, kept);
      const place = { room_id: kept.room_id, root_id: kept.root_id };
      const base = { id: kept.id, place, name: kept.name, size_bytes: kept.size_bytes };
      if (kept.done) {
        this.#all.set(kept.id, {
          ...base,
          state: { step: "done", sent_bytes: kept.size_bytes, file: kept.done },
        });
        continue;
      }
      const file = await this.#db.get("files", kept.id);
      if (file) {
        this.#all.set(kept.id, { ...base, state: { step: "waiting", sent_bytes: 0 } });
        this.#start(kept, file);
      } else {
        this.#all.set(kept.id, { ...base, state: { step: "pick", sent_bytes: 0 } });
      }
    }
  }

  in(place: Place): Attachment[] {
    const key = placeKey(place);
    return [...this.#all.values()].filter((one) => placeKey(one.place) === key);
  }

  async add(place: Place, files: Iterable<File>): Promise<void> {
    for (const file of files) {
      if (this.#resume(place, file)) continue;
      const id = crypto.randomUUID();
      const kept: KeptUpload = {
        id,
        ...place,
        url: null,
        name: file.name,
        media_type: file.type,
        size_bytes: file.size,
        last_modified: file.lastModified,
        done: null,
      };
      this.#kept.set(id, kept);
      this.#all.set(id, {
        id,
        place,
        name: file.name,
        size_bytes: file.size,
        state: { step: "waiting", sent_bytes: 0 },
      });
      this.#start(kept, file);
      await this.#db.put("uploads", kept);
      await this.#copy(id, file);
    }
  }

  pause(id: string): void {
    this.#running.get(id)?.pause();
    this.#next();
  }

  resume(id: string): void {
    const upload = this.#running.get(id);
    if (upload) void this.#run(upload);
  }

  async cancel(id: string): Promise<void> {
    const upload = this.#running.get(id);
    await this.#forget(id);
    this.#next();
    await upload?.cancel();
  }

  /** The files are in a message now. */
  async take(place: Place): Promise<FileRef[]> {
    const files: FileRef[] = [];
    for (const { id, state } of this.in(place)) {
      if (state.step !== "done") continue;
      files.push(state.file);
      await this.#forget(id);
    }
    return files;
  }

  /** The person picked a file that was begun before a reload: the same name, size and age. */
  #resume(place: Place, file: File): boolean {
    for (const one of this.in(place)) {
      const kept = this.#kept.get(one.id);
      if (one.state.step !== "pick" || !kept) continue;
      if (kept.name !== file.name || kept.size_bytes !== file.size) continue;
      if (kept.last_modified !== file.lastModified) continue;
      this.#start(kept, file);
      return true;
    }
    return false;
  }

  #start(kept: KeptUpload, file: File): void {
    const named = file.name === kept.name ? file : new File([file], kept.name, { type: kept.media_type });
    const upload = new Upload(named, kept.room_id, kept.url, world, (one) => this.#changed(kept.id, one));
    this.#running.set(kept.id, upload);
    this.#next();
  }

  #next(): void {
    const all = [...this.#running.values()];
    let busy = all.filter((one) => ["sending", "cut", "checking"].includes(one.state.step)).length;
    for (const upload of all) {
      if (busy >= AT_ONCE) return;
      if (upload.state.step !== "waiting") continue;
      busy++;
      void this.#run(upload);
    }
  }

  async #run(upload: Upload): Promise<void> {
    await upload.run();
    this.#next();
  }

  #changed(id: string, upload: Upload): void {
    const attachment = this.#all.get(id);
    const kept = this.#kept.get(id);
    if (!attachment || !kept) return;
    const { state } = upload;
    this.#all.set(id, { ...attachment, state });
    if (state.step === "done" && attachment.state.step !== "done") {
      announcer.say(i18n.t.upload_finished(attachment.name));
    }
    const done = state.step === "done" ? state.file : null;
    if (kept.url !== upload.url || kept.done !== done) {
      const next = { ...kept, url: upload.url, done };
      this.#kept.set(id, next);
      void this.#db.put("uploads", next);
      if (done) void this.#db.delete("files", id);
    }
  }

  async #copy(id: string, file: File): Promise<void> {
    if (file.size > KEPT_FILE_BYTES) return;
    try {
      await this.#db.put("files", file, id);
    } catch (error) {
      // No room for the copy, or the file vanished: then a reload asks for the file again.
      if (!(error instanceof DOMException)) throw error;
    }
    if (!this.#kept.has(id)) await this.#db.delete("files", id);
  }

  async #forget(id: string): Promise<void> {
    this.#running.delete(id);
    this.#kept.delete(id);
    this.#all.delete(id);
    await this.#db.delete("uploads", id);
    await this.#db.delete("files", id);
  }
}
