import { openForReading } from "./open-database.ts";
import { Reader } from "./reader.ts";
import { serveThread } from "./thread-shell.ts";

serveThread((file) => new Reader(openForReading(file)));
