import assert from "node:assert/strict";
import test from "node:test";
import command from "../out/command.js";

const { missing, serverCommand, serverOptions, spoken } = command;

const nothing = { setting: [], interpreter: undefined, folder: undefined, succeeds: async () => false };

test("the setting goes before everything else", async () => {
  const found = await serverCommand({
    ...nothing,
    setting: ["${workspaceFolder}/.venv/bin/attnlint", "server"],
    folder: "/project",
    interpreter: "/usr/bin/python3",
    succeeds: async () => true,
  });
  assert.deepEqual(found, { program: "/project/.venv/bin/attnlint", arguments: ["server"] });
});

test("the selected interpreter, where it has attnlint", async () => {
  const asked = [];
  const found = await serverCommand({
    ...nothing,
    interpreter: "/venv/bin/python",
    succeeds: async (one) => asked.push([one.program, ...one.arguments].join(" ")) > 0,
  });
  assert.deepEqual(found, { program: "/venv/bin/python", arguments: ["-m", "attnlint", "server"] });
  assert.deepEqual(asked, ["/venv/bin/python -m attnlint --version"]);
});

test("the PATH, where the interpreter has none", async () => {
  const surroundings = { ...nothing, interpreter: "/venv/bin/python" };
  const found = await serverCommand({ ...surroundings, succeeds: async (one) => one.program === "attnlint" });
  assert.deepEqual(found, { program: "attnlint", arguments: ["server"] });
});

test("nothing anywhere is said with what to do", async () => {
  assert.equal(await serverCommand(nothing), undefined);
  assert.match(missing("/venv/bin/python"), /in \/venv\/bin\/python or on the PATH.*pip install "attnlint\[editor\]"/);
  assert.match(missing(undefined), /not installed on the PATH/);
});

test("a mistake in the settings is the default", () => {
  assert.deepEqual(serverOptions("all"), { inlayHints: "all" });
  assert.deepEqual(serverOptions("everything"), { inlayHints: "assignments" });
  assert.deepEqual(serverOptions(undefined), { inlayHints: "assignments" });
});

test("verdicts in a sentence", () => {
  assert.equal(spoken(null), "There is nothing to verify.");
  const confirmed = { status: "confirmed", torch: "mat1 and mat2" };
  assert.equal(spoken([confirmed, confirmed]), "torch: 2 confirmed");
  assert.equal(
    spoken([confirmed, { status: "unverified", torch: "no torch\nmore" }]),
    "torch: 1 confirmed, 1 unverified (no torch)",
  );
});
