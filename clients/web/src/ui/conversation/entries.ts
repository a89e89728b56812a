// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Component } from "svelte";
import type { Message } from "../../core/api/wire";
import type { TimelineItem } from "../../state/extension";
import type { OpenRoom } from "../../state/room.svelte";
import type { Pending } from "../../state/sending.svelte";

/** Messages of one author within this time share one head, milliseconds. */
const TOGETHER_MS = 5 * 60_000;

/** One row of a timeline: a message, or an item of a feature. */
export interface Entry {
  key: string;
  seq: number;
  at: string;
  message?: Message;
  pending?: Pending;
  item?: TimelineItem;
  component?: Component<{ room: OpenRoom; item: TimelineItem }>;
}

/** Does this entry go on where the one before stopped? */
export function continues(before: Entry | undefined, entry: Entry): boolean {
  if (!before?.message || !entry.message) return false;
  if (before.message.sender_id !== entry.message.sender_id) return false;
  const gap_ms = Date.parse(entry.at) - Date.parse(before.at);
  return gap_ms < TOGETHER_MS && new Date(before.at).toDateString() === new Date(entry.at).toDateString();
}
