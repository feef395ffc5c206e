import { describe, expect, it } from "vitest";
import type { CarrierId } from "../domain/ids.ts";
import type { MessageType } from "../domain/message.ts";
import { buildRoutingTable, type RoutableCarrier, routeTarget } from "./routing.ts";

function carrier(name: string, types: readonly MessageType[] = ["sms"]): RoutableCarrier {
  return { id: `id-of-${name}` as CarrierId, name, types };
}

function routed(
  carriers: readonly RoutableCarrier[],
  type: MessageType = "sms",
  isReal = carriers.some(({ name }) => name !== "simulator"),
): readonly string[] {
  return routeTarget(
    { destination: "+31612345678", source: "+821100000001", type },
    buildRoutingTable(carriers, isReal),
  );
}

describe("the default route", () => {
  it("tries the carriers in the order they were added", () => {
    expect(routed([carrier("north"), carrier("south")])).toEqual(["id-of-north", "id-of-south"]);
  });

  it("is the simulator where no other carrier was ever added", () => {
    expect(routed([carrier("simulator")])).toEqual(["id-of-simulator"]);
  });

  it("is empty once every other carrier is gone: the simulator does not step in", () => {
    expect(routed([carrier("simulator")], "sms", true)).toEqual([]);
  });

  it("leaves the simulator out once there is another carrier, wherever it stands", () => {
    expect(routed([carrier("simulator"), carrier("north")])).toEqual(["id-of-north"]);
    expect(routed([carrier("north"), carrier("simulator"), carrier("south")])).toEqual([
      "id-of-north",
      "id-of-south",
    ]);
  });

  it("does not fall back to the simulator for a type that no real carrier carries", () => {
    expect(routed([carrier("simulator", ["sms", "mms"]), carrier("north")], "mms")).toEqual([]);
  });

  it("holds only carriers that carry the message's type", () => {
    const carriers = [carrier("texts"), carrier("pictures", ["mms"]), carrier("both", ["sms", "mms"])];
    expect(routed(carriers)).toEqual(["id-of-texts", "id-of-both"]);
    expect(routed(carriers, "mms")).toEqual(["id-of-pictures", "id-of-both"]);
  });

  it("is empty without carriers", () => {
    expect(routed([])).toEqual([]);
  });

  it("is the same array for every destination, so that callers can tell equal routes by identity", () => {
    const table = buildRoutingTable([carrier("north")], true);
    const query = { source: "a", type: "sms" } as const;
    expect(routeTarget({ ...query, destination: "+4912345678" }, table)).toBe(
      routeTarget({ ...query, destination: "+31612345678" }, table),
    );
  });
});
