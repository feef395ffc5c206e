/** A door with nothing behind it: node:http, the body parsed, a short answer; when wanted, one durable write before that. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_FILE_BYTES, JournalFile } from "../../src/store/sqlite/journal-file.ts";
import { serveCommands } from "./control.ts";

/** What the journal writes of one message. */
const RECORD_BYTES = 400;

const journal = makeJournal();
let position = 0;
let isDurable = false;

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => void serve(body, response));
});

serveCommands({
  listen: (port: number) => new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(null))),
  durable(value: boolean) {
    isDurable = value;
    return null;
  },
});

/** The file that msgbin's own journal writes to; without a name, so that nothing of it is left when the process ends. */
function makeJournal(): JournalFile {
  const folder = mkdtempSync(join(tmpdir(), "msgbin-floor-"));
  const file = new JournalFile(join(folder, "journal"));
  rmSync(folder, { recursive: true });
  return file;
}

async function serve(body: string, response: ServerResponse): Promise<void> {
  const { text } = JSON.parse(body) as { text: string }; // floor.ts sent it
  if (isDurable) await write(body);
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ text }));
}

function write(body: string): Promise<void> {
  if (position + RECORD_BYTES > JOURNAL_FILE_BYTES) position = 0;
  const at = position;
  position += RECORD_BYTES;
  return journal.write(Buffer.from(body.padEnd(RECORD_BYTES)), at);
}
