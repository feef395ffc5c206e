import { describe, expect, it } from "vitest";
import type { CustomerId } from "../domain/ids.ts";
import type { Message } from "../domain/message.ts";
import type { MessageSearchPage } from "../store/accepting.ts";
import { SEARCH_CALLS_MAX } from "./limits.ts";
import { searchPage } from "./search-page.ts";

const ID = "017f83a0-4a47-7000-8000-000000000001";
const QUERY = { customerId: "c" as CustomerId, before: null, limit: 10, targetLimit: 5_000 };
const FOUND = { id: ID, tmCreate: 1_000_000 } as unknown as Message; // the two keys that a token is made of

function search(answers: (call: number) => MessageSearchPage) {
  const befores: (string | null)[] = [];
  const store = {
    searchMessages: async ({ before }: { readonly before: string | null }) => {
      befores.push(before);
      return answers(befores.length);
    },
  };
  return { befores, page: searchPage(store, QUERY, {}) };
}

describe("a page of a search", () => {
  it("goes on over stretches where nothing is found", async () => {
    const { befores, page } = search((call) => ({ messages: call === 3 ? [FOUND] : [], next: ID }));
    expect((await page).messages).toEqual([FOUND]);
    expect((await page).token).toMatch(new RegExp(`^2022-.*_${ID}$`));
    expect(befores).toEqual([null, ID, ID]);
  });

  it("is the last one at the end: empty, without a token", async () => {
    const { page } = search((call) => ({ messages: [], next: call === 2 ? null : ID }));
    expect(await page).toEqual({ messages: [], token: "" });
  });

  it("gives up for now after so many calls, with a token to go on by", async () => {
    const { befores, page } = search(() => ({ messages: [], next: ID }));
    expect((await page).messages).toEqual([]);
    expect((await page).token).not.toBe("");
    expect(befores).toHaveLength(SEARCH_CALLS_MAX);
  });
});
