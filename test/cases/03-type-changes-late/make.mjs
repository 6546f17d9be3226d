/** Prints the table: `build` looks numeric until row 20,900, `units` whole until 20,950, `code` empty until 20,990. */
const rows = Array.from({ length: 21_000 }, (_, at) => {
  const row = at + 1;
  const build = row === 20_900 ? '11.0.1' : (10 + (row % 5) / 10).toFixed(1);
  const units = row === 20_950 ? '3.5' : String(row % 9);
  return `${build},${units},${row === 20_990 ? 'A7' : ''},${row % 2}\n`;
});
process.stdout.write(`build,units,code,y\n${rows.join('')}`);
