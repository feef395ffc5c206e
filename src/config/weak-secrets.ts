import type { Config } from "./config.ts";
import { GOOD_KEY_CHARACTERS, GOOD_PASSWORD_CHARACTERS } from "./setting-parsers.ts";

/** What is to be said of secrets that work and should be better; none is shown. */
export function findWeakSecrets({ secrets }: Config): string[] {
  const { jwtKey, secretKey, adminPassword } = secrets;
  const advice = "`openssl rand -hex 32` makes a good one";
  return [
    isShort(jwtKey, GOOD_KEY_CHARACTERS) && `MSGBIN_JWT_KEY is short: ${advice}`,
    isShort(secretKey, GOOD_KEY_CHARACTERS) && `MSGBIN_SECRET_KEY is short: ${advice}`,
    isShort(adminPassword, GOOD_PASSWORD_CHARACTERS) && "MSGBIN_ADMIN_PASSWORD is short: it will be guessed",
  ].filter((line) => line !== false);
}

function isShort(secret: string | null, good: number): boolean {
  return secret !== null && secret.length < good;
}
