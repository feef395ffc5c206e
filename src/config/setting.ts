/** What a text of a setting became, or why it cannot be one: a phrase that goes on "NAME …". */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

/** One thing that an operator can set, under three names. */
export interface Setting<Value> {
  readonly flag: `--${string}`;
  readonly variable: `MSGBIN_${string}`;
  /** Its key in msgbin.json. */
  readonly key: string;
  /** What stands for the value in help texts. */
  readonly placeholder: string;
  /** The text that counts when nothing is set; null when there is none. */
  readonly fallback: string | null;
  /** The fallback as the documentation shows it, where the text itself would not explain it. */
  readonly fallbackShown?: string;
  readonly meaning: string;
  readonly usedBy: "service" | "command line" | "both";
  /** Never shown, not even when it is wrong. */
  readonly isSecret?: true;
  parse(text: string): Parsed<Value>;
}
