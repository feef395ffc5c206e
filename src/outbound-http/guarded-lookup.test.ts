import { describe, expect, it } from "vitest";
import {
  ANSWER_LIFE_MS,
  ANSWERS_KEPT,
  createGuardedLookup,
  NameNotResolved,
  RefusedAddress,
} from "./guarded-lookup.ts";
import { refusalOf } from "./public-address.ts";
import type { Resolve } from "./resolve.ts";

const PUBLIC = "8.8.8.8";
const PUBLIC_V6 = "2606:4700:4700::1111";

describe("createGuardedLookup", () => {
  it("answers all public addresses with their families", async () => {
    const { ask } = guard([[PUBLIC, PUBLIC_V6]]);
    expect(await ask("a.example")).toEqual([
      { address: PUBLIC, family: 4 },
      { address: PUBLIC_V6, family: 6 },
    ]);
  });

  it("leaves out the private ones among public addresses", async () => {
    const { ask } = guard([["10.0.0.1", PUBLIC, "::1"]]);
    expect(await ask("a.example")).toEqual([{ address: PUBLIC, family: 4 }]);
  });

  it("refuses a name with private addresses only, and does not say which", async () => {
    const { ask } = guard([["10.1.2.3", "::1"]]);
    const refusal = ask("a.example");
    await expect(refusal).rejects.toThrow(RefusedAddress);
    await expect(refusal).rejects.toThrow(/private/);
    await expect(refusal).rejects.not.toThrow(/10\.1\.2\.3/);
  });

  it("refuses a name that turns private on its second look-up", async () => {
    const { ask, time } = guard([[PUBLIC], ["127.0.0.1"]]);
    expect(await ask("a.example")).toHaveLength(1);
    time.ms += ANSWER_LIFE_MS;
    await expect(ask("a.example")).rejects.toThrow(RefusedAddress);
  });

  it("lets private addresses pass when they are allowed", async () => {
    const { ask } = guard([["127.0.0.1"]], true);
    expect(await ask("a.example")).toEqual([{ address: "127.0.0.1", family: 4 }]);
  });

  it("answers one address to a socket that asks for one", async () => {
    const lookup = createGuardedLookup({
      refuse: refusalOf,
      now: () => 0,
      resolve: async () => [PUBLIC_V6, PUBLIC],
    });
    const answer = await new Promise((resolve) => {
      lookup("a.example", { all: false }, (error, address, family) => resolve({ error, address, family }));
    });
    expect(answer).toEqual({ error: null, address: PUBLIC_V6, family: 6 });
  });

  it("asks once for connections of the same moment and again when the answer is old", async () => {
    const { ask, asked, time } = guard([[PUBLIC], [PUBLIC_V6]]);
    await Promise.all([ask("a.example"), ask("a.example")]);
    time.ms = ANSWER_LIFE_MS - 1;
    await ask("a.example");
    expect(asked).toEqual(["a.example"]);
    time.ms = ANSWER_LIFE_MS;
    expect(await ask("a.example")).toEqual([{ address: PUBLIC_V6, family: 6 }]);
  });

  it("does not keep failures", async () => {
    const { ask } = guard(["EAI_AGAIN", [], [PUBLIC]]);
    await expect(ask("a.example")).rejects.toThrow(NameNotResolved);
    await expect(ask("a.example")).rejects.toThrow("the name has no address");
    expect(await ask("a.example")).toHaveLength(1);
  });

  it("keeps the answers of a limited number of names and forgets the oldest first", async () => {
    const { ask, asked } = guard([[PUBLIC]]);
    for (let index = 0; index < ANSWERS_KEPT; index++) await ask(`${index}.example`);
    await ask("0.example");
    expect(asked).toHaveLength(ANSWERS_KEPT);
    await ask("one-more.example");
    await ask("1.example");
    expect(asked).toHaveLength(ANSWERS_KEPT + 1);
    await ask("0.example");
    expect(asked).toHaveLength(ANSWERS_KEPT + 2);
  });
});

/** A lookup whose name server gives these answers in turn, the last one for ever; a text is an error's code. */
function guard(answers: readonly (readonly string[] | string)[], allowPrivate = false) {
  const asked: string[] = [];
  const time = { ms: 0 };
  const resolve: Resolve = async (hostname) => {
    const answer = answers[Math.min(asked.push(hostname), answers.length) - 1];
    if (typeof answer === "string") throw Object.assign(new Error("no answer"), { code: answer });
    return answer ?? [];
  };
  const lookup = createGuardedLookup({
    refuse: allowPrivate ? () => null : refusalOf,
    resolve,
    now: () => time.ms,
  });
  const ask = (hostname: string): Promise<unknown> =>
    new Promise((settle, reject) => {
      lookup(hostname, { all: true }, (error, found) => (error === null ? settle(found) : reject(error)));
    });
  return { ask, asked, time };
}
