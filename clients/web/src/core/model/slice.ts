// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Event, EventFrame } from "../api/wire";

/** An event of a room as a reducer sees it. */
export interface Happened {
  s: number;
  e: Event;
  /** Who I am: some counts are only mine. */
  me: string;
}

/**
 * One module's part of a room: the same name, snapshot and events as the server's module of that name.
 *
 * `apply` is pure: it returns the old value when the event is none of its business, never changes it in place.
 */
// Methods, not properties: a list of slices holds slices of different shapes.
export interface Slice<S = unknown> {
  name: string;
  empty: S;
  apply(state: S, happened: Happened): S;
  /** Events of my own stream that touch this room. */
  applyMine?(state: S, event: Event): S;
}

/** A typed handle on a slice: read it from any room with `handle.of(view)`. */
export interface SliceOf<S> extends Slice<S> {
  of: (view: { slices: Record<string, unknown> }) => S;
}

export function slice<S>(definition: Slice<S>): SliceOf<S> {
  return { ...definition, of: (view) => (view.slices[definition.name] as S | undefined) ?? definition.empty };
}

/** A durable event: it has a place in the audience's sequence. */
export function isDurable(frame: EventFrame): frame is EventFrame & { s: number } {
  return frame.s !== undefined;
}
