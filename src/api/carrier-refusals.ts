import { Refusal } from "./errors.ts";

/** @param message why the URL cannot be right */
export function badCarrierUrl(message: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", `url ${message}`, { field: "url" });
}

export function carrierNameTaken(): Refusal {
  return new Refusal("RESOURCE_ALREADY_EXISTS", "another carrier has this name", { field: "name" });
}

export function noSuchCarrier(): Refusal {
  return new Refusal("RESOURCE_NOT_FOUND", "there is no such carrier");
}
