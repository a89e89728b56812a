// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** Where we are: `/`, `/r/ROOM`, `/r/ROOM/PART`, `/r/ROOM/PART/ARGUMENT` or `/AREA`. The address is the state. */
export interface Route {
  area: string | null;
  room: string | null;
  part: string | null;
  argument: string | null;
}

function routeOf(path: string): Route {
  const [first, room, part, argument] = path.split("/").filter(Boolean).map(decodeURIComponent);
  if (first !== "r") return { area: first ?? null, room: null, part: null, argument: null };
  return { area: null, room: room ?? null, part: (room && part) ?? null, argument: argument ?? null };
}

export function pathOf(room: string | null, part?: string, argument?: string): string {
  const parts = room === null ? [] : ["r", room, part, argument];
  return (
    "/" +
    parts
      .filter((one) => one !== undefined)
      .map(encodeURIComponent)
      .join("/")
  );
}

class Router {
  #path = $state(location.pathname);
  readonly route: Route = $derived(routeOf(this.#path));

  constructor() {
    addEventListener("popstate", () => (this.#path = location.pathname));
  }

  get path(): string {
    return this.#path;
  }

  go(path: string, { replace = false } = {}): void {
    if (path === this.#path) return;
    if (replace) history.replaceState(null, "", path);
    else history.pushState(null, "", path);
    this.#path = path;
  }
}

export const router = new Router();
