import { existsSync } from "node:fs";
import { createTokens } from "../api/auth/jwt.ts";
import type { Config } from "../config/config.ts";
import { createSecretBox } from "../config/secret-box.ts";
import { createClock } from "../domain/clock.ts";
import { DatabaseRefused } from "../store/sqlite/database-refused.ts";
import { openPostgresDirectory } from "../store/postgres/postgres-directory.ts";
import { openSqliteDirectory, type SqliteDirectory } from "../store/sqlite/sqlite-directory.ts";
import { databaseFile } from "./database-file.ts";
import { readJwtKey } from "./jwt-key.ts";
import { secretKeyOf } from "./secret-box-of.ts";
import { StartRefused } from "./start-refused.ts";

/** What a token is made from, whichever engine keeps it. */
interface Directory extends Pick<SqliteDirectory, "findCustomer" | "listEndpoints" | "getSetting"> {
  close(): void | Promise<void>;
}

/**
 * Makes a token with the key of the data directory, whether a service runs on it or not; reads only.
 * @throws {StartRefused} when there is nothing there to make it with, or no such customer.
 */
export async function issueToken(config: Config, username: string, lifeMs: number): Promise<string> {
  const directory: Directory =
    config.database === null ? openDirectory(config.dataDir) : openPostgresDirectory(config.database.url);
  try {
    const key = config.secrets.jwtKey ?? (await readGeneratedKey(config, directory));
    const customer = await directory.findCustomer(username);
    if (customer === null) throw new StartRefused(`there is no customer ${username} in ${config.dataDir}`);
    const [primary] = await directory.listEndpoints(customer.id);
    const webhook = { method: primary?.method ?? "", uri: primary?.uri ?? "" } as const;
    return createTokens(key, createClock(Date.now)).issue(customer, webhook, lifeMs);
  } finally {
    await directory.close();
  }
}

function openDirectory(dataDir: string): SqliteDirectory {
  const file = databaseFile(dataDir);
  if (!existsSync(file)) {
    throw new StartRefused(
      `there is no msgbin database in ${dataDir}: start \`msgbin serve\` first, or name the place with MSGBIN_DATA_DIR`,
    );
  }
  try {
    return openSqliteDirectory(file);
  } catch (cause) {
    const reason =
      cause instanceof DatabaseRefused ? cause.message : `${file} cannot be read (${String(cause)})`;
    throw new StartRefused(reason, { cause });
  }
}

async function readGeneratedKey(config: Config, directory: Directory): Promise<string> {
  const secretKey = secretKeyOf(config);
  if (secretKey === null) {
    throw new StartRefused(
      `there is no secret.key in ${config.dataDir}: set MSGBIN_SECRET_KEY as for the service`,
    );
  }
  const key = await readJwtKey(directory, createSecretBox(secretKey));
  if (key === null)
    throw new StartRefused("no token was ever made here: set MSGBIN_JWT_KEY as for the service");
  return key;
}
