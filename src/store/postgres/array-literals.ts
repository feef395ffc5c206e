/** UUIDs as PostgreSQL spells a `uuid[]`. */
export function ids(values: readonly (string | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

/** Numbers as PostgreSQL spells an array of them. */
export function numbers(values: readonly (number | null)[]): string {
  return `{${values.map((value) => value ?? "NULL").join(",")}}`;
}

/** Truth values as PostgreSQL spells a `boolean[]`. */
export function flags(values: readonly boolean[]): string {
  return `{${values.map((value) => (value ? "t" : "f")).join(",")}}`;
}

const TO_ESCAPE = /["\\]/g;

/** Texts as PostgreSQL spells a `text[]`, each in quotes. */
export function texts(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? "NULL" : quoted(value))).join(",")}}`;
}

function quoted(value: string): string {
  return `"${value.replace(TO_ESCAPE, String.raw`\$&`)}"`;
}
