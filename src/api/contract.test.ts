import { existsSync, readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type OpenDoor, openDoor } from "./fixtures/open-door.ts";

/** VoIPBIN's own description; it comes with no clone of this project. */
const DESCRIPTION = new URL("../../../shared/voipbin/openapi-message.yaml", import.meta.url);

const POSTED = {
  source: { type: "tel", target: "+821028286521" },
  destinations: [{ type: "tel", target: "+31616818985" }, { target: "+31616818986" }],
  text: "hello, this is test message.",
};

let open: OpenDoor;
beforeAll(async () => {
  open = await openDoor();
});
afterAll(async () => {
  await open.close();
});

/** Answers of every kind that VoIPBIN describes, by the place of its schema in the description. */
async function collectAnswers(): Promise<readonly (readonly [string, unknown])[]> {
  const ask = async (method: string, path: string, body?: unknown) =>
    (await open.call(method, path, { as: open.acme, ...(body !== undefined && { body }) })).json;
  const message = (await ask("POST", "/v1.0/messages", POSTED)) as { readonly id: string };
  const key = (await ask("POST", "/v1.0/accesskeys", { name: "k", detail: "d", expire: 60 })) as {
    readonly id: string;
  };
  const flows = { call_flow_id: "", message_flow_id: "", name: "Support", detail: "" };
  const number = (await ask("POST", "/v1.0/numbers", { number: "+14155551234", ...flows })) as {
    readonly id: string;
  };
  return [
    ["post /messages 200", message],
    ["get /messages/{id} 200", await ask("GET", `/v1.0/messages/${message.id}`)],
    ["get /messages 200", await ask("GET", "/v1.0/messages?page_size=10")],
    ["delete /messages/{id} 200", await ask("DELETE", `/v1.0/messages/${message.id}`)],
    ["get /messages/{id} 404", await ask("GET", `/v1.0/messages/${message.id}`)],
    ["post /messages 400", await ask("POST", "/v1.0/messages", { ...POSTED, destinations: [] })],
    ["get /messages 401", (await open.call("GET", "/v1.0/messages")).json],
    ["post /accesskeys 200", key],
    ["get /accesskeys 200", await ask("GET", "/v1.0/accesskeys")],
    ["get /accesskeys/{id} 200", await ask("GET", `/v1.0/accesskeys/${key.id}`)],
    ["put /accesskeys/{id} 200", await ask("PUT", `/v1.0/accesskeys/${key.id}`, { name: "n", detail: "" })],
    ["delete /accesskeys/{id} 200", await ask("DELETE", `/v1.0/accesskeys/${key.id}`)],
    ["post /numbers 200", number],
    ["get /numbers 200", await ask("GET", "/v1.0/numbers")],
    ["get /numbers/{id} 200", await ask("GET", `/v1.0/numbers/${number.id}`)],
    ["put /numbers/{id} 200", await ask("PUT", `/v1.0/numbers/${number.id}`, flows)],
    ["delete /numbers/{id} 200", await ask("DELETE", `/v1.0/numbers/${number.id}`)],
    ["get /me 200", await ask("GET", "/v1.0/me")],
    ["get /customer 200", await ask("GET", "/v1.0/customer")],
    [
      "put /customer 200",
      await ask("PUT", "/v1.0/customer", {
        name: "n",
        webhook_method: "POST",
        webhook_uri: "https://example.com",
      }),
    ],
  ];
}

interface Described {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>>
  >;
  readonly components: { readonly responses: Readonly<Record<string, Response>> };
}

interface Response {
  readonly $ref?: string;
  readonly content?: { readonly "application/json": { readonly schema: object } };
}

/** Compiles VoIPBIN's schemas; formats are off, for it calls date-time what is none on the page and null in the service. */
function createJudge(description: Described): (place: string) => ValidateFunction {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ ...description, $id: "voipbin" });
  return (place) => {
    const [method = "", path = "", status = ""] = place.split(" ");
    const response = description.paths[path]?.[method]?.responses[status];
    if (response === undefined) throw new Error(`VoIPBIN describes no ${place}`);
    const named = response.$ref?.split("/").at(-1);
    const resolved = named === undefined ? response : description.components.responses[named];
    const schema = resolved?.content?.["application/json"].schema ?? {};
    return ajv.compile(
      JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', '"$ref":"voipbin#')) as object,
    );
  };
}

function keysOf(value: unknown): readonly string[] {
  return Object.keys(value as object);
}

describe("answers", () => {
  it("have the shapes that VoIPBIN describes", async () => {
    const answers = await collectAnswers();
    expect(answers.filter(([, answer]) => typeof answer !== "object")).toEqual([]);
    if (!existsSync(DESCRIPTION)) {
      console.log("not run: VoIPBIN's API description is not beside this project");
      return;
    }
    const judge = createJudge(parse(readFileSync(DESCRIPTION, "utf8")) as Described);
    const wrong = answers.flatMap(([place, answer]) => {
      const validate = judge(place);
      return validate(answer) ? [] : [{ place, errors: validate.errors }];
    });
    expect(wrong).toEqual([]);
    expect(judge("post /messages 200")({ id: 7 })).toBe(false);
    expect(judge("get /messages 401")({ error: {} })).toBe(false);
  });

  it("hold every key that VoIPBIN's clients read", async () => {
    const answers = new Map(await collectAnswers());
    const message = answers.get("get /messages/{id} 200") as {
      readonly targets: readonly unknown[];
      readonly source: unknown;
    };
    expect(keysOf(message)).toEqual(
      expect.arrayContaining([
        "id",
        "customer_id",
        "type",
        "source",
        "targets",
        "text",
        "direction",
        "tm_create",
        "tm_update",
        "tm_delete",
      ]),
    );
    expect(keysOf(message.source)).toEqual(["type", "target", "target_name", "name", "detail"]);
    expect(keysOf(message.targets[0])).toEqual(["destination", "status", "parts", "tm_update"]);
    expect(keysOf(answers.get("get /messages 200"))).toEqual(["result", "next_page_token"]);
    expect(keysOf((answers.get("get /messages 401") as { readonly error: unknown }).error)).toEqual([
      "status",
      "reason",
      "message",
      "request_id",
      "details",
    ]);
  });
});
