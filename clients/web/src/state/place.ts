// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** Where something is written: a room, or a thread in it. */
export interface Place {
  room_id: string;
  root_id: string | null;
}

export const placeKey = (place: Place): string => place.room_id + "/" + (place.root_id ?? "");
