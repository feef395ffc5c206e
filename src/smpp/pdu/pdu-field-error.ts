/** A field of a PDU to be written does not fit its place; the writer is left as it was before the PDU. */
export class PduFieldError extends RangeError {
  /** The field's name as in `pdu.ts`, dotted: `source.address`. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`);
    this.name = "PduFieldError";
    this.field = field;
  }
}
