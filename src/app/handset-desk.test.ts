import { describe, expect, it } from "vitest";
import { createSimulator } from "../carriers/simulator/simulator.ts";
import { startPair } from "../carriers/smpp/smpp-carrier.fixture.ts";
import { createHandsetDesk } from "./handset-desk.ts";

const REFUSED = { kind: "refused", message: expect.stringContaining("nobody is bound to the simulator") };

describe("the desk of the simulator's handsets", () => {
  it("refuses to write as long as nobody is bound to the simulator, and shows an empty inbox", () => {
    const desk = createHandsetDesk(createSimulator());
    expect(desk.write("+31616818985", "+14155551234", "STOP")).toEqual(REFUSED);
    expect(desk.inbox("+31616818985")).toEqual([]);
  });

  it("writes while its carrier is bound, and refuses once that is gone", async () => {
    await using pair = await startPair();
    await pair.up();
    const desk = createHandsetDesk(pair.simulator);
    expect(desk.write("+31616818985", "+14155551234", "hello")).toEqual({ kind: "written" });
    await pair.carrier.stop(0);
    await pair.until(() => pair.simulator.clients().length === 0);
    expect(desk.write("+31616818985", "+14155551234", "lost")).toEqual(REFUSED);
  });

  it("refuses where only senders are bound", async () => {
    await using pair = await startPair({ query: "?bind=tx" });
    await pair.up();
    expect(createHandsetDesk(pair.simulator).write("+31616818985", "+14155551234", "lost")).toEqual(REFUSED);
  });
});
