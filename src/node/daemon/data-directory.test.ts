/** Tests of the folder of a node. */
import { describe, expect } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unit } from "../../../test/kind.ts";
import type { Address } from "../../crypto/address.ts";
import { NodeError } from "../../primitives/node-error.ts";
import {
  claimDataDirectory,
  forgetRunning,
  keepPeers,
  keptPeers,
  type NodeIdentity,
  openDataDirectory,
  tellRunning,
} from "./data-directory.ts";

const identity: NodeIdentity = {
  address: `0x${"a1".repeat(20)}` as Address,
  chainId: 31_337n,
  adjudicator: `0x${"ad".repeat(20)}` as Address,
};

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "channels-data-"));
  try {
    use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function refusal(folder: string, changed: Partial<NodeIdentity>): string {
  try {
    openDataDirectory(folder, { ...identity, ...changed });
    return "none";
  } catch (error) {
    return error instanceof NodeError ? error.code : String(error);
  }
}

describe("data directories", () => {
  unit("are made for their owner alone, with the folders above them", () =>
    inFolder((folder) => {
      const data = join(folder, "a", "b");
      openDataDirectory(data, identity);
      claimDataDirectory(data, identity);

      expect(statSync(data).mode & 0o777).toBe(0o700);
      expect(statSync(join(data, "identity.json")).mode & 0o777).toBe(0o600);
    }),
  );

  unit("belong to one key, one chain and one adjudicator, once a node has run there", () =>
    inFolder((folder) => {
      const others: Partial<NodeIdentity>[] = [
        { chainId: 1n },
        { address: identity.adjudicator },
        { adjudicator: identity.address },
      ];
      openDataDirectory(folder, identity);
      expect(others.map((other) => refusal(folder, other))).toEqual(["none", "none", "none"]);
      claimDataDirectory(folder, identity);
      expect(refusal(folder, {})).toBe("none");
      expect(others.map((other) => refusal(folder, other))).toEqual([
        "WrongChain",
        "NotALog",
        "NotALog",
      ]);
      writeFileSync(join(folder, "identity.json"), "{");
      expect(refusal(folder, {})).toBe("NotALog");
    }),
  );

  unit("say where the node is while it runs", () =>
    inFolder((folder) => {
      const { address } = identity;
      tellRunning(folder, { address, api: "http://127.0.0.1:1", processId: 7 });
      expect(JSON.parse(readFileSync(join(folder, "node.json"), "utf8"))).toEqual({
        address,
        api: "http://127.0.0.1:1",
        processId: 7,
      });
      forgetRunning(folder);
      forgetRunning(folder);
      expect(() => statSync(join(folder, "node.json"))).toThrow();
    }),
  );

  unit("keep whom requests have added, and refuse what no node has written", () =>
    inFolder((folder) => {
      const peers = [{ address: identity.address, places: ["tcp://10.0.0.1:3005"] }];
      expect(keptPeers(folder)).toEqual([]);
      keepPeers(folder, peers);
      expect(keptPeers(folder)).toEqual(peers);

      const texts = ["", "{", "[]", '{"version":2,"peers":[]}'];
      const place = '{"version":1,"peers":[{"address":"0x1","places":[]}]}';
      for (const text of [...texts, place]) {
        writeFileSync(join(folder, "peers.json"), text);
        expect(() => keptPeers(folder)).toThrow(/peers.json is not as a node writes it/);
      }
    }),
  );
});
