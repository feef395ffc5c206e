import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  write,
  writeSync,
} from "node:fs";

/** Room for about 6,000 messages to one destination. */
export const JOURNAL_FILE_BYTES = 4 * 1_024 * 1_024;

const OWNER_ONLY = 0o600;
const BLOCK = Buffer.alloc(4_096);

/**
 * One file of the journal: of a fixed size, and overwritten from its start again and again. It is filled with zeros at first,
 * so that a later write moves nothing but its own blocks; block by block, because the system would keep a large write as one
 * large page, and handle all of it for every small write after.
 */
export class JournalFile {
  readonly #fd: number;

  /** Makes the file anew. Throws when there is no room for it. */
  constructor(path: string) {
    const { O_WRONLY, O_CREAT, O_TRUNC, O_DSYNC } = constants;
    const filling = openSync(path, O_WRONLY | O_CREAT | O_TRUNC, OWNER_ONLY);
    try {
      for (let at = 0; at < JOURNAL_FILE_BYTES;) at += writeSync(filling, BLOCK);
      fsyncSync(filling);
    } finally {
      closeSync(filling);
    }
    this.#fd = openSync(path, O_WRONLY | O_DSYNC);
  }

  /** What a file holds that an earlier process wrote; nothing when there is none. */
  static contentOf(path: string): Buffer {
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  }

  /** Writes all of it; when this resolves, it survives a loss of power (O_DSYNC: the write does not return before). */
  async write(bytes: Buffer, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) done += await this.#writeSome(bytes, done, position + done);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #writeSome(bytes: Buffer, from: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#fd, bytes, from, bytes.length - from, position, (error, written) => {
        if (error === null) resolve(written);
        else reject(error);
      });
    });
  }
}
