/** Starts `wslint server` and connects it to the Python files. */
import * as vscode from "vscode";
import { LanguageClient, type Executable } from "vscode-languageclient/node";
import { serverCommand } from "./command";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("wslint.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("wslint.command")) {
        await restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function stop(): Promise<void> {
  const stopped = client;
  client = undefined;
  await stopped?.dispose();
}

async function start(): Promise<void> {
  const words = vscode.workspace.getConfiguration("wslint").get<string[]>("command", []);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const server: Executable = serverCommand(words, folder);
  client = new LanguageClient("wslint", "wslint", server, {
    documentSelector: [{ scheme: "file", language: "python" }],
  });
  try {
    await client.start();
  } catch (error) {
    const choice = "Open settings";
    const message = `wslint cannot be started: ${String(error)}`;
    if ((await vscode.window.showErrorMessage(message, choice)) === choice) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "wslint.command");
    }
  }
}
