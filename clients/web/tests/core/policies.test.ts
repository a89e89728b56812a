// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import type { PolicyPlace, PolicyRuling, PolicyStanding } from "../../src/core/api/wire";
import { isTooOpen, labelLimit, mostOpen, sharingLimit } from "../../src/core/model/policies";
import { effects, EVERYWHERE, placeName, sourceOf, valueOf } from "../../src/features/admin/policies";
import { i18n } from "../../src/state/i18n.svelte";

const ruling = (policy: string, value: string): PolicyRuling => ({ policy, value, department: "Haus" });
const LABEL = ruling("least_label", "internal");
const SHARING = ruling("federation", "denied");

describe("what limits a room", () => {
  test("the widest value limits nothing, nor does what is not known yet", () => {
    for (const rulings of [[], [ruling("least_label", "open"), ruling("federation", "allowed")]]) {
      expect(labelLimit(rulings)).toBeNull();
      expect(sharingLimit(rulings)).toBeNull();
    }
    expect(mostOpen(null)).toBe("open");
  });

  test("labels more open than allowed are too open", () => {
    const limit = labelLimit([SHARING, LABEL]);
    expect(limit).toBe(LABEL);
    expect(mostOpen(limit)).toBe("internal");
    expect((["open", "internal", "confidential"] as const).map((one) => isTooOpen(one, limit))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("a room that may not be open is not shared either; that it may not be shared comes first", () => {
    expect(sharingLimit([LABEL, ruling("federation", "allowed")])).toBe(LABEL);
    expect(sharingLimit([LABEL, SHARING])).toBe(SHARING);
  });
});

describe("a refusal in words", () => {
  const refused = (data: Record<string, string | null>) =>
    i18n.problem({ type: "urn:fachwerk:problem:policy-forbids", title: "No", status: 409, data });

  test("says whose policy it is and who can change it", () => {
    expect(refused({ ...LABEL })).toBe(
      "Richtlinie von „Haus“: Räume sind mindestens mit „Intern“ gekennzeichnet. Ändern kann das die Verwaltung des Hauses.",
    );
    expect(refused({ ...SHARING, department: null })).toBe(
      "Richtlinie des Hauses: Räume werden nicht mit anderen Ministerien geteilt. Ändern kann das die Verwaltung des Hauses.",
    );
  });

  test("of a policy that is new to us still says what kind of refusal it is", () => {
    expect(refused({ policy: "recording", value: "denied" })).toBe(i18n.t.problems["policy-forbids"]);
  });
});

describe("the administrators' page", () => {
  const standing = (more: Partial<PolicyStanding> = {}): PolicyStanding => ({
    policy: "federation",
    value: "allowed",
    own: null,
    set_at: null,
    beyond: 0,
    delegated: false,
    choices: [],
    ...more,
  });
  const place = (id: string, short: string): PolicyPlace => ({
    id,
    parent_id: null,
    name: "Abteilung " + short,
    short,
    policies: [],
  });
  const KIND = { name: "federation", values: ["allowed", "denied"] };
  const places = new Map([["a", place("a", "A")]]);
  const preview = (value: string, departments: number, rooms = 0) => ({ value, departments, rooms });

  test("tells where a value comes from", () => {
    expect(sourceOf(standing(), places)).toBe("Voreinstellung");
    expect(sourceOf(standing({ set_at: EVERYWHERE }), places)).toBe("geerbt vom Haus");
    expect(sourceOf(standing({ set_at: "a" }), places)).toBe("geerbt von A");
    expect(sourceOf(standing({ own: "denied", set_at: "a" }), places)).toBe("hier gesetzt");
    expect(sourceOf(standing({ set_at: "above" }), places)).toBe("geerbt von weiter oben");
    expect(placeName(place(EVERYWHERE, ""))).toBe("Ganzes Haus");
  });

  test("tells what the department's own administrators have set, and whether it holds", () => {
    const own = { own: "denied", delegated: true, set_at: "a" };
    expect(sourceOf(standing({ ...own, value: "denied" }), places)).toBe(
      "hier gesetzt, von der eigenen Verwaltung",
    );
    const wide = { own: "allowed", delegated: true, set_at: EVERYWHERE, value: "denied" };
    expect(sourceOf(standing(wide), places)).toBe("hier weiter gesetzt; es gilt, was darüber steht");
  });

  test("tells beforehand what a change does", () => {
    const a = place("a", "A");
    expect(effects(KIND, a, standing(), preview("denied", 1, 2))).toEqual([
      "Dann gilt „nicht erlaubt“ für 1 Organisationseinheit.",
      expect.stringMatching(/^2 Räume sind schon geteilt\. /),
    ]);
    expect(effects(KIND, a, standing(), preview("allowed", 0))).toEqual([
      "Was gilt, ändert sich dadurch nicht.",
    ]);
    expect(effects(KIND, place(EVERYWHERE, ""), standing(), preview("denied", 0))).toEqual([
      "Dann gilt „nicht erlaubt“ für Räume ohne Organisationseinheit.",
    ]);
    expect(effects(KIND, place(EVERYWHERE, ""), standing(), preview("denied", 3))[0]).toBe(
      "Dann gilt „nicht erlaubt“ für Räume ohne Organisationseinheit und für 3 Organisationseinheiten.",
    );
  });

  test("shows what is new to it as the server calls it", () => {
    expect(valueOf("recording", "denied")).toBe("denied");
    expect(valueOf("federation", "sometimes")).toBe("sometimes");
  });
});
