import type { AnyApi } from "../../protocol/schema/defineApi.ts"
import type { Handler } from "./Handler.ts"

/** The handlers of a listener by API key. What it holds is what ApiVersions says, by construction. */
export class HandlerRegistry {
  private readonly byKey: Array<Handler<AnyApi> | undefined> = []

  constructor(handlers: Iterable<Handler<any>>) {
    for (const handler of handlers) this.byKey[handler.api.key] = handler
  }

  find(apiKey: number): Handler<AnyApi> | undefined {
    return this.byKey[apiKey]
  }

  /** In order of API key. */
  get apis(): ReadonlyArray<AnyApi> {
    return this.byKey.flatMap((handler) => handler === undefined ? [] : [handler.api])
  }
}
