import type { Door } from "./door.ts";

/** Knows which methods each path serves, for telling "no such path" from "not with this method". */
export interface RouteTable {
  /** Empty when nothing is served at the path. */
  methodsAt(path: string): readonly string[];
}

interface Entry {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Notes every route that is added to the door from now on. */
export function createRouteTable(door: Door): RouteTable {
  const entries = new Map<string, Entry>();
  door.addHook("onRoute", ({ url, method }) => {
    const entry = entries.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    entries.set(url, entry);
    for (const name of [method].flat()) entry.methods.add(name);
  });
  return {
    methodsAt(path) {
      const methods = [...entries.values()]
        .filter(({ pattern }) => pattern.test(path))
        .map((entry) => [...entry.methods]);
      return [...new Set(methods.flat())].toSorted();
    },
  };
}

/** Our paths hold letters, dots, underscores and `:id`; a slash at the end is let pass, as the router does. */
function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(".", "\\.").replaceAll(/:\w+/g, "[^/]+")}/?$`);
}
