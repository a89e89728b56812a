// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { type Http, query } from "./http";
import { completePage, completeState } from "./complete";
import type * as wire from "./wire";

/** Messages in one page of history. */
const PAGE = 50;

interface Items<T> {
  items: T[];
}

/** Every HTTP call of the client, by subject. Raises Refusal. */
export function rest(http: Http) {
  const id = encodeURIComponent;
  return {
    config: () => http.get<wire.Config>("/config"),
    me: () => http.get<wire.Me>("/me"),
    logout: () => http.post<{ redirect: string | null }>("/logout"),
    people: {
      search: (q: string, limit = 20) => http.get<Items<wire.Person>>("/people" + query({ q, limit })),
      byId: (ids: string[]) =>
        http.get<Items<wire.Person>>("/people/by-id?" + ids.map((one) => "id=" + id(one)).join("&")),
    },
    rooms: {
      open: (q: string) => http.get<Items<wire.OpenRoom>>("/rooms/open" + query({ q })),
      create: (room: wire.NewRoom) => http.post<wire.RoomRow>("/rooms", room),
      direct: (person_id: string) => http.post<wire.RoomRow>("/direct", { person_id }),
      change: (room: string, change: wire.RoomPatch) =>
        http.patch<wire.RoomRow>("/rooms/" + id(room), change),
      label: (room: string, label: wire.Label) =>
        http.put<wire.RoomRow>(`/rooms/${id(room)}/label`, { label }),
      join: (room: string) => http.post<wire.RoomRow>(`/rooms/${id(room)}/join`),
      leave: (room: string) => http.post<void>(`/rooms/${id(room)}/leave`),
      state: async (room: string) =>
        completeState(await http.get<wire.WireState>(`/rooms/${id(room)}/state`)),
      messages: async (room: string, before: number) =>
        completePage(
          await http.get<wire.WirePage>(`/rooms/${id(room)}/messages` + query({ before, limit: PAGE })),
        ),
      /** until: when the place ends by itself, null for not at all. */
      invite: (room: string, person_id: string, until: string | null) =>
        http.post<void>(`/rooms/${id(room)}/members`, { person_id, until }),
      setEnd: (room: string, person: string, until: string | null) =>
        http.put<void>(`/rooms/${id(room)}/members/${id(person)}/end`, { until }),
      setRole: (room: string, person: string, role: wire.Role) =>
        http.put<void>(`/rooms/${id(room)}/members/${id(person)}`, { role }),
      remove: (room: string, person: string) => http.delete<void>(`/rooms/${id(room)}/members/${id(person)}`),
    },
    policies: {
      /** What holds for new rooms of a department, or of none. */
      at: async (department: string | null) =>
        (await http.get<Items<wire.PolicyRuling>>("/policies/" + id(department ?? "everywhere"))).items,
      inRoom: async (room: string) =>
        (await http.get<Items<wire.PolicyRuling>>(`/rooms/${id(room)}/policies`)).items,
    },
    messages: {
      edit: (message: string, text: string) =>
        http.patch<wire.WireMessage>("/messages/" + id(message), { text }),
      delete: (message: string) => http.delete<void>("/messages/" + id(message)),
      revisions: (message: string) => http.get<Items<wire.Revision>>(`/messages/${id(message)}/revisions`),
      thread: async (message: string, before?: number) =>
        completePage(
          await http.get<wire.WirePage>(`/messages/${id(message)}/thread` + query({ before, limit: PAGE })),
        ),
      react: (message: string, emoji: string) =>
        http.put<void>(`/messages/${id(message)}/reactions/${id(emoji)}`),
      unreact: (message: string, emoji: string) =>
        http.delete<void>(`/messages/${id(message)}/reactions/${id(emoji)}`),
    },
    calls: {
      start: (room: string) => http.post<wire.Call>(`/rooms/${id(room)}/call`),
      token: (call: string) => http.post<wire.CallToken>(`/calls/${id(call)}/token`),
      end: (call: string) => http.post<void>(`/calls/${id(call)}/end`),
      kick: (call: string, person: string) =>
        http.delete<void>(`/calls/${id(call)}/participants/${id(person)}`),
      mute: (call: string, person: string) =>
        http.post<void>(`/calls/${id(call)}/participants/${id(person)}/mute`),
    },
    /** For features: the same door, with the feature's own paths. */
    http,
  };
}

export type Rest = ReturnType<typeof rest>;

/** Where a file's bytes are; the browser downloads them itself. */
export function contentUrl(file: { id: string }): string {
  return `/api/v1/files/${encodeURIComponent(file.id)}/content`;
}
