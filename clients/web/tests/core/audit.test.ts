// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import { Http } from "../../src/core/api/http";
import { rest } from "../../src/core/api/rest";
import { asked, auditCalls, EXPORT_MAX, NO_FILTERS } from "../../src/features/audit/rest";
import { texts } from "../../src/features/audit/texts";
import { detailsOf, nameOf, thingOf } from "../../src/features/audit/words";

const ADA = "01a22998-4e3c-765c-89e9-6e17cabe63b3";
const ROOM = "01a22998-4ea9-74a4-bbb7-5bb4127b5c46";
const t = texts.de;

describe("asking", () => {
  test("what is empty is not asked for", () => {
    expect(asked(NO_FILTERS)).toBe("?limit=50");
  });

  test("a span of days has all of its last day", () => {
    const query = new URLSearchParams(
      asked({ ...NO_FILTERS, since: "2026-10-24", until: "2026-10-25" }, "5.7"),
    );
    const [since, until] = [query.get("since"), query.get("until")].map((at) => new Date(at ?? ""));
    expect([since?.getDate(), since?.getHours()]).toEqual([24, 0]);
    expect([until?.getDate(), until?.getHours()]).toEqual([26, 0]);
    expect(query.get("before")).toBe("5.7");
  });

  test("an export goes on behind the last entry of a full answer", async () => {
    const line = (number: number) => JSON.stringify({ number }) + "\n";
    const full = Array.from({ length: EXPORT_MAX }, (_, at) => line(at + 1)).join("");
    const seen: string[] = [];
    const http = new Http((path) => {
      seen.push(path);
      return Promise.resolve(new Response(seen.length === 1 ? full : line(EXPORT_MAX + 1)));
    });
    expect(await auditCalls(rest(http)).export()).toEqual([full, line(EXPORT_MAX + 1)]);
    expect(seen).toEqual([
      "/api/v1/audit/export?since=0",
      `/api/v1/audit/export?since=${String(EXPORT_MAX)}`,
    ]);
  });
});

describe("words", () => {
  const names = { [ADA]: "Ada" };

  test("people have names, others are what they are", () => {
    expect(nameOf(ADA, names, t)).toBe("Ada");
    expect(nameOf("operator", names, t)).toBe("Betrieb (Kommandozeile)");
    expect(nameOf(ROOM, names, t)).toBe("…127b5c46");
    expect(thingOf(ROOM, "room.create", names, t)).toBe("Raum …127b5c46");
    expect(thingOf("audit", "audit.read", names, t)).toBe("das ganze Protokoll");
  });

  test("details say what they are of", () => {
    const detail = {
      person: ADA,
      role: "owner",
      parent: "",
      action: "room.create",
      before: "fachwerk-admin fachwerk-auditor",
      after: "fachwerk-admin else",
    };
    const act = { number: 1, at: "", actor_id: ADA, action: "member.set_role", subject: ROOM, detail };
    expect(detailsOf(act, names, t)).toEqual([
      "Person: Ada",
      "Rolle: Leitung",
      "Handlung: hat einen Raum angelegt",
      "vorher: Verwaltung, Revision",
      "nachher: fachwerk-admin else",
    ]);
  });

  test("both languages know the same acts", () => {
    expect(Object.keys(texts.en.actions)).toEqual(Object.keys(texts.de.actions));
    expect(Object.keys(texts.en.details)).toEqual(Object.keys(texts.de.details));
    expect(Object.keys(texts.en.values)).toEqual(Object.keys(texts.de.values));
  });
});
