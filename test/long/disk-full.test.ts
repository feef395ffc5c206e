import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { type ApiClient, createApiClient } from "../support/api-client.ts";
import { mountSmallDisk } from "../support/small-disk.ts";
import { eventually, loginAsAdmin, prepareService } from "../support/service.ts";

const WITHIN_MS = 60_000;
const DISK_BYTES = 32 * 1_024 * 1_024;
const BEFORE = 50;
const AT_ONCE = 20;
/** Far more than fit in what SQLite may have left of its own files. */
const ATTEMPTS_MAX = 5_000;
const REFUSED_WANTED = 10;

async function sendMany(
  api: ApiClient,
  count: number,
): Promise<readonly { status: number; id: string; headers: Headers; body: unknown }[]> {
  const numbers = Array.from({ length: count }, (_, n) => `+3165551${String(n).padStart(4, "0")}`);
  return Promise.all(
    numbers.map(async (number) => {
      const { status, headers, body } = await api.send([number], "keep me ".repeat(100));
      return { status, headers, body, id: body.id };
    }),
  );
}

it("answers 503 on a full disk, loses nothing, and recovers by itself when there is room", async () => {
  const disk = mountSmallDisk(DISK_BYTES, "disk-full");
  if (disk === null) return;
  const dataDir = join(disk.folder, "data");
  mkdirSync(dataDir, { mode: 0o700 });
  const service = await prepareService({ MSGBIN_DATA_DIR: dataDir });
  try {
    await service.start();
    let api = createApiClient(service.url, await loginAsAdmin(service.url));
    const accepted = (await sendMany(api, BEFORE)).map(({ status, id }) => {
      expect(status).toBe(200);
      return id;
    });

    disk.fill();
    let refused = 0;
    for (let tried = 0; refused < REFUSED_WANTED && tried < ATTEMPTS_MAX; tried += AT_ONCE) {
      for (const { status, id, headers, body } of await sendMany(api, AT_ONCE)) {
        if (status === 200) {
          accepted.push(id);
          continue;
        }
        refused++;
        expect({ status, retryAfter: headers.get("retry-after"), body }).toMatchObject({
          status: 503,
          retryAfter: "10",
          body: {
            error: { status: "UNAVAILABLE", reason: "SERVICE_UNAVAILABLE", request_id: expect.any(String) },
          },
        });
      }
    }
    expect(refused).toBeGreaterThanOrEqual(REFUSED_WANTED);
    expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    expect((await api.message(accepted[0] ?? "")).text).toContain("keep me"); // reading goes on

    disk.empty();
    const again = await eventually(
      () => api.send(["+31655520000"], "there is room again"),
      ({ status }) => status === 200,
      WITHIN_MS,
    );
    accepted.push(again.body.id);
    await untilAllDelivered(api, accepted);

    disk.fill();
    await service.kill();
    disk.empty();
    await service.start();
    api = createApiClient(service.url, await loginAsAdmin(service.url));
    await untilAllDelivered(api, accepted);
    await service.terminate();
    const database = new DatabaseSync(join(dataDir, "msgbin.db"), { readOnly: true });
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    expect(database.prepare("SELECT count(*) AS n FROM messages").get()).toEqual({ n: accepted.length });
    database.close();
  } finally {
    await service.dispose();
    disk.unmount();
  }
});

async function untilAllDelivered(api: ApiClient, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await eventually(
      () => api.message(id),
      ({ targets }) => targets[0]?.status === "delivered",
      WITHIN_MS,
    );
  }
}
