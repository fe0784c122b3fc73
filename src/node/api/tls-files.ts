/** The certificate and the key by which the API is served over TLS. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { onDisk } from "../../adapters/disk-error.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import { readSecretFile } from "../keystore/secret-file.ts";

/** Both, as PEM. */
export type TlsTexts = { readonly cert: string; readonly key: string };

/** Bytes of a key: the largest ones of use have a few thousand. */
const KEY_BYTES_MAX = 65_536;

/**
 * Reads both, and checks that they belong together: what is wrong is said at the start and not to whoever comes first.
 * Throws `NodeError` with `DiskFailed` where a file is missing.
 */
export function readTlsFiles(
  certificate: string,
  key: string,
): Result<TlsTexts, { readonly why: string }> {
  const secret = readSecretFile(key, KEY_BYTES_MAX);
  if (!secret.ok) {
    return reject({ why: `${key} cannot be used: ${secret.reason.advice}` });
  }
  const cert = onDisk("read", certificate, () => readFileSync(certificate, "utf8"));
  const parsedKey = tried(() => createPrivateKey(secret.value));
  if (parsedKey === undefined) return reject({ why: `${key} holds no private key as PEM` });
  const parsed = tried(() => new X509Certificate(cert));
  if (parsed === undefined) return reject({ why: `${certificate} holds no certificate as PEM` });
  if (!parsed.checkPrivateKey(parsedKey)) {
    return reject({ why: `${key} is not the key of the certificate in ${certificate}` });
  }
  return accept({ cert, key: secret.value });
}

/** What cannot be read is nothing: which of many ways it is wrong in helps nobody. */
function tried<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
