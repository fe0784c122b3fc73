/** The documents that nobody writes by hand, by path. */
import { apiDocument } from "./api-document.ts";
import { configurationDocument } from "./configuration-document.ts";
import { eventsDocument } from "./events-document.ts";
import { protocolPages } from "./protocol-pages.ts";
import { rpcDocument } from "./rpc-document.ts";

/** Each path with the text that belongs there. */
export async function generatedDocuments(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["docs/EVENTS.md", eventsDocument()],
    ["docs/API.md", await apiDocument()],
    ["docs/CONFIGURATION.md", configurationDocument()],
    ["docs/RPC.md", rpcDocument()],
    ...(await protocolPages()),
  ]);
}
