/** Where the database of a queue is, as a user writes it and as a message tells it. */

/** A PostgreSQL server, or a folder for the one that is embedded in this process. */
export type DatabasePlace =
  | { readonly type: "Server"; readonly url: URL }
  | { readonly type: "Embedded"; readonly folder: string };

/** The address of a PostgreSQL database; undefined when the text is none. */
export function parseDatabaseUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol) || url.hostname === "") {
    return undefined;
  }
  return url;
}

/** A place for people: without the password. */
export function placeName(place: DatabasePlace): string {
  if (place.type === "Embedded") return `the database in ${place.folder}`;
  const { hostname, pathname, port } = place.url;
  return `the database ${pathname.slice(1) || "of its user"} at ${hostname}:${port || "5432"}`;
}
