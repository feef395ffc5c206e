/** What one check found. A warning may be meant so; what is wrong keeps msgbin from working. */
export interface Finding {
  readonly state: "ok" | "warning" | "wrong";
  /** What was looked at, in a word or two. */
  readonly what: string;
  readonly found: string;
  /** What to do about it; not there when all is well. */
  readonly todo?: string;
}

export const good = (what: string, found: string): Finding => ({ state: "ok", what, found });

export const doubtful = (what: string, found: string, todo: string): Finding => ({
  state: "warning",
  what,
  found,
  todo,
});

export const wrong = (what: string, found: string, todo: string): Finding => ({
  state: "wrong",
  what,
  found,
  todo,
});
