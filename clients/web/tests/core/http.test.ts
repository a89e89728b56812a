// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { afterEach, expect, test, vi } from "vitest";
import { Http, query } from "../../src/core/api/http";
import { Refusal } from "../../src/core/api/problem";

afterEach(() => {
  vi.useRealTimers();
});

const problem = (status: number, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({
      type: "urn:fachwerk:problem:poll-closed",
      title: "Closed",
      status,
      detail: "Too late.",
    }),
    {
      status,
      headers: { "content-type": "application/problem+json", ...headers },
    },
  );

test("a refusal carries the problem of the server", async () => {
  const http = new Http(() => Promise.resolve(problem(409)));
  const error = await http.post("/x").catch((one: unknown) => one);
  expect(error).toBeInstanceOf(Refusal);
  expect(error).toMatchObject({ slug: "poll-closed", message: "Too late.", offline: false });
});

test("a proxy's page is a refusal too, and no answer is `offline`", async () => {
  const page = new Http(() =>
    Promise.resolve(new Response("<html>", { status: 502, headers: { "content-type": "text/html" } })),
  );
  await expect(page.get("/x")).rejects.toMatchObject({ problem: { status: 502 } });
  const away = new Http(() => Promise.reject(new TypeError("fetch failed")));
  await expect(away.get("/x")).rejects.toMatchObject({ offline: true });
});

test("a full server is asked again after the time it names", async () => {
  vi.useFakeTimers();
  const answers = [problem(429, { "retry-after": "2" }), Response.json({ ok: 1 })];
  let asked = 0;
  const http = new Http(() => Promise.resolve(answers[asked++] ?? problem(500)));
  const got = http.get("/x");
  await vi.advanceTimersByTimeAsync(1_900);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(200);
  await expect(got).resolves.toEqual({ ok: 1 });
});

test("a server that stays full is a refusal in the end", async () => {
  vi.useFakeTimers();
  const http = new Http(() => Promise.resolve(problem(429, { "retry-after": "1" })));
  const got = http.get("/x").catch((one: unknown) => one);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await got).toMatchObject({ problem: { status: 429 } });
});

test("an ended session is told", async () => {
  const http = new Http(() => Promise.resolve(problem(401)));
  let told = 0;
  http.onSignedOut = () => told++;
  await expect(http.get("/me")).rejects.toBeInstanceOf(Refusal);
  expect(told).toBe(1);
});

test("queries leave out what is not there", () => {
  expect(query({ q: "a b", before: undefined, limit: 50 })).toBe("?q=a+b&limit=50");
  expect(query({ q: "" })).toBe("");
});
