/** The lock of a folder looks at real processes; the simulator has one coordinator at a time by itself. */
export async function lockFolder(): Promise<{ release(): void }> {
  return { release: () => {} };
}

export async function lockHolder(): Promise<null> {
  return null;
}
