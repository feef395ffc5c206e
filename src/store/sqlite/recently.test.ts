import { expect, it } from "vitest";
import { Recently } from "./recently.ts";

it("remembers at least as many as its size, and forgets what is older than twice that", () => {
  const recently = new Recently<number>(10);
  for (let index = 0; index < 30; index++) recently.set(String(index), index);
  for (let index = 20; index < 30; index++) expect(recently.get(String(index))).toBe(index);
  for (let index = 0; index < 10; index++) expect(recently.get(String(index))).toBeUndefined();
});

it("answers the latest value of a key, whichever generation the earlier ones are in", () => {
  const recently = new Recently<string>(2);
  recently.set("a", "old");
  recently.set("b", "other");
  recently.set("a", "new");
  expect(recently.get("a")).toBe("new");
  recently.forget("a");
  expect(recently.get("a")).toBeUndefined();
  expect(recently.get("b")).toBe("other");
  recently.clear();
  expect(recently.get("b")).toBeUndefined();
});
