/**
 * Preloaded into hsc (--import): the file operations on checkpoints are counted, and one of them fails or ends the process.
 * FAULT="kill:5": SIGKILL instead of the fifth; "fail:5": the disk is full; "count": the number goes to stderr.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const [mode, at] = (process.env.FAULT ?? "count").split(":");
const { openSync, writeSync, fsyncSync, renameSync } = fs;
const ours = new Set();
let operations = 0;
function operation(f) {
  if (++operations !== Number(at)) return f();
  if (mode === "kill") process.kill(process.pid, "SIGKILL");
  throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
}
fs.openSync = (path, ...more) => {
  const fd = openSync(path, ...more);
  // the temporary file, and the folder when it is synced
  if (/(^|\/)ck(\/\.net\.safetensors\..*)?$/.test(String(path))) ours.add(fd);
  else ours.delete(fd);
  return fd;
};
fs.writeSync = (fd, ...more) => (ours.has(fd) ? operation(() => writeSync(fd, ...more)) : writeSync(fd, ...more));
fs.fsyncSync = fd => (ours.has(fd) ? operation(() => fsyncSync(fd)) : fsyncSync(fd));
fs.renameSync = (from, to) =>
  /ck\/net\.safetensors$/.test(String(to)) ? operation(() => renameSync(from, to)) : renameSync(from, to);
syncBuiltinESMExports();
if (mode === "count") process.on("exit", () => process.stderr.write(`operations ${operations}\n`));
