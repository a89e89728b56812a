// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { Ministry } from "../../core/api/wire";

const path = (room: string, server: string) =>
  `/rooms/${encodeURIComponent(room)}/peers/${encodeURIComponent(server)}`;

/** The calls of this feature. Raises Refusal. */
export const federationCalls = ({ http }: Rest) => ({
  ministries: async () => (await http.get<{ items: Ministry[] }>("/federation/peers")).items,
  open: (room: string, server: string, contact: string) => http.put<void>(path(room, server), { contact }),
  close: (room: string, server: string) => http.delete<void>(path(room, server)),
});

let known: Promise<Ministry[]> | undefined;

/** Ministries with which rooms can be shared, asked for once in a visit. Raises Refusal. */
export function ministries(rest: Rest): Promise<Ministry[]> {
  known ??= federationCalls(rest)
    .ministries()
    .catch((error: unknown) => {
      known = undefined;
      throw error;
    });
  return known;
}
