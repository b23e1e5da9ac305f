/**
 * Which packed form of hsc is started: in a checkout that of its sources, made anew where they were edited; in a package the one that came
 * along. Each lies in dist/ under the hash of its sources, so that a run goes on with its own while another is made.
 * `node bin/packed.cjs` (`npm run build`) makes it now, and removes all others. Knows nothing of hsc's commands.
 */
"use strict";

const path = require("path");
const fs = require("fs");

const root = path.join(__dirname, "..");
const dist = path.join(root, "dist");
const CURRENT = path.join(dist, "current.json");
/** all that it follows from */
const SOURCES = ["src", "bin", "package.json", "package-lock.json"];
/** others that stay beside a new one: of runs that have not ended */
const KEPT = 4;
/** after `npm ci`: what it did not install (`--omit=dev`, another Node) is missed when hsc is started */
const IF_POSSIBLE = "--if-possible";

function filesIn(name) {
  const at = path.join(root, name);
  const found = fs.statSync(at, { throwIfNoEntry: false });
  if (!found) return [];
  if (!found.isDirectory()) return [[name, found]];
  return fs
    .readdirSync(at)
    .sort()
    .flatMap(n => filesIn(`${name}/${n}`));
}
/** names, sizes and times: while they stay, so does what the files hold */
function look() {
  const files = SOURCES.flatMap(filesIn);
  return {
    names: files.map(([name]) => name),
    times: files.map(([name, s]) => `${name} ${s.size} ${s.mtimeMs} ${s.ctimeMs}`).join("\n"),
  };
}
function hashOf(names) {
  const hash = require("crypto").createHash("sha256");
  for (const name of names) {
    const bytes = fs.readFileSync(path.join(root, name));
    hash.update(`${name} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex").slice(0, 16);
}
function read() {
  try {
    const current = JSON.parse(fs.readFileSync(CURRENT, "utf8"));
    return fs.existsSync(path.join(dist, current.hash, "cli.js")) ? current : undefined;
  } catch (_e) {
    return undefined;
  }
}
/** as a whole, or not at all: others may read it now */
function write(current) {
  const unnamed = `${CURRENT}.${process.pid}`;
  fs.writeFileSync(unnamed, JSON.stringify(current));
  fs.renameSync(unnamed, CURRENT);
}
/** made, if it is not there; undefined: sources were edited meanwhile */
function built(seen) {
  const hash = hashOf(seen.names);
  const folder = path.join(dist, hash);
  if (fs.existsSync(path.join(folder, "cli.js"))) return hash;
  if (!process.features || !process.features.typescript)
    throw new Error("hsc is made of its sources by Node 24 or later");
  const unnamed = path.join(dist, `new-${process.pid}`);
  const args = [path.join(root, "bin", "pack.ts"), unnamed];
  const made = require("child_process").spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  try {
    if (made.status !== 0) throw new Error(`hsc cannot be made of its sources\n${made.stderr || made.error}`);
    // what was edited meanwhile may be in it, or not
    if (look().times !== seen.times) return undefined;
    if (!fs.existsSync(folder)) fs.renameSync(unnamed, folder);
  } catch (e) {
    // another process may have been faster
    if (!fs.existsSync(path.join(folder, "cli.js"))) throw e;
  } finally {
    fs.rmSync(unnamed, { recursive: true, force: true });
  }
  return hash;
}
/** all but those that were made last */
function prune(hash, kept) {
  const old = fs
    .readdirSync(dist)
    .filter(name => /^[0-9a-f]{16}$/.test(name) && name !== hash)
    .map(name => ({ name, time: fs.statSync(path.join(dist, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { name } of old.slice(kept)) fs.rmSync(path.join(dist, name), { recursive: true, force: true });
}
const cli = hash => path.join(dist, hash, "cli.js");

/** the file that is hsc */
function entry(kept = KEPT) {
  const current = read();
  // a package has no sources
  if (!fs.existsSync(path.join(root, "src", "cli.ts"))) {
    if (current) return cli(current.hash);
    throw new Error(`${dist} is not what the package brought along: install it anew`);
  }
  for (;;) {
    const seen = look();
    if (current && current.times === seen.times) return cli(current.hash);
    fs.mkdirSync(dist, { recursive: true });
    const hash = built(seen);
    if (!hash) continue;
    try {
      write({ hash, times: seen.times });
      prune(hash, kept);
    } catch (_e) {
      // it is there: who may not write here looks for it anew each time, and what is old another removes
    }
    return cli(hash);
  }
}
module.exports = { entry };

if (require.main === module) {
  try {
    entry(0);
  } catch (e) {
    console.error(`${process.argv[2] === IF_POSSIBLE ? "note" : "error"}: ${e.message}`);
    if (process.argv[2] !== IF_POSSIBLE) process.exit(1);
  }
}
