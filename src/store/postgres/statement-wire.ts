import type { Statement, Value } from "./connection.ts";

/** PostgreSQL's frontend messages (protocol 3.0, §55.7 "Message Formats") that a prepared statement needs. */
const CODE = { parse: 0x50, bind: 0x42, describe: 0x44, execute: 0x45, close: 0x43, sync: 0x53 } as const;

const INT32 = 4;
const INT16 = 2;
/** The portal without a name, all of its rows. */
const EXECUTE_BYTES = 1 + INT32 + 1 + INT32;
const SYNC_BYTES = 1 + INT32;
const NULL_LENGTH = -1;

export interface WiredStatement {
  readonly statement: Statement;
  readonly values: readonly Value[];
  /** Not prepared on this connection yet, as far as is known: one of that name is closed first, which is no error. */
  readonly isNew: boolean;
}

interface Sized {
  readonly wired: WiredStatement;
  readonly texts: readonly (string | null)[];
  readonly lengths: readonly number[];
}

/**
 * Statements as they go to the server: one buffer, so one system call, with one Sync behind the last. A statement that fails
 * takes those behind it along.
 */
export function encodeStatements(statements: readonly WiredStatement[]): Buffer {
  const sized = statements.map(sizeOf);
  const bytes = sized.reduce((sum, one) => sum + bytesOf(one), SYNC_BYTES);
  const writer = new MessageWriter(bytes);
  for (const one of sized) writeStatement(writer, one);
  writer.begin(CODE.sync, SYNC_BYTES);
  return writer.buffer;
}

function sizeOf(wired: WiredStatement): Sized {
  const texts = wired.values.map((value) => (value === null ? null : storable(String(value))));
  return { wired, texts, lengths: texts.map((text) => (text === null ? 0 : Buffer.byteLength(text))) };
}

/** PostgreSQL's texts have no U+0000: it becomes U+FFFD, as it would on most handsets. */
function storable(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}

function bytesOf(sized: Sized): number {
  const { statement, isNew } = sized.wired;
  const prepare = isNew ? closeBytes(statement) + parseBytes(statement) + DESCRIBE_BYTES : 0;
  return prepare + bindBytes(sized) + EXECUTE_BYTES;
}

const DESCRIBE_BYTES = 1 + INT32 + 1 + 1;

function closeBytes({ name }: Statement): number {
  return 1 + INT32 + 1 + Buffer.byteLength(name) + 1;
}

function parseBytes({ name, text }: Statement): number {
  return 1 + INT32 + Buffer.byteLength(name) + 1 + Buffer.byteLength(text) + 1 + INT16;
}

function bindBytes({ wired, lengths }: Sized): number {
  const values = lengths.reduce((sum, length) => sum + INT32 + length, 0);
  return 1 + INT32 + 1 + Buffer.byteLength(wired.statement.name) + 1 + INT16 + INT16 + values + INT16;
}

function writeStatement(writer: MessageWriter, sized: Sized): void {
  const { statement, isNew } = sized.wired;
  if (isNew) {
    writer.begin(CODE.close, closeBytes(statement)).byte(STATEMENT).text(statement.name).byte(0);
    writer
      .begin(CODE.parse, parseBytes(statement))
      .text(statement.name)
      .byte(0)
      .text(statement.text)
      .byte(0)
      .int16(0);
  }
  // All values as text, all results too: no format codes.
  writer
    .begin(CODE.bind, bindBytes(sized))
    .byte(0)
    .text(statement.name)
    .byte(0)
    .int16(0)
    .int16(sized.texts.length);
  for (const [index, text] of sized.texts.entries()) {
    writer.int32(text === null ? NULL_LENGTH : (sized.lengths[index] ?? 0));
    if (text !== null) writer.text(text);
  }
  writer.int16(0);
  if (isNew) writer.begin(CODE.describe, DESCRIBE_BYTES).byte(PORTAL).byte(0);
  writer.begin(CODE.execute, EXECUTE_BYTES).byte(0).int32(0);
}

const STATEMENT = 0x53;
const PORTAL = 0x50;

class MessageWriter {
  readonly buffer: Buffer;
  #at = 0;

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafe(bytes);
  }

  /** @param bytes of the whole message; its own length field leaves the code out. */
  begin(code: number, bytes: number): this {
    return this.byte(code).int32(bytes - 1);
  }

  byte(value: number): this {
    this.buffer[this.#at++] = value;
    return this;
  }

  int16(value: number): this {
    this.#at = this.buffer.writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.buffer.writeInt32BE(value, this.#at);
    return this;
  }

  text(value: string): this {
    this.#at += this.buffer.write(value, this.#at);
    return this;
  }
}
