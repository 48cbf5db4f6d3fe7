/** The program and its arguments, with the workspace folder filled in. */
export function serverCommand(
  words: readonly string[],
  folder: string | undefined,
): { command: string; args: string[] } {
  const [command = "wslint", ...args] = words.map((word) =>
    folder === undefined ? word : word.replaceAll("${workspaceFolder}", folder),
  );
  return { command, args };
}
