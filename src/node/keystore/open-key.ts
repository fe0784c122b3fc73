/** Finds the channel key that a configuration names. */

import type { PrivateKey } from "../../crypto/signature.ts";
import { unreachable } from "../../primitives/assert.ts";
import { accept, type Result, reject } from "../../primitives/result.ts";
import type { Configuration } from "../config/configuration.ts";
import { readSecretFile, type SecretFileFault } from "./secret-file.ts";
import { decryptKey, KEY_FILE_CHARS_MAX, type StorageFault } from "./secret-storage.ts";
import { parseKey } from "./signer.ts";

/** Why there is no key, in a sentence that says what to do and holds nothing of a secret. */
export type KeyFault = { readonly code: "NoKey"; readonly why: string };

/** Bytes of a password file: nobody types more. */
const PASSWORD_BYTES_MAX = 1_024;

/** Reads the key from where the configuration says. Throws `NodeError` with `DiskFailed` for a file that is not there. */
export async function openKey(key: Configuration["key"]): Promise<Result<PrivateKey, KeyFault>> {
  if (key.private !== undefined) return fromEnvironment(key.private);
  const { file } = key;
  if (file === undefined) return noKey("there is none");
  const password = passwordOf(key);
  if (!password.ok) return password;
  const text = readSecretFile(file, KEY_FILE_CHARS_MAX);
  if (!text.ok) return noKey(fileFaultText(text.reason));
  const found = await decryptKey(text.value, password.value);
  return found.ok ? found : noKey(storageFaultText(found.reason, file));
}

/** The password of a key file, as the environment or a file has it. */
export function passwordOf(
  key: Pick<Configuration["key"], "password" | "passwordFile">,
): Result<string, KeyFault> {
  if (key.password !== undefined) return accept(key.password);
  const { passwordFile } = key;
  if (passwordFile === undefined) {
    return noKey(
      "there is no password: give --key-password-file, or set the environment variable CHANNELS_KEY_PASSWORD",
    );
  }
  const text = readSecretFile(passwordFile, PASSWORD_BYTES_MAX);
  if (!text.ok) return noKey(fileFaultText(text.reason));
  const [password = ""] = text.value.split(/\r?\n/);
  return password === "" ? noKey(`the first line of ${passwordFile} is empty`) : accept(password);
}

/** What is wrong with a file, and what to do. */
export function fileFaultText({ advice, code, path }: SecretFileFault): string {
  const words = {
    ReadableByOthers: "can be read by others than its owner",
    TooLarge: "is too large",
    Exists: "is there already",
  } as const;
  return `${path} ${words[code]}: ${advice}`;
}

/** What is wrong with a key file, and what to do. */
export function storageFaultText(fault: StorageFault, path: string): string {
  switch (fault.code) {
    case "NotAKeyFile":
      return `${path} is no key file of Web3 Secret Storage version 3: ${fault.why}`;
    case "TooCostly":
      return `${path} asks for ${fault.why} to be opened, which no honest key file does; it was not tried`;
    case "WrongPassword":
      return `the password does not open ${path}`;
    case "WrongAddress":
      return `${path} says that it is of ${fault.claimed}, and holds the key of ${fault.found}; take one that was not tampered with`;
    default:
      return unreachable(fault);
  }
}

function fromEnvironment(text: string): Result<PrivateKey, KeyFault> {
  const key = parseKey(text);
  return key.ok
    ? key
    : noKey(
        "the environment variable CHANNELS_KEY holds no private key: that is 64 hexadecimal digits, not zero",
      );
}

function noKey(why: string): Result<never, KeyFault> {
  return reject({ code: "NoKey", why });
}
