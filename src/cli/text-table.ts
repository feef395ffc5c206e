import { onOneLine } from "../domain/visible-text.ts";

/** Lays rows out in columns under a heading, each on one line; the last column is as long as it is. */
export function renderTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows].map((row) => row.map(onOneLine));
  const widths = heading.map((_, column) =>
    Math.max(...all.map((row) => characters(row[column] ?? "").length)),
  );
  return all.map((row) => `${renderRow(row, widths)}\n`).join("");
}

function renderRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - characters(cell).length));
  return cells.join("  ").trimEnd();
}

/** Cuts a text to a width, on one line. */
export function shorten(text: string, width: number): string {
  const all = characters(text.replaceAll(/\s+/g, " "));
  return all.length <= width ? all.join("") : `${all.slice(0, width - 1).join("")}…`;
}

const SEGMENTER = new Intl.Segmenter("en");

/** What people see as characters: a family emoji is one, though it is many code points. */
function characters(text: string): string[] {
  return Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}
