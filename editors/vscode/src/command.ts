// How the server is started, and what it is told: nothing here knows VS Code, so that it can be tested without it.

/** A program and its arguments. */
export interface Command {
  readonly program: string;
  readonly arguments: readonly string[];
}

/** What is known when a server is to be started. */
export interface Surroundings {
  /** The setting `attnlint.server`: a command, or nothing. */
  readonly setting: readonly string[];
  /** The selected interpreter, if the Python extension has told one. */
  readonly interpreter: string | undefined;
  /** The folder that relative paths of the setting begin at. */
  readonly folder: string | undefined;
  /** Whether a command ends with success. */
  readonly succeeds: (command: Command) => Promise<boolean>;
}

const MODULE = ["-m", "attnlint"];

/** The command that starts the server: the setting, else the selected interpreter where it has attnlint, else the PATH. */
export async function serverCommand(surroundings: Surroundings): Promise<Command | undefined> {
  const [program, ...rest] = surroundings.setting;
  if (program !== undefined && program !== "") {
    return { program: inFolder(program, surroundings.folder), arguments: rest };
  }
  const { interpreter, succeeds } = surroundings;
  if (interpreter !== undefined && (await succeeds({ program: interpreter, arguments: [...MODULE, "--version"] }))) {
    return { program: interpreter, arguments: [...MODULE, "server"] };
  }
  if (await succeeds({ program: "attnlint", arguments: ["--version"] })) {
    return { program: "attnlint", arguments: ["server"] };
  }
  return undefined;
}

/** `${workspaceFolder}` and `~` as people write them in settings. */
function inFolder(text: string, folder: string | undefined): string {
  let found = text;
  if (folder !== undefined) {
    found = found.replaceAll("${workspaceFolder}", folder);
  }
  return found.startsWith("~/") ? (process.env["HOME"] ?? "~") + found.slice(1) : found;
}

/** What to say when there is no server. */
export function missing(interpreter: string | undefined): string {
  const where = interpreter === undefined ? "on the PATH" : `in ${interpreter} or on the PATH`;
  return `attnlint is not installed ${where}. Install it with: pip install "attnlint[editor]"`;
}

export const HINTS = ["off", "assignments", "all"] as const;

/** The options that the server is started with, and told when they change. */
export function serverOptions(inlayHints: unknown): { inlayHints: string } {
  const known = HINTS.find((one) => one === inlayHints);
  return { inlayHints: known ?? "assignments" };
}

/** A verdict of torch, as the server's command `attnlint.verify` answers. */
export interface Answer {
  readonly status: string;
  readonly torch: string;
}

/** The verdicts in a sentence. */
export function spoken(answers: readonly Answer[] | null): string {
  if (answers === null || answers.length === 0) {
    return "There is nothing to verify.";
  }
  const counts = new Map<string, number>();
  for (const answer of answers) {
    counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
  }
  const parts = [...counts].map(([status, count]) => `${count} ${status}`);
  const reason = answers.find((answer) => answer.status === "unverified")?.torch;
  return `torch: ${parts.join(", ")}${reason ? ` (${reason.split("\n")[0]})` : ""}`;
}
