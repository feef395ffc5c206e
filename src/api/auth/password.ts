import { scrypt, timingSafeEqual } from "node:crypto";
import type { FillRandom } from "../../domain/ids.ts";

/** N=2^14, r=8, p=5: what OWASP's password storage page lists at 16 MiB a hash. Stored with each hash, so it can be raised later. */
const COST = { ln: 14, r: 8, p: 5 } as const;
/** What a stored cost may ask for; a cost raised later fits in up to ln=17, r=8. */
const MEMORY_MAX_BYTES = 256 * 1_048_576;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** scrypt shares libuv's four threads with files and DNS: half of them stay free. */
const AT_ONCE_MAX = 2;
/** Those who wait for a thread; who comes after is told that the server is busy. */
export const PASSWORD_WAITING_MAX = 64;

const FORM = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$/;

/** Too many passwords are being checked at once; nothing was checked. */
export class PasswordsBusy extends Error {
  override readonly name = "PasswordsBusy";
}

/** Hashes and checks passwords off the event loop, a few at a time. Both throw {@link PasswordsBusy} when too many wait. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** With null (no such customer) it takes the same time and answers false, so that timing tells nobody which usernames exist. */
  matches(password: string, passwordHash: string | null): Promise<boolean>;
}

/** Makes the hasher; one for the process, for it is what bounds the work. */
export function createPasswords(fillRandom: FillRandom): Passwords {
  const inTurn = createTurnstile();
  return {
    hash(password) {
      const salt = new Uint8Array(SALT_BYTES);
      fillRandom(salt);
      return inTurn(async () => {
        const key = await derive(password, salt, COST);
        return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${base64(salt)}$${base64(key)}`;
      });
    },
    matches(password, passwordHash) {
      return inTurn(async () => {
        const stored = passwordHash === null ? NOBODY : parseHash(passwordHash);
        const key = await derive(password, stored.salt, stored.cost);
        return timingSafeEqual(key, stored.key) && stored !== NOBODY;
      });
    },
  };
}

interface Cost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

interface StoredHash {
  readonly cost: Cost;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

const NOBODY: StoredHash = { cost: COST, salt: new Uint8Array(SALT_BYTES), key: new Uint8Array(HASH_BYTES) };

function parseHash(text: string): StoredHash {
  const match = FORM.exec(text);
  if (match === null) throw new Error("a stored password hash has no known form");
  const [, ln, r, p, salt = "", key = ""] = match;
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    key: Buffer.from(key, "base64"),
  };
}

function derive(password: string, salt: Uint8Array, { ln, r, p }: Cost): Promise<Buffer> {
  const cost = 2 ** ln;
  const options = { cost, blockSize: r, parallelization: p, maxmem: MEMORY_MAX_BYTES };
  return new Promise((resolve, reject) => {
    // NFKC, for keyboards differ in how they compose one and the same letter
    scrypt(password.normalize("NFKC"), salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

function createTurnstile(): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= AT_ONCE_MAX) {
      if (waiting.length >= PASSWORD_WAITING_MAX)
        throw new PasswordsBusy("too many passwords are being checked at once");
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next(); // the place is handed on, not given up: nobody can slip in between
    }
  };
}
