import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { createPublicResolve, resolveLocally } from "./resolve.ts";

const TYPE_A = 1;
const TYPE_AAAA = 28;
const NXDOMAIN = 3;

type Records = Readonly<Record<number, readonly number[]>>;

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

describe("createPublicResolve", () => {
  it("answers the addresses of both families, IPv4 first", async () => {
    const v6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const resolve = createPublicResolve([await nameServer({ [TYPE_A]: [192, 0, 2, 7], [TYPE_AAAA]: v6 })]);
    expect(await resolve("both.example")).toEqual(["192.0.2.7", "2001:db8::1"]);
  });

  it("answers the one family that there is", async () => {
    const resolve = createPublicResolve([await nameServer({ [TYPE_A]: [192, 0, 2, 7] })]);
    expect(await resolve("four.example")).toEqual(["192.0.2.7"]);
  });

  it("throws for a name that is not there", async () => {
    const resolve = createPublicResolve([await nameServer({})]);
    await expect(resolve("none.example")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

describe("resolveLocally", () => {
  it("knows the names of this machine", async () => {
    expect(await resolveLocally("localhost")).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.|::1)/)]),
    );
  });
});

/** A name server with the same records for every name; answers its address. */
async function nameServer(records: Records): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (query, peer) => socket.send(answerTo(query, records), peer.port, peer.address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  cleanUps.push(async () => {
    socket.close();
    await once(socket, "close");
  });
  return `127.0.0.1:${socket.address().port}`;
}

/** RFC 1035 §4.1: header, the question repeated, one answer that points to its name. */
function answerTo(query: Buffer, records: Records): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5;
  const type = query.readUInt16BE(questionEnd - 4);
  const address = records[type];
  const code = Object.keys(records).length === 0 ? NXDOMAIN : 0;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(address === undefined ? 0 : 1, 6);
  const question = query.subarray(12, questionEnd);
  if (address === undefined) return Buffer.concat([header, question]);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(address.length, 10);
  return Buffer.concat([header, question, record, Buffer.from(address)]);
}
