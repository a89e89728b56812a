// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";

/** Who is in a room, and what may be done about it. */
export const people: Feature = {
  name: "people",
  panes: { people: () => import("./PeoplePane.svelte") },
};
