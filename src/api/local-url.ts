interface ListeningAddress {
  readonly address: string;
  readonly family: string;
  readonly port: number;
}

/** The URL by which this machine reaches what listens at an address. */
export function localUrl(listening: ListeningAddress | string | null): string {
  if (listening === null || typeof listening === "string")
    throw new Error("the server listens on no TCP port");
  const { family, port } = listening;
  const host = { "0.0.0.0": "127.0.0.1", "::": "::1" }[listening.address] ?? listening.address;
  return family === "IPv6" ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
