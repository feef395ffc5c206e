import { text } from "./connection.ts";
import type { Operation, WriterContext } from "./writer-context.ts";

/** Writes a setting. */
export function putSetting({ connection, wakes }: WriterContext): Operation {
  const put = connection.prepare("INSERT OR REPLACE INTO settings VALUES (?, ?)");
  return (request) => {
    put.run(request.text(), request.text());
    wakes.directory();
    return [];
  };
}

/** Writes a setting unless it is there, and answers the one that is there now. */
export function settingOnce({ connection }: WriterContext): Operation {
  const put = connection.prepare("INSERT OR IGNORE INTO settings VALUES (?, ?)");
  const get = connection.prepare("SELECT value FROM settings WHERE name = ?");
  return (request) => {
    const [name, value] = [request.text(), request.text()];
    put.run(name, value);
    return [text(get.get(name)?.[0])];
  };
}
