const assert = require("node:assert");
const test = require("node:test");
const { serverCommand } = require("../dist/command.js");

test("the default is the program on the PATH", () => {
  assert.deepStrictEqual(serverCommand(["wslint", "server"], "/project"), {
    command: "wslint",
    args: ["server"],
  });
  assert.deepStrictEqual(serverCommand([], undefined), { command: "wslint", args: [] });
});

test("the workspace folder is filled in everywhere", () => {
  const words = ["${workspaceFolder}/.venv/bin/wslint", "server"];
  assert.strictEqual(serverCommand(words, "/a b").command, "/a b/.venv/bin/wslint");
  assert.strictEqual(serverCommand(words, undefined).command, words[0]);
});
