// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { Readers } from "../../core/api/wire";

/** Who can read what is in a room, or one file, as the server decides it now. Raises Refusal. */
export const readersOf = ({ http }: Rest, kind: "rooms" | "files", id: string) =>
  http.get<Readers>(`/${kind}/${encodeURIComponent(id)}/readers`);
