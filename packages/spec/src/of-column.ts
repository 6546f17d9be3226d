/** What settings by column say of one: a column may have any name, such as that of a method of objects. */
export function ofColumn<Value>(settings: Readonly<Record<string, Value>>, column: string): Value | undefined {
  return Object.hasOwn(settings, column) ? settings[column] : undefined;
}
