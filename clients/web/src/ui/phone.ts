// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { MediaQuery } from "svelte/reactivity";

/** Phones show one page at a time: list, room, or what lies beside it. The same width as in the styles. */
export const phone = new MediaQuery("max-width: 760px");
