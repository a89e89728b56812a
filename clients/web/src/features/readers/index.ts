// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import ReadersButton from "./ReadersButton.svelte";

/** Who can read what is in a room. */
export const readers: Feature = { name: "readers", roomDetails: ReadersButton };
