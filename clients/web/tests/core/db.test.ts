// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { Me } from "../../src/core/api/wire";
import { claim, openDatabase, wipe } from "../../src/core/store/db";

const me = (id: string): Me => ({
  person: { id, name: id, department: null, active: true, organisation: null },
  departments: [],
  demo: true,
  roles: [],
  actions: [],
});

test("a different person finds the cache empty, the same one finds it full", async () => {
  const db = await openDatabase("claim");
  expect(await claim(db, me("ada"))).toBe(false);
  await db.put("drafts", { key: "r/", text: "Entwurf" });
  expect(await claim(db, me("ada"))).toBe(false);
  expect(await db.count("drafts")).toBe(1);
  expect(await claim(db, me("bea"))).toBe(true);
  expect(await db.count("drafts")).toBe(0);
  expect(await db.get("facts", "me")).toEqual(me("bea"));
  db.close();
});

test("after signing out nothing is left", async () => {
  const db = await openDatabase("wipe");
  await db.put("drafts", { key: "r/", text: "Entwurf" });
  await wipe(db, "wipe");
  const again = await openDatabase("wipe");
  expect(await again.count("drafts")).toBe(0);
  again.close();
});
