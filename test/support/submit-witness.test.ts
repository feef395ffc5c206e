import { expect, it } from "vitest";
import { COMMAND_STATUS } from "../../src/smpp/pdu/command-status.ts";
import { SubmitWitness } from "./submit-witness.ts";

function on(
  connection: number,
  destination = "31600000001",
  commandStatus: number = COMMAND_STATUS.ESME_ROK,
) {
  return { connection, destination, commandStatus };
}

it("sees a submit_sm on an old bind after the first on the new one, at the same carrier alone", () => {
  const witness = new SubmitWitness();
  witness.note("north", on(1));
  witness.note("north", on(2));
  witness.note("south", on(1));
  expect(witness.late).toEqual([]);
  witness.note("north", on(1));
  expect(witness.late).toEqual(["north: 31600000001 on 1 after 2"]);
});

it("counts what was sent to each number at each carrier, and what was taken at all of them", () => {
  const witness = new SubmitWitness();
  witness.note("north", on(1, "31600000001", COMMAND_STATUS.ESME_RINVDSTADR));
  witness.note("south", on(1));
  witness.note("south", on(1));
  expect([witness.sent("north", "+31600000001"), witness.sent("south", "+31600000001")]).toEqual([1, 2]);
  expect(witness.taken("+31600000001")).toBe(2);
  expect(witness.taken("+31600000002")).toBe(0);
});
