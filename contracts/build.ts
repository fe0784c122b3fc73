/**
 * Compiles the contracts of this folder: `bun contracts/build.ts` writes `artifacts`, and
 * `bun contracts/build.ts --check` compiles again and fails unless every byte is the same.
 */
import { NodeError } from "../src/primitives/node-error.ts";
import { type Artifact, COMPILER, sourceHash } from "./artifact.ts";

/** Contracts to compile, each in the file of its name. */
const CONTRACTS = ["PaymentApp", "TestToken"] as const;

/** Compiles one contract from its file in this folder. Throws when the compiler reports an error. */
export async function compileContract(name: string): Promise<Artifact> {
  const source = await Bun.file(`${import.meta.dir}/${name}.sol`).text();
  // Half a second to load: only those who compile pay for it.
  const solc = await import("solc");
  const { version, ...settings } = COMPILER;
  const outputSelection = {
    "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] },
  };
  const input = {
    language: "Solidity",
    sources: { [`${name}.sol`]: { content: source } },
    // Without the hash of its metadata, the code is the same wherever it was compiled.
    settings: { ...settings, metadata: { bytecodeHash: "none" }, outputSelection },
  };
  if (!solc.version().startsWith(`${version}+`)) throw wrongCompiler(solc.version());
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  return artifactOf(name, source, output);
}

/** The checked-in text of an artifact. */
export function artifactText(artifact: Artifact): string {
  return `${JSON.stringify(artifact, undefined, 2)}\n`;
}

/** Where an artifact lies. */
export function artifactPath(name: string): string {
  return `${import.meta.dir}/artifacts/${name}.json`;
}

type CompilerOutput = {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>;
};

type CompiledContract = {
  readonly abi: Artifact["abi"];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string };
  };
};

function artifactOf(name: string, source: string, output: CompilerOutput): Artifact {
  const compiled = output.contracts?.[`${name}.sol`]?.[name];
  const errors = output.errors?.filter(({ severity }) => severity === "error") ?? [];
  if (compiled === undefined || errors.length > 0) {
    throw new Error(`${name}.sol: ${errors.map((error) => error.formattedMessage).join("\n")}`);
  }
  return {
    contractName: name,
    sourceHash: sourceHash(source, COMPILER),
    compiler: COMPILER,
    abi: compiled.abi,
    bytecode: `0x${compiled.evm.bytecode.object}`,
    deployedBytecode: `0x${compiled.evm.deployedBytecode.object}`,
  };
}

function wrongCompiler(found: string): NodeError {
  const message = `the compiler is solc ${found}, not ${COMPILER.version}; run "bun install"`;
  return new NodeError("CodeMismatch", message, { data: { found } });
}

async function main(checkOnly: boolean): Promise<void> {
  for (const name of CONTRACTS) {
    const text = artifactText(await compileContract(name));
    const file = Bun.file(artifactPath(name));
    if (!checkOnly) await file.write(text);
    else if ((await file.text()) !== text) {
      throw new Error(`artifacts/${name}.json is out of date: run "bun contracts/build.ts"`);
    }
    process.stdout.write(`${name}: ${checkOnly ? "the same bytes" : "written"}\n`);
  }
}

if (import.meta.main) await main(process.argv.includes("--check"));
