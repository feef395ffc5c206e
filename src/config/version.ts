import { readFileSync } from "node:fs";

/** The version of this program, from the package.json that stands above the sources and above what is compiled of them. */
export function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version; // npm refuses a package without one
}
