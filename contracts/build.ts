/**
 * Compiles the contracts of this folder: `bun contracts/build.ts` writes `artifacts`, and
 * `bun contracts/build.ts --check` compiles again and fails unless every byte is the same. The check also
 * compiles the published adjudicator, which shows that the hardened one differs by its change alone.
 */
import { basename } from "node:path";
import adjudicator from "@statechannels/nitro-protocol/dist/artifacts/contracts/NitroAdjudicator.sol/NitroAdjudicator.json" with {
  type: "json",
};
import { NodeError } from "../src/primitives/node-error.ts";
import { type Artifact, sourceHash } from "./artifact.ts";
import {
  CONTRACTS,
  type ContractSource,
  PUBLISHED_ADJUDICATOR,
  readSources,
  type SourceTexts,
} from "./build-sources.ts";

/** Compiles one contract from its file. Throws when the compiler reports an error. */
export async function compileContract(contract: ContractSource): Promise<Artifact> {
  const texts = await readSources(contract);
  // Half a second to load: only those who compile pay for it.
  const solc = await import("solc");
  const { version, ...settings } = contract.compiler;
  const sources = Object.fromEntries([...texts].map(([path, content]) => [path, { content }]));
  const outputSelection = {
    [contract.path]: {
      [nameOf(contract)]: ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"],
    },
  };
  const input = {
    language: "Solidity",
    sources,
    // Without the hash of its metadata, the code is the same wherever it was compiled.
    settings: { ...settings, metadata: { bytecodeHash: "none" }, outputSelection },
  };
  if (!solc.version().startsWith(`${version}+`)) throw wrongCompiler(solc.version(), version);
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as CompilerOutput;
  return artifactOf(contract, texts, output);
}

/** The checked-in text of an artifact. */
export function artifactText(artifact: Artifact): string {
  return `${JSON.stringify(artifact, undefined, 2)}\n`;
}

/** Where an artifact lies: as its source, but in the folder `artifacts`. */
export function artifactPath({ path }: ContractSource): string {
  return `${import.meta.dir}/artifacts/${path.replace(/\.sol$/, ".json")}`;
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

function nameOf({ path }: ContractSource): string {
  return basename(path, ".sol");
}

function artifactOf(
  contract: ContractSource,
  texts: SourceTexts,
  output: CompilerOutput,
): Artifact {
  const { compiler, path } = contract;
  const name = nameOf(contract);
  const compiled = output.contracts?.[path]?.[name];
  const errors = output.errors?.filter(({ severity }) => severity === "error") ?? [];
  if (compiled === undefined || errors.length > 0) {
    throw new Error(`${path}: ${errors.map((error) => error.formattedMessage).join("\n")}`);
  }
  return {
    contractName: name,
    sourceHash: sourceHash([...texts.values()], compiler),
    compiler,
    abi: compiled.abi,
    bytecode: `0x${compiled.evm.bytecode.object}`,
    deployedBytecode: `0x${compiled.evm.deployedBytecode.object}`,
  };
}

function wrongCompiler(found: string, wanted: string): NodeError {
  const message = `the compiler is solc ${found}, not ${wanted}; run "bun install"`;
  return new NodeError("CodeMismatch", message, { data: { found } });
}

/** Code without the metadata at its end, which names the paths of the sources. Its last two bytes are its length. */
function withoutMetadata(code: string): string {
  return code.slice(0, -4 - 2 * Number.parseInt(code.slice(-4), 16));
}

async function checkPublishedAdjudicator(): Promise<void> {
  const { deployedBytecode } = await compileContract(PUBLISHED_ADJUDICATOR);
  if (withoutMetadata(deployedBytecode) !== withoutMetadata(adjudicator.deployedBytecode)) {
    throw new Error("the published sources do not compile to the published adjudicator");
  }
  process.stdout.write("the published adjudicator: the same code\n");
}

async function main(checkOnly: boolean): Promise<void> {
  for (const contract of CONTRACTS) {
    const text = artifactText(await compileContract(contract));
    const file = Bun.file(artifactPath(contract));
    if (!checkOnly) await file.write(text);
    else if ((await file.text()) !== text) {
      throw new Error(
        `the artifact of ${contract.path} is out of date: run "bun contracts/build.ts"`,
      );
    }
    process.stdout.write(`${nameOf(contract)}: ${checkOnly ? "the same bytes" : "written"}\n`);
  }
  if (checkOnly) await checkPublishedAdjudicator();
}

if (import.meta.main) await main(process.argv.includes("--check"));
