/*
 * The page's modules and style sheets as one file each, for the image: `node deploy/bundle.js FOLDER`.
 * Templates use them where they were collected as dist/ (chat/web/assets.py). No source maps: the
 * modules themselves are public, in the repository.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

/** Those that templates name. */
const ENTRIES = ["js/app.js", "js/sign-in.js", "css/app.css", "css/page.css"];

const source = fileURLToPath(new URL("../static/", import.meta.url));
const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("Say where to: node deploy/bundle.js FOLDER");
  process.exit(2);
}

await build({
  entryPoints: ENTRIES.map((entry) => join(source, entry)),
  // Side by side, one folder deep as their sources are, so that addresses in style sheets hold.
  entryNames: "[name]",
  outdir: folder,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  external: ["*.svg", "*.woff2"],
  legalComments: "none",
  logLevel: "warning",
});

for (const entry of ENTRIES) {
  const content = readFileSync(join(folder, basename(entry)));
  const kibibytes = (brotliCompressSync(content).length / 1024).toFixed(1);
  console.log(`${basename(entry)}: ${content.length} bytes, ${kibibytes} KiB compressed`);
}
