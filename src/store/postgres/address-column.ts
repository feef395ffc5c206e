import type { Address } from "../../domain/address.ts";

/**
 * An address in one text column: a bare telephone number as it is, anything more as JSON. Nearly every row holds a number
 * and nothing else, which makes it a sixth as long.
 */
export function addressToColumn(address: Address): string {
  const { type, target, target_name, name, detail } = address;
  const isBare =
    type === "tel" && target_name === "" && name === "" && detail === "" && !target.startsWith("{");
  return isBare ? target : JSON.stringify({ type, target, target_name, name, detail });
}

/** The address that {@link addressToColumn} kept. */
export function columnToAddress(column: string): Address {
  if (!column.startsWith("{")) return { type: "tel", target: column, target_name: "", name: "", detail: "" };
  return JSON.parse(column) as Address; // only addressToColumn writes the column
}

/** The digits of the address in a column, to hold against a receipt's. */
export function digitsOfColumn(column: string): string {
  const target = column.startsWith("{") ? columnToAddress(column).target : column;
  return target.replace(/\D/g, "");
}
