/** No TLS in a simulation. */
export async function probeTls(): Promise<null> {
  return null;
}
