import { isIPv4, isIPv6 } from "node:net";

/**
 * IPv4 blocks that are no address of a public host: the IANA special-purpose registry, multicast, and one public address that a
 * cloud answers itself. Everything else is public.
 */
const RESERVED_V4 = [
  ["0.0.0.0", 8, "unspecified"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "carrier-grade NAT"],
  ["127.0.0.0", 8, "loopback"],
  ["168.63.129.16", 32, "cloud metadata"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "protocol assignment"],
  ["192.0.2.0", 24, "documentation"],
  ["192.31.196.0", 24, "protocol assignment"],
  ["192.52.193.0", 24, "protocol assignment"],
  ["192.88.99.0", 24, "6to4 relay"],
  ["192.168.0.0", 16, "private"],
  ["192.175.48.0", 24, "protocol assignment"],
  ["198.18.0.0", 15, "benchmarking"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
] as const;

/**
 * IPv6 blocks that are no address of a public host. Only 2000::/3 is global unicast (RFC 4291 §2.4), so the rows inside it are
 * refused and those outside it only give the refusal a better name.
 */
const RESERVED_V6 = [
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["::ffff:0:0", 96, "IPv4-mapped"],
  ["::", 96, "IPv4-compatible"],
  ["64:ff9b:1::", 48, "private translation"],
  ["100::", 64, "discard"],
  ["2001::", 23, "protocol assignment"],
  ["2001:db8::", 32, "documentation"],
  ["2002::", 16, "6to4"],
  ["2620:4f:8000::", 48, "protocol assignment"],
  ["3fff::", 20, "documentation"],
  ["5f00::", 16, "segment routing"],
  ["fc00::", 7, "unique local"],
  ["fe80::", 10, "link-local"],
  ["fec0::", 10, "site-local"],
  ["ff00::", 8, "multicast"],
] as const;

interface Block {
  readonly prefix: bigint;
  /** How far to shift an address to the right so that the prefix is left. */
  readonly shift: bigint;
  readonly name: string;
}

const BLOCKS_V4 = RESERVED_V4.map(([start, bits, name]) => block(valueOfV4(start), 32 - bits, name));
const BLOCKS_V6 = RESERVED_V6.map(([start, bits, name]) => block(valueOfV6(start), 128 - bits, name));
const GLOBAL_UNICAST = block(valueOfV6("2000::"), 125, "global unicast");
/** An IPv4 address behind a NAT64 gateway (RFC 6052): as public as the address it holds in its last 32 bits. */
const TRANSLATED = block(valueOfV6("64:ff9b::"), 32, "translated");

/** Why an IP address is not one of a public host, in a word or two; null when it is public. */
export function refusalOf(address: string): string | null {
  if (isIPv4(address)) return refusalOfV4(valueOfV4(address));
  if (isIPv6(address) && !address.includes("%")) return refusalOfV6(valueOfV6(address));
  return "not an address";
}

function refusalOfV4(value: bigint): string | null {
  return BLOCKS_V4.find((block) => holds(block, value))?.name ?? null;
}

function refusalOfV6(value: bigint): string | null {
  if (holds(TRANSLATED, value)) return refusalOfV4(value & 0xffff_ffffn);
  const reserved = BLOCKS_V6.find((block) => holds(block, value));
  if (reserved !== undefined) return reserved.name;
  return holds(GLOBAL_UNICAST, value) ? null : "reserved";
}

function block(start: bigint, hostBits: number, name: string): Block {
  const shift = BigInt(hostBits);
  return { prefix: start >> shift, shift, name };
}

function holds(block: Block, value: bigint): boolean {
  return value >> block.shift === block.prefix;
}

function valueOfV4(text: string): bigint {
  return text.split(".").reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

/** Reads an IPv6 address that is known to be well formed, in any spelling: `::`, a dotted IPv4 tail. */
function valueOfV6(text: string): bigint {
  const [head = "", tail] = text.split("::");
  const front = hextetsOf(head);
  const back = tail === undefined ? [] : hextetsOf(tail);
  const zeros = Array<bigint>(8 - front.length - back.length).fill(0n);
  return [...front, ...zeros, ...back].reduce((value, hextet) => (value << 16n) | hextet, 0n);
}

function hextetsOf(text: string): bigint[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [BigInt(`0x${part}`)];
    const value = valueOfV4(part);
    return [value >> 16n, value & 0xffffn];
  });
}
