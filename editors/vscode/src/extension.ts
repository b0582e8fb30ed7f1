// The extension: starts the language server of the selected interpreter, and gives its two commands a face.

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { LanguageClient, type Middleware } from "vscode-languageclient/node";
import { type Answer, type Command, missing, serverCommand, serverOptions, spoken } from "./command";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("attnlint.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("attnlint.server")) {
        await restart();
      } else if (event.affectsConfiguration("attnlint")) {
        await client?.sendNotification("workspace/didChangeConfiguration", { settings: options() });
      }
    }),
  );
  const python = await pythonExtension();
  const changed = python?.environments?.onDidChangeActiveEnvironmentPath?.(restart);
  if (changed !== undefined) {
    context.subscriptions.push(changed);
  }
  await restart();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function restart(): Promise<void> {
  await client?.stop();
  client = undefined;
  const interpreter = await selectedInterpreter();
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const setting = vscode.workspace.getConfiguration("attnlint").get<string[]>("server", []);
  const command = await serverCommand({ setting, interpreter, folder, succeeds });
  if (command === undefined) {
    void vscode.window.showWarningMessage(missing(interpreter));
    return;
  }
  client = new LanguageClient(
    "attnlint",
    "attnlint",
    { command: command.program, args: [...command.arguments], options: { cwd: folder } },
    {
      documentSelector: [{ language: "python" }, { notebook: "*", language: "python" }],
      initializationOptions: options(),
      middleware,
    },
  );
  await client.start();
}

function options(): { inlayHints: string } {
  return serverOptions(vscode.workspace.getConfiguration("attnlint").get("inlayHints"));
}

const middleware: Middleware = {
  executeCommand: async (command, args, next) => {
    const answer: unknown = await next(command, args);
    if (command === "attnlint.reproduction" && typeof answer === "string") {
      await vscode.env.clipboard.writeText(answer);
      void vscode.window.showInformationMessage("The program that reproduces the finding is on the clipboard.");
    } else if (command === "attnlint.verify") {
      void vscode.window.showInformationMessage(spoken(answer as Answer[] | null));
    }
    return answer;
  },
};

/** The part of the Python extension's interface that is needed. */
interface PythonExtension {
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable?: { uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath?: (listener: () => unknown) => vscode.Disposable;
  };
}

async function pythonExtension(): Promise<PythonExtension | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>("ms-python.python");
  return extension === undefined ? undefined : await extension.activate();
}

async function selectedInterpreter(): Promise<string | undefined> {
  const environments = (await pythonExtension())?.environments;
  if (environments === undefined) {
    return undefined;
  }
  const path = environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
  return (await environments.resolveEnvironment(path))?.executable?.uri?.fsPath ?? path.path;
}

function succeeds(command: Command): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command.program, [...command.arguments], { timeout: 20_000 }, (error) => resolve(error === null));
  });
}
