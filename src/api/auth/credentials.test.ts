import { describe, expect, it } from "vitest";
import { type Credential, findCredential } from "./credentials.ts";

const JWT = "jwt";
const KEY = "accesskey";

/** Every place in the order of the contract, the first one first. */
const PLACES: readonly (readonly [string, object, Credential])[] = [
  ["cookie token", { cookies: { token: "1" } }, { kind: JWT, text: "1", isFromCookieAlone: true }],
  ["?token=", { query: { token: "2" } }, { kind: JWT, text: "2", isFromCookieAlone: false }],
  ["bearer", { authorization: "Bearer 3" }, { kind: JWT, text: "3", isFromCookieAlone: false }],
  [
    "cookie accesskey",
    { cookies: { accesskey: "vb_4" } },
    { kind: KEY, text: "vb_4", isFromCookieAlone: true },
  ],
  ["?accesskey=", { query: { accesskey: "vb_5" } }, { kind: KEY, text: "vb_5", isFromCookieAlone: false }],
  [
    "cookie msgbin_session",
    { cookies: { msgbin_session: "6" } },
    { kind: JWT, text: "6", isFromCookieAlone: true },
  ],
];

interface Places {
  readonly cookies?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
}

function find(...places: readonly Places[]): Credential | null {
  return findCredential({
    cookies: Object.assign({}, ...places.map(({ cookies }) => cookies)),
    query: Object.assign({}, ...places.map(({ query }) => query)),
    authorization: places.findLast(({ authorization }) => authorization !== undefined)?.authorization,
  });
}

describe("looking for a credential", () => {
  it.each(PLACES)("finds it in %s", (_name, place, credential) => {
    expect(find(place)).toEqual(credential);
  });

  it.each(PLACES.map(([name], index) => [name, index] as const))(
    "lets %s decide over all that come after it",
    (_name, index) => {
      const [, , credential] = PLACES[index] ?? [];
      expect(find(...PLACES.slice(index).map(([, place]) => place))).toEqual(credential);
    },
  );

  it.each([
    ["?token=", { query: { token: "1" } }],
    ["bearer", { authorization: "Bearer 1" }],
  ])("takes a cookie's token that is named by %s too for no word of a cookie alone", (_name, named) => {
    const cookies = { token: "1" };
    expect(find({ cookies }, named)).toEqual({ kind: JWT, text: "1", isFromCookieAlone: false });
    expect(find({ cookies: { token: "another" } }, named)).toEqual({
      kind: JWT,
      text: "another",
      isFromCookieAlone: true,
    });
  });

  it("takes a cookie's access key that is named too for no word of a cookie alone", () => {
    const [cookies, query] = [{ accesskey: "vb_4" }, { accesskey: "vb_4" }];
    expect(find({ cookies }, { query })).toEqual({ kind: KEY, text: "vb_4", isFromCookieAlone: false });
  });

  it("finds none in a request without one, and counts an empty one as absent", () => {
    expect(find()).toBeNull();
    expect(find({ cookies: { token: "" }, query: { token: "" }, authorization: "Bearer " })).toBeNull();
    expect(find({ cookies: { token: "" }, query: { token: "2" } })?.text).toBe("2");
  });

  it("takes a bearer that begins with vb_ as an access key", () => {
    expect(find({ authorization: "bearer vb_abc" })).toEqual({
      kind: KEY,
      text: "vb_abc",
      isFromCookieAlone: false,
    });
  });

  it.each(["Basic abc", "Bearer", "Bearer a b", "abc"])("takes %j for no bearer", (authorization) => {
    expect(find({ authorization })).toBeNull();
  });

  it("takes the first of a parameter given twice", () => {
    expect(find({ query: { token: ["a", "b"] } })?.text).toBe("a");
  });
});
