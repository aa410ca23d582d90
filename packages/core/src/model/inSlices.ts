import { Effect } from "effect"

/** Runs work that pauses by itself, and lets everything else run at each pause. Interrupted, the work is abandoned. */
export const inSlices = <A>(start: () => Generator<void, A>): Effect.Effect<A> =>
  Effect.suspend(() => {
    const work = start()
    return Effect.gen(function*() {
      while (true) {
        const step = work.next()
        if (step.done === true) return step.value
        yield* Effect.yieldNow
      }
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => work.return(undefined as never))))
  })
