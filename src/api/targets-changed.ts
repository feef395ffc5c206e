import type { FastifyReply } from "fastify";

/**
 * Where the answer of `cancel` and `resend` says how many targets it changed: the message alone does not tell what was done
 * just now from what had been done before.
 */
const HEADER = "targets-changed";

export const TARGETS_CHANGED_WORDS =
  "The header `Targets-Changed` says how many targets this request changed.";

export function noteTargetsChanged(reply: FastifyReply, changed: readonly number[]): void {
  reply.header(HEADER, String(changed.length));
}
