import { type Static, Type } from "typebox";
import { KEYWORD_MAX_CHARACTERS, KEYWORDS_MAX, OPT_OUT_ANSWER_MAX_CHARACTERS } from "../limits.ts";

const Keywords = Type.Array(Type.String({ minLength: 1, maxLength: KEYWORD_MAX_CHARACTERS }), {
  maxItems: KEYWORDS_MAX,
  description: "In place of the usual ones.",
});
const Answer = Type.String({
  maxLength: OPT_OUT_ANSWER_MAX_CHARACTERS,
  description: "In place of the usual one; empty for none.",
});

const settings = Type.Object(
  {
    is_on: Type.Boolean({ description: "Whether keywords such as STOP are obeyed." }),
    stop_keywords: Type.Optional(Keywords),
    start_keywords: Type.Optional(Keywords),
    help_keywords: Type.Optional(Keywords),
    stop_answer: Type.Optional(Answer),
    start_answer: Type.Optional(Answer),
    help_answer: Type.Optional(Answer),
  },
  { description: "What is left out is as usual." },
);

/** Opt-out settings as they are written; null takes them back. */
export const OptOutSettingsBody = Type.Union([settings, Type.Null()]);

export type OptOutSettingsText = Static<typeof OptOutSettingsBody>;
