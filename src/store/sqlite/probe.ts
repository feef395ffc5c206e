import type { Operation, WriterContext } from "./writer-context.ts";

/** Writes a row, to see whether writing works. */
export function probe({ connection }: WriterContext): Operation {
  const write = connection.prepare("UPDATE probe SET times = times + 1 WHERE one = 1");
  return () => {
    write.run();
    return [];
  };
}
