/** Reads an option that takes a list separated by commas and may be repeated. */
export function collectWords(text: string, before: readonly string[] = []): readonly string[] {
  const words = text.split(",").map((word) => word.trim());
  return [...before, ...words.filter((word) => word !== "")];
}
