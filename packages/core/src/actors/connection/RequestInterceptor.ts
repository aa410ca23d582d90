import { Cause, Context, type Effect, Exit, type Fiber } from "effect"
import type { Uuid } from "../../model/Uuid.ts"
import type { AnyApi } from "../../protocol/schema/defineApi.ts"
import type { DirectHandler, Handler } from "./Handler.ts"

/** What an interceptor may ask the broker. */
export interface InterceptorBroker {
  /** The name of a topic that a request names by its id; undefined when there is none. */
  readonly topicName: (id: Uuid) => string | undefined
}

/** Wraps the handler of an API. Requests and answers are decoded: what it does holds for every version. */
export type RequestInterceptor = (handler: DirectHandler<AnyApi>, broker: InterceptorBroker) => DirectHandler<AnyApi>

/**
 * Stands between every connection and every handler of a broker, for tests that need a broker with faults; none by default. It
 * is asked once for each API.
 */
export const RequestInterceptor = Context.Reference<RequestInterceptor | undefined>(
  "@kafka-broker/core/actors/connection/RequestInterceptor",
  { defaultValue: () => undefined }
)

/** Every handler as one of plain functions. A defect closes the connection. */
export const asDirect = (
  handler: Handler<AnyApi>,
  fork: <A>(effect: Effect.Effect<A>) => Fiber.Fiber<A>
): DirectHandler<AnyApi> => {
  if (handler._tag === "Direct") return handler
  return {
    ...handler,
    _tag: "Direct",
    handle: (request, context, reply, disconnect) => {
      const fiber = fork(handler.handle(request, context))
      fiber.addObserver((exit) => {
        if (Exit.isSuccess(exit)) reply(exit.value)
        else if (!Cause.hasInterruptsOnly(exit.cause)) disconnect("a handler failed")
      })
      return () => fiber.interruptUnsafe()
    }
  }
}
