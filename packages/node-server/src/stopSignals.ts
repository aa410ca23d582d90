/** Signals after which a broker stops cleanly: a supervisor's, Ctrl-C, and the end of a terminal. */
const stopSignals = ["SIGTERM", "SIGINT", "SIGHUP"] as const

/** Calls `listener` for every stop signal from now on; the result ends that. */
export const onStopSignals = (listener: (signal: NodeJS.Signals) => void): () => void => {
  for (const signal of stopSignals) process.on(signal, listener)
  return () => {
    for (const signal of stopSignals) process.off(signal, listener)
  }
}

/**
 * Keeps stop signals back while there is nothing that could be stopped, as while code is loaded; the result hands on the
 * first that came. Without it such a signal ends the process at once.
 */
export const holdStopSignals = (): () => void => {
  let held: NodeJS.Signals | undefined
  const release = onStopSignals((signal) => held ??= signal)
  return () => {
    release()
    if (held !== undefined) process.kill(process.pid, held)
  }
}
