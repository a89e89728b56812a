// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { Kept } from "../../core/api/wire";

/** The calls of this feature. Raises Refusal. */
export const ownDataCalls = ({ http }: Rest) => ({
  read: async () => (await http.get<{ items: Kept[] }>("/me/data")).items,
  /** A ZIP archive. */
  export: () => http.blob("/me/data/export"),
});
