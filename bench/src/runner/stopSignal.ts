/** Aborted by the first SIGINT or SIGTERM, so that what was measured is still printed; a second one ends the process at once. */
export const stopSignal = (): AbortSignal => {
  const stop = new AbortController()
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1)
      console.error(`stopped by ${name}: what was measured follows`)
      stop.abort()
    })
  }
  return stop.signal
}

/** Rejects when the bench is stopped. */
export const stoppedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(new Error("the bench was stopped"))
    if (signal.aborted) return stop()
    signal.addEventListener("abort", stop, { once: true })
  })
