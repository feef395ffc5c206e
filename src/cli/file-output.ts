import { fstatSync, writeSync } from "node:fs";
import type { Output } from "./screen.ts";

/**
 * An output into a plain file; null where it goes elsewhere. Node's own stream takes what there was room for in part for
 * written: here it has failed.
 */
export function fileOutput(fd: number, onFailure: (error: Error) => void): Output | null {
  if (!fstatSync(fd).isFile()) return null;
  return {
    write(text, done) {
      try {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
        done?.(null);
      } catch (error) {
        done?.(error as Error); // node:fs throws nothing else
        onFailure(error as Error);
      }
    },
  };
}
