import { describe, expect, it } from "vitest";
import { createInOrder } from "./in-order.ts";

/** Notes what ended, in that order. */
function setUp() {
  const inOrder = createInOrder();
  const ended: string[] = [];
  const note = async (word: string) => void ended.push(word);
  return { inOrder, ended, note };
}

describe("works in order", () => {
  it("of one key end as they were handed in, whichever is prepared first; another key's do not wait", async () => {
    const { inOrder, ended, note } = setUp();
    const late = Promise.withResolvers<string>();
    const one = inOrder("a", late.promise, note);
    const two = inOrder("a", Promise.resolve("two"), note);
    await inOrder("b", Promise.resolve("other key"), note);
    late.resolve("one");
    await Promise.all([one, two]);
    expect(ended).toEqual(["other key", "one", "two"]);
  });

  it("end one after the other, not side by side", async () => {
    const { inOrder, ended, note } = setUp();
    const slow = Promise.withResolvers<void>();
    const one = inOrder("a", Promise.resolve("one"), async (word) => {
      await slow.promise;
      await note(word);
    });
    const two = inOrder("a", Promise.resolve("two"), note);
    await inOrder("b", Promise.resolve("other key"), note);
    slow.resolve();
    await Promise.all([one, two]);
    expect(ended).toEqual(["other key", "one", "two"]);
  });

  it("go on after one that could not be prepared or ended, and keep their order through it", async () => {
    const { inOrder, ended, note } = setUp();
    const late = Promise.withResolvers<string>();
    const one = inOrder("a", late.promise, note);
    const lost = inOrder("a", Promise.reject(new Error("never prepared")), note);
    const broken = inOrder("a", Promise.resolve("broken"), () => Promise.reject(new Error("broke")));
    const last = inOrder("a", Promise.resolve("last"), note);
    late.resolve("one");
    await expect(lost).rejects.toThrow("never prepared");
    await expect(broken).rejects.toThrow("broke");
    await Promise.all([one, last]);
    expect(ended).toEqual(["one", "last"]);
  });
});
