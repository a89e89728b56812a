// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { Poll } from "../../core/api/wire";

/** The calls of this feature. Raises Refusal. */
export const pollCalls = ({ http }: Rest) => ({
  open: (room: string, question: string, options: string[]) =>
    http.post<Poll>(`/rooms/${encodeURIComponent(room)}/polls`, { question, options }),
  vote: (poll: string, option: number) =>
    http.put<void>(`/polls/${encodeURIComponent(poll)}/vote`, { option }),
  close: (poll: string) => http.post<void>(`/polls/${encodeURIComponent(poll)}/close`),
});
