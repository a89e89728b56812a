// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { Readers } from "../../core/api/wire";

/** Who can read what is in a room, as the server decides it now. Raises Refusal. */
export const readersOf = ({ http }: Rest, room: string) =>
  http.get<Readers>(`/rooms/${encodeURIComponent(room)}/readers`);
