// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Problem } from "./wire";

/** A refusal of the server, RFC 9457. `slug` is the last part of the type URN, "offline" when nothing answered. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail || problem.title, options);
    this.problem = problem;
  }

  get slug(): string {
    return slugOf(this.problem);
  }

  get offline(): boolean {
    return this.problem.status === 0;
  }
}

/** The last part of the type: what was refused. */
export function slugOf(problem: Problem): string {
  return problem.type.split(":").at(-1) ?? "";
}

/** No answer at all: the network is away, or the server. */
export function unreachable(cause: unknown): Refusal {
  return new Refusal({ type: "urn:fachwerk:problem:offline", title: "offline", status: 0 }, { cause });
}

/** The refusal in a response. A body that is no problem document (a proxy's page) still yields status and title. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const fallback = { type: "about:blank", title: response.statusText, status: response.status };
  if (!response.headers.get("content-type")?.includes("problem+json")) return new Refusal(fallback);
  return new Refusal({ ...fallback, ...((await response.json()) as Partial<Problem>) });
}
