import type { Behaviours } from "./behaviours.ts";

/** The spellings of one message's id: in the answer, in the text of its receipt and in the receipt's parameter. */
export interface MessageId {
  readonly response: string;
  readonly receiptText: string;
  readonly receiptTlv: string;
}

const PADDED_DIGITS = 10;
const PADDED_HEX_DIGITS = 8;
/** Beyond 2^63, where numbers of C and of JavaScript both give up. */
const LONG_BASE = 10n ** 20n;

/** Gives ids, each one more than the last. */
export class MessageIds {
  #next: number;
  #given = 0;
  readonly #first: number;

  constructor(first = 1) {
    this.#first = first;
    this.#next = first;
  }

  next(behaviours: Behaviours): MessageId {
    const { idForm, idsReusedAfter, receiptIdForm, receiptTlvIdForm } = behaviours;
    if (idsReusedAfter !== null && this.#given >= idsReusedAfter) {
      this.#next = this.#first;
      this.#given = 0;
    }
    const number = this.#next++;
    this.#given++;
    const response = spelled(number, idForm);
    return {
      response,
      receiptText: respelled(response, idForm, receiptIdForm),
      receiptTlv: respelled(response, idForm, receiptTlvIdForm),
    };
  }
}

function spelled(number: number, form: Behaviours["idForm"]): string {
  switch (form) {
    case "dec":
      return String(number);
    case "hex":
      return number.toString(16);
    case "upper-hex":
      return number.toString(16).toUpperCase();
    case "padded-hex":
      return number.toString(16).toUpperCase().padStart(PADDED_HEX_DIGITS, "0");
    case "uuid":
      return `0e999f21-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
    case "long":
      return String(LONG_BASE + BigInt(number));
    default:
      return form satisfies never;
  }
}

function respelled(id: string, idForm: Behaviours["idForm"], form: Behaviours["receiptIdForm"]): string {
  switch (form) {
    case "same":
      return id;
    case "upper":
      return id.toUpperCase();
    case "lower":
      return id.toLowerCase();
    case "stripped":
      return id.replace(/^0+(?=.)/, "");
    case "padded":
      return id.padStart(PADDED_DIGITS, "0");
    case "dec":
      return valueOf(id, idForm)?.toString() ?? id;
    case "hex":
      return valueOf(id, idForm)?.toString(16) ?? id;
    default:
      return form satisfies never;
  }
}

/** The number that an id spells; a UUID spells none. */
function valueOf(id: string, form: Behaviours["idForm"]): bigint | null {
  if (form === "uuid") return null;
  return form === "dec" || form === "long" ? BigInt(id) : BigInt(`0x${id}`);
}
