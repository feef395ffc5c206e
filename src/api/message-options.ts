import { type MessageOptions, PRIORITIES } from "../domain/message.ts";
import type { MessageBody } from "./schemas/message-body.ts";
import { readTimeField } from "./time-text.ts";
import type { Static } from "typebox";

/** What a body asks for beyond text and addresses; a key is there only when it was asked for. */
export function readOptions(body: Static<typeof MessageBody>): MessageOptions {
  const { encoding, flash, data, udh, priority, medias = [] } = body;
  const tmSchedule = readTimeField(body.tm_schedule, "tm_schedule");
  const tmExpire = readTimeField(body.tm_expire, "tm_expire");
  return {
    ...(encoding !== undefined && { encoding }),
    ...(flash !== undefined && { flash }),
    ...(data !== undefined && { data }),
    ...(udh !== undefined && { udh }),
    ...(priority !== undefined && { priority: PRIORITIES[priority] }),
    ...(tmSchedule !== undefined && { tmSchedule }),
    ...(tmExpire !== undefined && { tmExpire }),
    ...(medias.length > 0 && { medias: medias.map(({ type, url }) => ({ type, url })) }),
  };
}
