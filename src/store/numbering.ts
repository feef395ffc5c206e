import type { CustomerId, NumberId } from "../domain/ids.ts";
import type { OwnedNumber } from "../domain/owned-number.ts";
import type { PageQuery } from "./directory.ts";

export interface NumberStore {
  /**
   * False when the number, by its digits, belongs to another record that is not deleted: nothing was written. With `before` as
   * in the directory.
   */
  putNumber(number: OwnedNumber, before?: OwnedNumber): Promise<boolean>;
  /** Deleted ones are not found. */
  getNumber(customerId: CustomerId, id: NumberId): Promise<OwnedNumber | null>;
  /** Who owns it, by the digits of the number (`digitsOf`); deleted ones are not found. */
  findNumber(digits: string): Promise<OwnedNumber | null>;
  /** Newest first; with null those of every customer. */
  listNumbers(customerId: CustomerId | null, page: PageQuery): Promise<readonly OwnedNumber[]>;
}
