import { createTokens } from "../api/auth/jwt.ts";
import type { Config } from "../config/config.ts";
import { createSecretBox } from "../config/secret-box.ts";
import { createClock } from "../domain/clock.ts";
import type { CustomerId } from "../domain/ids.ts";
import { readJwtKey } from "./jwt-key.ts";
import { openDirectory, type OpenDirectory } from "./open-directory.ts";
import { secretKeyOf } from "./secret-box-of.ts";
import { StartRefused } from "./start-refused.ts";

/**
 * Makes a token with the key of the data directory, whether a service runs on it or not; reads only. Null when there is no such
 * customer.
 * @param wanted the customer's username or id
 * @throws {StartRefused} when there is nothing there to make it with.
 */
export async function issueToken(config: Config, wanted: string, lifeMs: number): Promise<string | null> {
  const directory = openDirectory(config);
  try {
    const key = config.secrets.jwtKey ?? (await readGeneratedKey(config, directory));
    const customer =
      (await directory.findCustomer(wanted)) ?? (await directory.getCustomer(wanted as CustomerId)); // a name is nobody's id
    if (customer === null || customer.tmDelete !== null) return null;
    const [primary] = await directory.listEndpoints(customer.id);
    const webhook = { method: primary?.method ?? "", uri: primary?.uri ?? "" } as const;
    return createTokens(key, createClock(Date.now)).issue(customer, webhook, lifeMs);
  } finally {
    await directory.close();
  }
}

async function readGeneratedKey(config: Config, directory: OpenDirectory): Promise<string> {
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
