import { describe, expect, it } from "vitest";
import { charactersOf } from "./characters-of.ts";
import { targetOf } from "./dispatch.fixture.ts";

describe("what there is to send of targets", () => {
  it("is text, data with its header, and media, of each of them", () => {
    const text = targetOf({ text: "hello" });
    const data = targetOf({ text: "", options: { data: "0011", udh: "0605040b8423f0" } });
    const media = { type: "image/png", url: "https://example.com/a.png" };
    const medias = targetOf({ text: "see", options: { medias: [media, media] } });
    expect(charactersOf([])).toBe(0);
    expect([text, data, medias].map((target) => charactersOf([target]))).toEqual([5, 18, 71]);
    expect(charactersOf([text, text, data])).toBe(28);
  });
});
