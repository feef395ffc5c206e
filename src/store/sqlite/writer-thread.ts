import { openForWriting } from "./open-database.ts";
import { serveThread } from "./thread-shell.ts";
import { Writer } from "./writer.ts";

serveThread((file) => new Writer(openForWriting(file)));
