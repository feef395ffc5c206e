import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiClient } from "./support/api-client.ts";
import { eventually, loginAsAdmin, prepareService, type Service } from "./support/service.ts";

const WITHIN_MS = 30_000;
const NUMBER = "+821155667788";
const HANDSETS = {
  delivered: "+31655512301",
  unreachable: "+31600000002",
  refused: "+31600000021",
  writes: "+31655512302",
  lost: "+31655512303",
} as const;
const WRONG_NUMBER = "+3165551230455555555";
/** Everything that people wrote holds this word. */
const SPOKEN = "xylophone";
const PASSWORDS = {
  wrong: "wrong-password-zyxw",
  customer: "customer-password-zyxw",
  carrier: "carrpw42",
} as const;
/** In what webhooks answer, which the attempt log keeps and the log of the process does not. */
const ANSWERED = "answered-vibraphone";

/** Runs a service at its most talkative through everything it does, and reads all that it wrote. */
describe("the log of a full run", () => {
  let service: Service;
  let receiver: Server;
  let hook: string;
  const secrets: string[] = [];

  beforeAll(async () => {
    let calls = 0;
    receiver = createServer((request, response) => {
      request.resume();
      response.writeHead(calls++ % 2 === 0 ? 500 : 200).end(ANSWERED);
    }).listen(0, "127.0.0.1");
    await once(receiver, "listening");
    const address = receiver.address();
    if (address === null || typeof address === "string") throw new Error("no address");
    hook = `http://127.0.0.1:${address.port}/hook?secret=hook-query-zyxw`;
    service = await prepareService({
      MSGBIN_LOG_LEVEL: "debug",
      MSGBIN_SECRET_KEY: "secret-key-zyxw-0123456789abcdef",
    });
    await service.start();
    await liveThrough();
    await service.kill();
    await service.start();
    await service.terminate();
  });
  afterAll(async () => {
    await service.dispose();
    receiver.closeAllConnections();
    receiver.close();
  });

  async function liveThrough(): Promise<void> {
    const token = await loginAsAdmin(service.url);
    const api = createApiClient(service.url, token);
    secrets.push(token);
    await login("admin", PASSWORDS.wrong);
    await login(`${SPOKEN}-nobody`, PASSWORDS.wrong);

    const added = await api.succeed<{ webhook_secret: string }>("POST", "/v1.0/customers", {
      username: "acme",
      password: PASSWORDS.customer,
      webhook_method: "POST",
      webhook_uri: hook,
    });
    const webhook = await api.succeed<{ id: string; webhook_secret: string }>("POST", "/v1.0/webhooks", {
      uri: hook,
    });
    const rotated = await api.succeed<{ webhook_secret: string }>(
      "POST",
      `/v1.0/webhooks/${webhook.id}/rotate`,
      {},
    );
    const key = await api.succeed<{ token: string }>("POST", "/v1.0/accesskeys", { name: "k" });
    secrets.push(added.webhook_secret, webhook.webhook_secret, rotated.webhook_secret, key.token);
    await api.call("POST", `/v1.0/webhooks/${webhook.id}/test`, {});

    await api.succeed("POST", "/v1.0/numbers", { number: NUMBER });
    const sent = await Promise.all(
      [HANDSETS.delivered, HANDSETS.unreachable, HANDSETS.refused].map((handset) =>
        api.send([handset], `${SPOKEN} out`),
      ),
    );
    for (const { body } of sent) {
      await eventually(
        () => api.message(body.id),
        ({ targets }) => ["delivered", "failed"].includes(targets[0]?.status ?? ""),
        WITHIN_MS,
      );
    }
    await converse(api);
    await fail(api, key.token);

    const url = `smpp://carrsystem:${PASSWORDS.carrier}@127.0.0.1:1?window=5`;
    await api.succeed("POST", "/v1.0/carriers", { name: "dead", url });
    await api.call("POST", "/v1.0/carriers", { name: "wrong", url: `${url}&widow=5` });
    await eventually(
      () => service.output(),
      (output) => output.includes("dead"),
      WITHIN_MS,
    );
    await api.call("DELETE", "/v1.0/carriers/dead?force=true");
    const simulated = `smpp://carrsystem:${PASSWORDS.carrier}@127.0.0.1:${service.simulatorPort}`;
    await api.succeed("POST", "/v1.0/carriers", { name: "simulated", url: simulated });
    await api.succeed("POST", "/v1.0/erasures", { number: HANDSETS.delivered });
    await eventually(
      () =>
        api.succeed<{ result: readonly { status_code: number | null }[] }>(
          "GET",
          `/v1.0/webhooks/${webhook.id}/attempts`,
        ),
      ({ result }) => result.some(({ status_code: status }) => status === 500),
      WITHIN_MS,
    );
    await api.send([HANDSETS.lost], `${SPOKEN} at the moment of the kill`);
  }

  async function login(username: string, password: string): Promise<void> {
    await fetch(`${service.url}/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
  }

  async function fail(api: ReturnType<typeof createApiClient>, accessKey: string): Promise<void> {
    await api.send([WRONG_NUMBER], `${SPOKEN} to a wrong number`);
    await api.call(
      "GET",
      `/v1.0/messages?text=${SPOKEN}&destination=${encodeURIComponent(HANDSETS.delivered)}`,
    );
    await api.call("GET", `/v1.0/${SPOKEN}/${encodeURIComponent(HANDSETS.delivered)}`);
    await api.call("GET", `/v1.0/messages/${encodeURIComponent(HANDSETS.delivered)}`);
    await api.call("POST", "/v1.0/messages", `${SPOKEN} ${HANDSETS.delivered}`);
    await fetch(`${service.url}/v1.0/messages?accesskey=${accessKey}&token=${secrets[0]}`);
    await fetch(`${service.url}/v1.0/messages?token=${PASSWORDS.wrong}`);
    await fetch(`${service.url}/v1.0/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${accessKey}`, "content-type": "application/json" },
      body: `{"text": "${SPOKEN}", "destinations": [${HANDSETS.delivered}`,
    });
    await fetch(`${service.url}/v1.0/messages`, { headers: { cookie: `token=${PASSWORDS.wrong}` } });
  }

  it("is there, and tells of what happened", () => {
    const output = service.output();
    expect(output.match(/msgbin runs/g)?.length).toBeGreaterThanOrEqual(2);
    expect(output).toContain('"carrier":"dead"');
  });

  it("holds no text", () => {
    expect(linesWith(SPOKEN, ANSWERED)).toEqual([]);
  });

  it("holds no whole number", () => {
    const numbers = [NUMBER, "+821100000001", "+821155660000", WRONG_NUMBER, ...Object.values(HANDSETS)];
    expect(linesWith(...numbers.map((number) => number.slice(1)))).toEqual([]);
  });

  it("holds no password, token, key or secret", () => {
    expect(secrets.every((secret) => secret.length > 10)).toBe(true);
    expect(linesWith("zyxw", PASSWORDS.carrier, "correct horse", "eyJ", "whsec_", "vb_", ...secrets)).toEqual(
      [],
    );
  });

  it("would show a line that gives something away", () => {
    expect(findLines(`a\nb ${SPOKEN}\nc`, [SPOKEN])).toEqual([`b ${SPOKEN}`]);
  });

  function linesWith(...words: readonly string[]): readonly string[] {
    return findLines(service.output(), words);
  }
});

function findLines(output: string, words: readonly string[]): readonly string[] {
  return output.split("\n").filter((line) => words.some((word) => line.includes(word)));
}

async function converse(api: ReturnType<typeof createApiClient>): Promise<void> {
  const path = `/v1.0/simulator/handsets/${encodeURIComponent(HANDSETS.writes)}/messages`;
  for (const text of [`${SPOKEN} in`, `${SPOKEN} in three parts `.repeat(20), "STOP", "START"]) {
    await api.succeed("POST", path, { to: NUMBER, text });
  }
  await api.succeed("POST", path, { to: "+821155660000", text: `${SPOKEN} to nobody` });
  await eventually(
    () => api.succeed<{ result: readonly unknown[] }>("GET", `/v1.0/messages?direction=inbound&page_size=10`),
    ({ result }) => result.length >= 2,
    WITHIN_MS,
  );
}
