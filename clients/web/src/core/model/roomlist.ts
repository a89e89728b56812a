// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Bump, Event, EventFrame, RoomRow } from "../api/wire";

/** The room list by id. Never changed in place. */
export type RoomList = ReadonlyMap<string, RoomRow>;

export function roomList(rows: RoomRow[]): RoomList {
  return new Map(rows.map((row) => [row.id, row]));
}

/** The room of an audience: "room:ID". */
export const roomOf = (audience: string): string => audience.slice(audience.indexOf(":") + 1);

function change(list: RoomList, id: string, how: (row: RoomRow) => RoomRow): RoomList {
  const row = list.get(id);
  return row ? new Map(list).set(id, how(row)) : list;
}

/** A room I do not follow closely has moved on. */
export function applyBump(list: RoomList, frame: Bump): RoomList {
  return change(list, roomOf(frame.a), (row) =>
    frame.s <= row.seq ? row : { ...row, seq: frame.s, posts: frame.n },
  );
}

/** A durable event of a room I follow. */
export function applyEvent(list: RoomList, frame: EventFrame & { s: number }, me: string): RoomList {
  const { e, s } = frame;
  return change(list, roomOf(frame.a), (row) => {
    if (s <= row.seq) return row;
    const next = { ...row, seq: s, posts: frame.n ?? row.posts };
    if (e.kind === "message.posted" && e.message.root_id === null && e.message.sender_id === me) {
      return { ...next, read_seq: s, read_posts: next.posts };
    }
    if (e.kind === "member.role_changed" && e.person_id === me) return { ...next, role: e.role };
    if (e.kind === "room.changed") return { ...next, name: e.name, topic: e.topic };
    if (e.kind === "room.labelled") return { ...next, label: e.label, open: e.open };
    return next;
  });
}

/** An event of my own stream, or a signal about a room that holds for its row. */
export function applyUser(list: RoomList, event: Event): RoomList {
  switch (event.kind) {
    case "room.opened":
      return new Map(list).set(event.room.id, event.room);
    case "room.gone":
      return new Map([...list].filter(([id]) => id !== event.room_id));
    case "room.shown": {
      const { name, topic, label, open } = event;
      return change(list, event.room_id, (row) => ({ ...row, name, topic, label, open }));
    }
    case "read":
      return change(list, event.room_id, (row) => ({
        ...row,
        read_seq: Math.max(row.read_seq, event.read_seq),
        read_posts: Math.max(row.read_posts, event.read_posts),
      }));
    default:
      return list;
  }
}
