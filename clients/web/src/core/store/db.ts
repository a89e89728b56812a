// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { FileRef, Me, Person, Problem, RoomRow } from "../api/wire";
import type { RoomView } from "../model/room";

const NAME = "fachwerk";
const VERSION = 1;

/** A message on its way. It is kept until the server has acknowledged it, in the order of `order`. */
export interface Outgoing {
  order: number;
  client_id: string;
  room_id: string;
  root_id: string | null;
  text: string;
  files: FileRef[];
  at: string;
  state: "sending" | "failed";
  problem: Problem | null;
}

/** An upload that can go on after a reload: where the server keeps its part. The file is kept beside it. */
export interface KeptUpload {
  id: string;
  room_id: string;
  root_id: string | null;
  url: string | null;
  name: string;
  media_type: string;
  size_bytes: number;
  last_modified: number;
  done: FileRef | null;
}

interface Schema extends DBSchema {
  /** Small single values: me, user_seq. */
  facts: { key: string; value: unknown };
  rooms: { key: string; value: RoomRow };
  people: { key: string; value: Person };
  views: { key: string; value: RoomView };
  outbox: { key: number; value: Outgoing };
  drafts: { key: string; value: { key: string; text: string } };
  uploads: { key: string; value: KeptUpload };
  /** The browser's own copies of files on their way, by upload. */
  files: { key: string; value: File };
}

export type Database = IDBPDatabase<Schema>;

/** This browser's copy. Stores are only added by version steps; nothing here is the only copy but the outbox. */
export function openDatabase(name = NAME): Promise<Database> {
  return openDB<Schema>(name, VERSION, {
    upgrade(db) {
      db.createObjectStore("facts");
      db.createObjectStore("rooms", { keyPath: "id" });
      db.createObjectStore("people", { keyPath: "id" });
      db.createObjectStore("views", { keyPath: "id" });
      db.createObjectStore("outbox", { keyPath: "order" });
      db.createObjectStore("drafts", { keyPath: "key" });
      db.createObjectStore("uploads", { keyPath: "id" });
      db.createObjectStore("files");
    },
    blocking(_current, _blocked, event) {
      // Another tab wants to delete or upgrade: let it.
      (event.target as IDBDatabase).close();
    },
  });
}

/** After signing out nothing stays on the machine. */
export async function wipe(db: Database, name = NAME): Promise<void> {
  db.close();
  await deleteDB(name);
}

/** The cache belongs to one person; a different one finds it empty. True if it was emptied. */
export async function claim(db: Database, me: Me): Promise<boolean> {
  const before = (await db.get("facts", "me")) as Me | undefined;
  const foreign = before !== undefined && before.person.id !== me.person.id;
  if (foreign) {
    const stores = ["facts", "rooms", "people", "views", "outbox", "drafts", "uploads", "files"] as const;
    const change = db.transaction(stores, "readwrite");
    await Promise.all([...stores.map((store) => change.objectStore(store).clear()), change.done]);
  }
  await db.put("facts", me, "me");
  return foreign;
}

/** Replace the cached room list in one step. */
export async function keepRooms(db: Database, rows: RoomRow[]): Promise<void> {
  const change = db.transaction("rooms", "readwrite");
  await change.store.clear();
  await Promise.all([...rows.map((row) => change.store.put(row)), change.done]);
}
