/**
 * Preloaded into the server by the launcher (node --import), so that a launcher which is killed
 * outright leaves no server behind: the channel between them closes, and the server drains as
 * if it had received SIGTERM. The server's own code knows nothing of launchers.
 */
if (process.channel !== undefined) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The channel alone must not keep a server alive that has nothing else left to do.
  process.channel.unref();
}
