/** `channels node key`: makes and shows the encrypted key of a node. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { onDisk } from "../../adapters/disk-error.ts";
import { systemRandom } from "../../adapters/system-random.ts";
import type { Address } from "../../crypto/address.ts";
import type { PrivateKey } from "../../crypto/signature.ts";
import { toHex } from "../../primitives/hex.ts";
import { fileFaultText, openKey, passwordOf, storageFaultText } from "../keystore/open-key.ts";
import { writeSecretFile } from "../keystore/secret-file.ts";
import { claimedAddress, encryptKey } from "../keystore/secret-storage.ts";
import { createSigner, parseKey } from "../keystore/signer.ts";
import { type CommandShell, wrongUsage } from "./command-shell.ts";

/** What the commands use of the terminal. */
type Terminal = Pick<CommandShell, "out" | "progress">;

type KeyOptions = {
  readonly file: string;
  readonly passwordFile?: string;
  readonly keyEnv: string;
  readonly json: boolean;
};

/** Where a key to import is, unless the user names another variable. */
const KEY_VARIABLE = "CHANNELS_KEY";

/** Where the password is, for whoever has no file of it. */
const PASSWORD_VARIABLE = "CHANNELS_KEY_PASSWORD";

/** Adds `key` and what is below it. */
export function addNodeKeyCommands(node: Command, output: Terminal): void {
  const key = node.command("key").description("the encrypted key of a node");
  const add = (name: string, description: string): Command =>
    key
      .command(name)
      .description(description)
      .requiredOption("--file <path>", "the key file")
      .option(
        "--password-file <path>",
        `a file with the password (or variable ${PASSWORD_VARIABLE})`,
      )
      .option("--json", "print one JSON document and nothing else", false);
  add("new", "make a key, and write it encrypted to a new file").action((options: KeyOptions) =>
    write(drawKey(), options, output),
  );
  add("import", "encrypt a key that is in an environment variable, into a new file")
    .option("--key-env <name>", "the environment variable", KEY_VARIABLE)
    .action((options: KeyOptions) => write(keyFrom(options.keyEnv), options, output));
  add("show-address", "tell whose key a file holds; with a password, check it").action(
    (options: KeyOptions) => show(options, output),
  );
}

async function write(key: PrivateKey, options: KeyOptions, output: Terminal): Promise<void> {
  const { file } = options;
  const password = passwordOf(passwordSource(options));
  if (!password.ok) throw wrongUsage(password.reason.why.replace("--key-password", "--password"));
  output.progress("encrypting the key ...");
  const text = await encryptKey(key, password.value);
  output.progress("");
  const written = writeSecretFile(file, text);
  if (!written.ok) throw wrongUsage(fileFaultText(written.reason));
  tell(createSigner(key).address, options, output);
}

async function show(options: KeyOptions, output: Terminal): Promise<void> {
  const { file } = options;
  const { password, passwordFile } = passwordSource(options);
  const text = onDisk("read", file, () => readFileSync(file, "utf8"));
  const claimed = claimedAddress(text);
  if (!claimed.ok) throw wrongUsage(storageFaultText(claimed.reason, file));
  if (password === undefined && passwordFile === undefined) {
    if (claimed.value === undefined) {
      throw wrongUsage(`${file} does not say whose key it is: give the password`);
    }
    tell(claimed.value, options, output);
    return;
  }
  output.progress("decrypting the key ...");
  const key = await openKey({ file, password, passwordFile });
  output.progress("");
  if (!key.ok) throw wrongUsage(key.reason.why);
  tell(createSigner(key.value).address, options, output);
}

function tell(address: Address, { file, json }: KeyOptions, output: Terminal): void {
  output.out(json ? JSON.stringify({ address, file }) : address);
}

function passwordSource({ passwordFile }: KeyOptions): {
  readonly password: string | undefined;
  readonly passwordFile: string | undefined;
} {
  const password = process.env[PASSWORD_VARIABLE];
  const isGiven = passwordFile === undefined && password !== undefined && password !== "";
  return { password: isGiven ? password : undefined, passwordFile };
}

/** Almost every draw of 32 bytes is a key; the others are drawn again. */
function drawKey(): PrivateKey {
  for (;;) {
    const key = parseKey(toHex(systemRandom.bytes(32)));
    if (key.ok) return key.value;
  }
}

function keyFrom(variable: string): PrivateKey {
  const key = parseKey(process.env[variable] ?? "");
  if (key.ok) return key.value;
  throw wrongUsage(
    `the environment variable ${variable} holds no private key: that is 64 hexadecimal digits, not zero`,
  );
}
