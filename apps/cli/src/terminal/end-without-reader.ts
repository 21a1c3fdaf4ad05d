/** What a shell reports for a program that SIGPIPE ended. Node.js ignores that signal. */
const statusOfSigpipe = 141;

/**
 * Ends the command when nobody reads its output any more, as in `spinbay org list | head -1`. A command that handles SIGTERM
 * stops in its own way.
 */
export function endWithoutReader(): void {
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!process.emit('SIGTERM')) process.exit(statusOfSigpipe);
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
}
