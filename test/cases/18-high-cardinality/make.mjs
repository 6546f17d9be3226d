/** Prints the table: a session of its own in each of 20,000 rows, and 30 plans. */
const rows = Array.from({ length: 20_000 }, (_, row) => {
  return `s-${(row * 7919) % 1_000_003},p${row % 30},${(row % 97) / 97},${row % 2}\n`;
});
process.stdout.write(`session,plan,x,y\n${rows.join('')}`);
