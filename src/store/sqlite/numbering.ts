import type { OwnedNumber } from "../../domain/owned-number.ts";
import type { NumberOutcome, NumberStore } from "../numbering.ts";
import { encodeBefore } from "./still-as-read.ts";
import type { StoreThreads } from "./store-threads.ts";
import { readJson, type Wire } from "./wire.ts";

/** Who owns which number, on the two threads. */
export function createNumbering({ write, read }: StoreThreads): NumberStore {
  async function one(wire: Wire): Promise<OwnedNumber | null> {
    const json = (await read(wire)).textOrNull();
    return json === null ? null : (JSON.parse(json) as OwnedNumber); // readNumber made it
  }
  return {
    async putNumber(number, before) {
      const answer = await write(["putNumber", JSON.stringify(number), ...encodeBefore(before)]);
      return answer.text() as NumberOutcome; // putNumber made it
    },
    getNumber: (customerId, id) => one(["getNumber", customerId, id]),
    findNumber: (digits) => one(["findNumber", digits]),
    async listNumbers(customerId, { before, limit }) {
      return readJson(await read(["listNumbers", customerId, before, limit])) as OwnedNumber[];
    },
  };
}
