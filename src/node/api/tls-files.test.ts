/** The API over TLS: what is refused at the start, and who is believed. */
import { describe, expect } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startScene, tokenFor } from "../../../test/api-scene.ts";
import { integration, unit } from "../../../test/kind.ts";
import {
  CERTIFICATE_KEY_PEM,
  CERTIFICATE_PEM,
  OTHER_KEY_PEM,
} from "../../../test/test-certificate.ts";
import { connectNode } from "../client/node-client.ts";
import { readTlsFiles } from "./tls-files.ts";

describe("readTlsFiles", () => {
  unit("takes a certificate with its key, and says what is wrong with another pair", () => {
    const folder = mkdtempSync(join(tmpdir(), "channels-tls-"));
    const file = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const certificate = file("certificate.pem", CERTIFICATE_PEM);
    const key = file("key.pem", CERTIFICATE_KEY_PEM);
    const whyNot = (one: string, other: string): string => {
      const read = readTlsFiles(one, other);
      return read.ok ? "nothing" : read.reason.why;
    };
    try {
      expect(readTlsFiles(certificate, key)).toEqual({
        ok: true,
        value: { cert: CERTIFICATE_PEM, key: CERTIFICATE_KEY_PEM },
      });
      expect(whyNot(certificate, file("other.pem", OTHER_KEY_PEM))).toContain("is not the key of");
      expect(whyNot(certificate, certificate)).toContain("holds no private key");
      expect(whyNot(key, key)).toContain("holds no certificate");
      expect(() => readTlsFiles(join(folder, "none.pem"), key)).toThrow("none.pem");
      chmodSync(key, 0o644);
      expect(whyNot(certificate, key)).toContain("chmod 600");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("an API with a certificate", () => {
  integration("answers its owner's commands, and nobody else who does not know it", async () => {
    const tls = { cert: CERTIFICATE_PEM, key: CERTIFICATE_KEY_PEM };
    const scene = await startScene(["alice", "bob"], { tls });
    const { url } = scene.api("alice");
    const token = tokenFor(["manage"]);
    try {
      const own = connectNode({ url, token, isOwn: true });
      expect(url).toStartWith("https://");
      expect(await own.call("node_info", {})).toMatchObject({ chainId: "31337" });
      const shares = [{ asset: `0x${"00".repeat(20)}`, mine: "1", theirs: "0" }];
      await own.call("channels_open_direct", { peer: scene.nodes.addressOf("bob"), shares });
      for await (const { offset } of own.events({ from: 0 })) {
        expect(offset).toBe(0);
        break;
      }
      const other = connectNode({ url, token });
      await expect(other.call("node_info", {})).rejects.toThrow("no node answers");
    } finally {
      await scene.stop();
    }
  });
});
