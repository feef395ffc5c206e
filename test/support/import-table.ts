/** Who may import what; ARCHITECTURE.md shows exactly these rows. */
export interface ImportRule {
  /** Folders under src, or single files. */
  readonly folders: readonly string[];
  /** What is shown where the folders alone would not say it. */
  readonly foldersShown?: string;
  /** Folders and files under src that they may import besides their own. */
  readonly imports: readonly string[] | "everything";
  readonly importsShown?: string;
  /** Built-ins of Node, without `node:`. */
  readonly builtIns: readonly string[] | "any";
  readonly builtInsShown?: string;
  /** npm packages. */
  readonly packages: readonly string[];
}

export const IMPORT_TABLE: readonly ImportRule[] = [
  { folders: ["domain", "gsm", "smpp/pdu"], imports: [], builtIns: [], packages: [] },
  {
    folders: ["smpp/session"],
    imports: ["smpp/pdu"],
    builtIns: [],
    builtInsShown: "none (time is passed in)",
    packages: [],
  },
  { folders: ["smpp/net"], imports: ["smpp/pdu", "smpp/session"], builtIns: ["net", "tls"], packages: [] },
  { folders: ["routing"], imports: ["domain"], builtIns: [], packages: [] },
  { folders: ["store"], foldersShown: "store (port)", imports: ["domain"], builtIns: [], packages: [] },
  {
    folders: ["store/sqlite"],
    imports: ["store", "domain"],
    importsShown: "store port, domain; never the other engine",
    builtIns: ["sqlite", "worker_threads", "fs", "path", "url", "crypto", "zlib"],
    packages: [],
  },
  {
    folders: ["store/postgres"],
    imports: ["store", "domain"],
    importsShown: "store port, domain; never the other engine",
    builtIns: [],
    packages: ["pg"],
  },
  { folders: ["outbound-http"], imports: ["domain"], builtIns: ["dns", "net", "tls"], packages: ["undici"] },
  {
    folders: ["carriers"],
    imports: ["domain", "gsm", "smpp/pdu", "smpp/session", "smpp/net", "outbound-http"],
    importsShown: "domain, gsm, smpp, outbound-http, media's port",
    builtIns: ["crypto"],
    packages: [],
  },
  {
    folders: ["accept", "inbound", "receipts"],
    imports: ["domain", "gsm", "routing", "store"],
    importsShown: "domain, gsm, routing, store port",
    builtIns: ["crypto"],
    packages: [],
  },
  {
    folders: ["retention"],
    imports: ["domain", "store"],
    importsShown: "domain, store port",
    builtIns: [],
    packages: [],
  },
  {
    folders: ["dispatch"],
    imports: ["domain", "routing", "store", "carriers/carrier.ts"],
    importsShown: "domain, routing, store port, carriers/carrier.ts",
    builtIns: [],
    packages: [],
  },
  {
    folders: ["webhooks"],
    imports: ["domain", "store", "outbound-http"],
    importsShown: "domain, store port, outbound-http",
    builtIns: ["crypto"],
    packages: [],
  },
  { folders: ["media"], imports: ["domain", "outbound-http"], builtIns: ["fs", "crypto"], packages: [] },
  {
    folders: ["api", "smsc"],
    imports: ["domain", "accept", "store", "carriers/carrier.ts"],
    importsShown:
      "domain, accept, store port, the port files of carriers, media and webhooks (smsc: smpp too)",
    builtIns: ["crypto"],
    packages: ["fastify", "@fastify/*", "typebox", "fast-jwt"],
  },
  {
    folders: ["observe"],
    imports: ["domain"],
    importsShown: "domain's interfaces",
    builtIns: "any",
    packages: ["pino", "prom-client"],
  },
  { folders: ["config"], imports: ["domain"], builtIns: ["fs", "path", "crypto", "net"], packages: [] },
  {
    folders: ["cli"],
    imports: ["config", "app.ts", "app", "domain/visible-text.ts"],
    importsShown: "config, app, domain/visible-text.ts, and the HTTP API as a client",
    builtIns: "any",
    packages: ["commander", "@clack/prompts"],
  },
  {
    folders: ["app.ts", "app"],
    foldersShown: "app",
    imports: "everything",
    importsShown: "everything; imported by main and cli only",
    builtIns: "any",
    packages: [],
  },
  { folders: ["main.ts"], foldersShown: "main", imports: ["cli"], builtIns: "any", packages: [] },
];

/** The table as ARCHITECTURE.md has it. */
export function renderImportTable(): string {
  const rows = IMPORT_TABLE.map((rule) => {
    const folders = rule.foldersShown ?? rule.folders.join(", ");
    return `| ${folders} | ${importsOf(rule)} | ${builtInsOf(rule)} | ${listOf(rule.packages)} |`;
  });
  return ["| folder | may import | Node built-ins | packages |", "|---|---|---|---|", ...rows].join("\n");
}

function importsOf({ imports, importsShown }: ImportRule): string {
  if (importsShown !== undefined) return importsShown;
  return imports === "everything" ? imports : listOf(imports, "nothing");
}

function builtInsOf({ builtIns, builtInsShown }: ImportRule): string {
  if (builtInsShown !== undefined) return builtInsShown;
  return builtIns === "any" ? builtIns : listOf(builtIns);
}

function listOf(words: readonly string[], none = "none"): string {
  return words.length === 0 ? none : words.join(", ");
}
