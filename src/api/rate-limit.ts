import { Refusal } from "./errors.ts";

/** Buckets remembered at once; the one idle longest is forgotten first, which at worst gives its owner a full bucket. */
export const BUCKETS_MAX = 10_000;

export type Taken = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };

/** Token buckets by key: each fills at a steady rate up to its burst, and a request takes one token. */
export interface Buckets {
  take(key: string): Taken;
  /** Puts back a token that turned out not to be owed. */
  giveBack(key: string): void;
}

export interface BucketRate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

const TAKEN: Taken = { ok: true };

/**
 * Makes buckets of one rate; with null nothing is ever refused.
 * @param monotonicMs not the wall clock: set back by an hour, it would keep every bucket empty for an hour.
 */
export function createBuckets(rate: BucketRate | null, monotonicMs: () => number): Buckets {
  if (rate === null) return { take: () => TAKEN, giveBack: () => undefined };
  const buckets = new Map<string, Bucket>();

  function bucketOf(key: string): Bucket {
    const now = monotonicMs();
    const known = buckets.get(key);
    buckets.delete(key); // set again below, so that the Map's order is the order of use
    const bucket = known ?? { tokens: rateOf.burst, filledAtMs: now };
    const filled = bucket.tokens + ((now - bucket.filledAtMs) / 1_000) * rateOf.perSecond;
    bucket.tokens = Math.min(rateOf.burst, filled);
    bucket.filledAtMs = now;
    buckets.set(key, bucket);
    if (buckets.size > BUCKETS_MAX) forgetOldest(buckets);
    return bucket;
  }

  const rateOf = rate;
  return {
    take(key) {
      const bucket = bucketOf(key);
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return TAKEN;
      }
      const seconds = (1 - bucket.tokens) / rateOf.perSecond;
      return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(seconds)) };
    },
    giveBack(key) {
      const bucket = bucketOf(key);
      bucket.tokens = Math.min(rateOf.burst, bucket.tokens + 1);
    },
  };
}

function forgetOldest(buckets: Map<string, Bucket>): void {
  const oldest = buckets.keys().next();
  if (oldest.done !== true) buckets.delete(oldest.value);
}

/** The refusal of a request that found no token, with the time to wait; undefined when it found one. */
export function overRate(taken: Taken): Refusal | undefined {
  if (taken.ok) return undefined;
  const seconds = String(taken.retryAfterSeconds);
  const headers = { "retry-after": seconds };
  return new Refusal("RATE_LIMIT_EXCEEDED", `too many requests; try again in ${seconds} s`, { headers });
}

/** Ends the request when it found no token. */
export function refuseOverRate(taken: Taken): void {
  const refusal = overRate(taken);
  if (refusal !== undefined) throw refusal;
}

/** Groups addresses as networks hand them out: one IPv4 address, or the /64 that an IPv6 host may pick from at will. */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = "", tail] = address.split("::", 2);
  const groups = head === "" ? [] : head.split(":");
  const tailGroups = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - tailGroups.length);
  return [...groups, ...Array.from({ length: zeros }, () => "0"), ...tailGroups].slice(0, 4).join(":");
}
