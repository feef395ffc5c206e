/** What a browser says about the page that makes a request; a page cannot forge either header. */
export interface OriginFacts {
  readonly method: string;
  readonly secFetchSite: string | undefined;
  readonly origin: string | undefined;
  /** Host and port under which the client reached us. */
  readonly host: string;
  /** The address the outside calls us by, if it is set. */
  readonly publicUrl: string | null;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a request that relies on a cookie may be served: it changes nothing, or it comes from our own page. `Sec-Fetch-Site`
 * counts where there is one; browsers leave it out over plain HTTP, then `Origin` must name us.
 */
export function isFromOwnPage({ method, secFetchSite, origin, host, publicUrl }: OriginFacts): boolean {
  if (SAFE_METHODS.has(method)) return true;
  if (secFetchSite !== undefined) return secFetchSite === "same-origin";
  const page = origin === undefined ? null : URL.parse(origin);
  if (page === null) return false;
  return (
    page.host === hostOf(`${page.protocol}//${host}`) ||
    (publicUrl !== null && page.host === hostOf(publicUrl))
  );
}

function hostOf(url: string): string | undefined {
  return URL.parse(url)?.host;
}
