// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { GuestAccepted, GuestInvitation, GuestLink, GuestRows, NewGuest } from "../../core/api/wire";

const id = encodeURIComponent;

/** The calls of those who look after guests. Raises Refusal. */
export const guestCalls = ({ http }: Rest) => ({
  list: (room: string) => http.get<GuestRows>(`/rooms/${id(room)}/guests`),
  invite: (room: string, guest: NewGuest) => http.post<GuestLink>(`/rooms/${id(room)}/guests`, guest),
  renew: (person: string) => http.post<GuestLink>(`/guests/${id(person)}/link`),
  extend: (person: string, ends_ms: number) => http.put<void>(`/guests/${id(person)}/end`, { ends_ms }),
  end: (person: string) => http.delete<void>("/guests/" + id(person)),
});

/** The calls of whoever has a link. Raises Refusal. */
export const linkCalls = ({ http }: Rest) => ({
  look: (secret: string) => http.post<GuestInvitation>("/guest-links/look", { secret }),
  accept: (secret: string) => http.post<GuestAccepted>("/guest-links/accept", { secret }),
});
