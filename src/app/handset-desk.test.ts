import { describe, expect, it } from "vitest";
import { createSimulator } from "../carriers/simulator/simulator.ts";
import { createHandsetDesk } from "./handset-desk.ts";

describe("the desk of the simulator's handsets", () => {
  it("refuses to write as long as nobody is bound to the simulator, and shows an empty inbox", () => {
    const desk = createHandsetDesk(createSimulator());
    expect(desk.write("+31616818985", "+14155551234", "STOP")).toEqual({
      kind: "refused",
      message: expect.stringContaining("nobody has bound yet"),
    });
    expect(desk.inbox("+31616818985")).toEqual([]);
  });
});
