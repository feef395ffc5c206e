import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DAY_MS, World } from "../src/store/contract/world.ts";
import { createApiClient } from "./support/api-client.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";
import { openStoreOf } from "./support/store-of.ts";

const WITHIN_MS = 120_000;

/** A service that finds messages of long ago when it starts. */
describe("the service with periods of retention", () => {
  let service: Service;
  let ids: { readonly removed: string; readonly emptied: string; readonly kept: string };

  beforeAll(async () => {
    service = await prepareService({
      MSGBIN_RETENTION_DAYS: "30",
      MSGBIN_RETENTION_CONTENT_DAYS: "7",
      MSGBIN_LOG_LEVEL: "info",
    });
    await service.start();
    await service.terminate();
    await using store = await openStoreOf(`${service.dataDir}/msgbin.db`);
    const admin = await store.findCustomer("admin");
    if (admin === null) throw new Error("there is an administrator from the first start on");
    const world = new World({ store, reopen: async () => {}, dispose: async () => {} });
    const accept = async (daysAgo: number) => {
      const entry = world.acceptance({ at: world.in(-daysAgo * DAY_MS), status: "failed" });
      const message = { ...entry.message, customerId: admin.id };
      await store.acceptMessages([{ ...entry, queue: [], message }]);
      return message.id;
    };
    ids = { removed: await accept(31), emptied: await accept(8), kept: await accept(6) };
  });
  afterAll(() => service.dispose());

  it("takes away what is older, shortly after its start, and says so", async () => {
    await service.start();
    const api = createApiClient(service.url, await loginAsAdmin(service.url));
    const answers = (id: string) => api.call("GET", `/v1.0/messages/${id}`);
    await eventually(
      () => answers(ids.removed),
      ({ status }) => status === 404,
      WITHIN_MS,
    );
    const emptied = await eventually(
      () => api.succeed<Record<string, unknown>>("GET", `/v1.0/messages/${ids.emptied}`),
      ({ content_removed }) => content_removed === true,
      WITHIN_MS,
    );
    expect(emptied).toMatchObject({ text: "", targets: [{ status: "failed" }] });
    const kept = await api.succeed<Record<string, unknown>>("GET", `/v1.0/messages/${ids.kept}`);
    expect(kept["text"]).toBe("hello");
    const metrics = await eventually(
      async () => (await fetch(`${service.url}/metrics`)).text(),
      (text) => /^msgbin_retention_swept_timestamp_seconds [1-9]/m.test(text),
      WITHIN_MS,
    );
    expect(metrics).toMatch(/^msgbin_retention_removed_total\{what="message"\} 1$/m);
    expect(metrics).toMatch(/^msgbin_retention_removed_total\{what="content"\} 1$/m);
    const line = /"messages":1,"contents":1,.*old messages were taken away/;
    expect(
      await eventually(
        () => service.output(),
        (output) => line.test(output),
        WITHIN_MS,
      ),
    ).toMatch(line);
  });
});
