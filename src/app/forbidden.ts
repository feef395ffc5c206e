import { accessSync, constants } from "node:fs";
import { StartRefused, systemCode } from "./start-refused.ts";

const FORBIDDEN: ReadonlySet<string | undefined> = new Set(["EACCES", "EPERM"]);

/** Whether a file is there; `existsSync` says no, too, when this user may not look: that ends the work ({@link refuseForbidden}). */
export function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    refuseForbidden(error, path);
    return false;
  }
}

/**
 * Tells what this user may not read from what is not there; does nothing about any other error.
 * @param otherwise what else this user can do, if anything
 * @throws {StartRefused} when the error says that this user may not.
 */
export function refuseForbidden(cause: unknown, path: string, otherwise?: string): void {
  if (!FORBIDDEN.has(systemCode(cause))) return;
  const choice = otherwise === undefined ? "" : `, or ${otherwise}`;
  throw new StartRefused(
    `this user may not read ${path}: run the command as the owner of the data directory${choice}`,
    { cause },
  );
}
