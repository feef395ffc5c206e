import { describe, expect, it } from "vitest";
import { idAfter } from "./neighbour-id.ts";

describe("the id after another", () => {
  it("is greater by one", () => {
    expect(idAfter("019283af-0000-7000-8000-00000000000a")).toBe("019283af-0000-7000-8000-00000000000b");
    expect(idAfter("019283af-0000-7fff-ffff-ffffffffffff")).toBe("019283af-0000-8000-0000-000000000000");
    expect(idAfter("00000000-0000-0000-0000-000000000000")).toBe("00000000-0000-0000-0000-000000000001");
  });

  it("stays at the last one there is", () => {
    const last = "ffffffff-ffff-ffff-ffff-ffffffffffff";
    expect(idAfter(last)).toBe(last);
  });
});
