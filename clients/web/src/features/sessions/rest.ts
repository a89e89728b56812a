// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { OwnSession } from "../../core/api/wire";

/** The calls of this feature. Raises Refusal. */
export const sessionCalls = ({ http }: Rest) => ({
  list: async () => (await http.get<{ items: OwnSession[] }>("/me/sessions")).items,
  end: (session: string) => http.delete<void>("/me/sessions/" + encodeURIComponent(session)),
  endOthers: () => http.delete<void>("/me/sessions"),
});
