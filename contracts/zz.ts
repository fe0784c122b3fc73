import { compileContract, artifactPath, artifactText } from "./build.ts";
import { CONTRACTS } from "./build-sources.ts";
for (const c of CONTRACTS) if (process.argv.slice(2).some((n) => c.path.endsWith(`/${n}.sol`) || c.path === `${n}.sol`)) await Bun.write(artifactPath(c), artifactText(await compileContract(c)));
