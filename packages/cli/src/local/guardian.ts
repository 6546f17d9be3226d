/**
 * Shell program that holds a nats-server: ends it, and removes its folder, as soon as standard input closes.
 * A shell starts fifty times faster than Node. Arguments: the folder, then the server's command line.
 * After a server that ends by itself the folder stays, for the next one.
 *
 * Standard input covers the death of the parent; where the kernel can tie a process to its parent (Linux), that covers
 * the death of the shell itself. Its own standard error goes nowhere: a message there would end it, the parent gone.
 */
export const GUARDIAN = `
folder=$1
shift
trap : INT
tie=
setpriv --pdeathsig KILL true 2>/dev/null && tie='setpriv --pdeathsig KILL'
exec 3<&0
$tie "$@" --ports_file_dir "$folder" 3<&- &
server=$!
told=
trap 'told=1; kill -KILL $server' TERM HUP
{ read -r _ <&3; kill -TERM $$; } 2>/dev/null &
reader=$!
exec 3<&- 2>/dev/null
while kill -0 $server; do wait $server; done 2>/dev/null
kill $reader 2>/dev/null
[ -z "$told" ] || rm -rf "$folder"
`;
