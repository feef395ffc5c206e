import type { CustomerId, NumberId } from "../domain/ids.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import type { PageQuery } from "./directory.ts";

/** What became of a number that was put; unless it is `written`, nothing was. */
export type NumberOutcome =
  | "written"
  /** By its digits it belongs to another record that is not deleted; or with `before` it is no longer as it was read. */
  | "refused"
  /** Its customer is unknown or deleted: nobody could give it up any more. */
  | "no_owner";

export interface NumberStore {
  /** With `before` as in the directory. A number that is deleted needs no owner. */
  putNumber(number: OwnedNumber, before?: OwnedNumber): Promise<NumberOutcome>;
  /** Deleted ones are not found. */
  getNumber(customerId: CustomerId, id: NumberId): Promise<OwnedNumber | null>;
  /** Who owns it, by the digits of the number (`digitsOf`); deleted ones are not found. */
  findNumber(digits: string): Promise<OwnedNumber | null>;
  /** Newest first; with null those of every customer. */
  listNumbers(customerId: CustomerId | null, page: PageQuery): Promise<readonly OwnedNumber[]>;
}
