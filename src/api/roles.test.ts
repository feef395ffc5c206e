import { afterEach, describe, expect, it } from "vitest";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

describe("a node without the role api", () => {
  let open: OpenDoor | null = null;
  afterEach(() => open?.close());

  it("tells how it is and serves nothing else", async () => {
    open = await openDoor({ servesApi: false });
    for (const path of ["/healthz", "/readyz", "/metrics", "/ping"])
      expect({ path, status: (await open.call("GET", path)).status }).toEqual({ path, status: 200 });
    for (const path of ["/v1.0/messages", "/auth/login", "/docs", "/openapi.json", "/v1.0/ws"]) {
      const { status, json } = await open.call("GET", path);
      expect({ path, status }).toEqual({ path, status: 404 });
      expect(json).toMatchObject({ error: { status: "NOT_FOUND" } });
    }
  });
});
