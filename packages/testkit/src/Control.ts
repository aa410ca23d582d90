import type { RequestInterceptor } from "@kafka-broker/core/seams"
import { type ApiName, type apis, ErrorCode, type RequestOf, type ResponseInputOf } from "@kafka-broker/core/protocol"
import { type ApiWithErrorAnswer, errorAnswers } from "./errorAnswers.ts"
import { isOwn } from "./RequestLog.ts"

type InterceptedHandler = ReturnType<RequestInterceptor>
type InterceptorBroker = Parameters<RequestInterceptor>[1]
/** What is known of a request beside its body: client id, version, address, principal. */
export type RequestContext = Parameters<InterceptedHandler["handle"]>[1]
type Request<Name extends ApiName> = RequestOf<(typeof apis)[Name]>
type Response<Name extends ApiName> = ResponseInputOf<(typeof apis)[Name]>

/** Which requests are controlled: those for which all that is given holds. */
export interface ControlMatch<Name extends ApiName> {
  readonly api: Name
  /** Without it the requests of the broker's own client, which is the test's, are left alone. */
  readonly clientId?: string
  /** A topic that the request names, by its name or its id. */
  readonly topic?: string
  /** A partition that the request names. */
  readonly partition?: number
  readonly group?: string
  readonly when?: (request: Request<Name>, context: RequestContext) => boolean
  /** The first of the matching requests that is controlled, from 1. Default: 1. */
  readonly from?: number
  /** How many are controlled. Default: all, until the control is lifted. */
  readonly times?: number
}

/** Kafka's name of an error, or its number. */
export type ErrorName = keyof typeof ErrorCode | number

/** What becomes of a controlled request. */
export type ControlAction<Name extends ApiName> =
  /** It is not carried out, and everything in it is answered with the error. */
  | (Name extends ApiWithErrorAnswer ? { readonly error: ErrorName } : never)
  /** It is carried out, and everything in it is answered with the error: the client cannot know. */
  | (Name extends ApiWithErrorAnswer ? { readonly errorAfter: ErrorName } : never)
  /** It is not carried out, and answered with this. */
  | { readonly respond: (request: Request<Name>, context: RequestContext) => Response<Name> }
  /** It is carried out, and its answer is changed. */
  | { readonly change: (response: Response<Name>, request: Request<Name>) => Response<Name> }
  /** It is carried out so many milliseconds late; `answer`: carried out at once, and answered late. */
  | { readonly delayMs: number; readonly of?: "request" | "answer" }
  /** The connection is closed, before it is carried out or instead of the answer. */
  | { readonly disconnect: "before" | "after" }
  /** Nothing is ever answered, and the connection stays open. */
  | { readonly blackHole: "before" | "after" }
  /** It is carried out, and the answer asks the client to keep silent for so long. */
  | { readonly throttleMs: number }

/** A control that is in force. */
export interface Control {
  /** Requests that it met so far. */
  readonly count: () => number
  readonly lift: () => void
}

interface Rule {
  readonly match: ControlMatch<ApiName>
  readonly action: ControlAction<ApiName>
  /** Matching requests so far, and those of them that were controlled. */
  matched: number
  controlled: number
}

type Fields = Readonly<Record<string, unknown>>

/** Everything in a request, level by level. */
const visit = (value: unknown, see: (fields: Fields) => boolean): boolean => {
  if (Array.isArray(value)) return value.some((one) => visit(one, see))
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false
  return see(value as Fields) || Object.values(value).some((one) => visit(one, see))
}

const partitionNames = ["partition", "index", "partitionIndex"]
const partitionListNames = ["partitions", "partitionIndexes"]

const namesPartition = (value: unknown, partition: number): boolean =>
  visit(value, (fields) =>
    partitionNames.some((name) => fields[name] === partition) ||
    partitionListNames.some((name) => Array.isArray(fields[name]) && fields[name].includes(partition)))

const topicNames = ["topic", "name"]

const namesTopic = (
  request: unknown,
  topic: string,
  partition: number | undefined,
  broker: InterceptorBroker
): boolean =>
  visit(request, (fields) => {
    const id = fields["topicId"]
    const isNamed = topicNames.some((name) => fields[name] === topic) ||
      (typeof id === "string" && broker.topicName(id as Parameters<typeof broker.topicName>[0]) === topic)
    return isNamed && (partition === undefined || namesPartition(fields, partition))
  }) || (partition === undefined && visit(request, (fields) =>
    Object.values(fields).some((list) => Array.isArray(list) && list.includes(topic))))

const namesGroup = (request: unknown, group: string): boolean =>
  visit(request, (fields) =>
    fields["groupId"] === group || fields["key"] === group ||
    (Array.isArray(fields["coordinatorKeys"]) && fields["coordinatorKeys"].includes(group)))

const isMatch = (
  rule: Rule,
  api: string,
  request: any,
  context: RequestContext,
  broker: InterceptorBroker
): boolean => {
  const { match } = rule
  const { clientId, group, partition, topic, when } = match
  return match.api === api &&
    (clientId === undefined ? !isOwn(context.clientId) : context.clientId === clientId) &&
    (topic === undefined
      ? partition === undefined || namesPartition(request, partition)
      : namesTopic(request, topic, partition, broker)) &&
    (group === undefined || namesGroup(request, group)) &&
    (when === undefined || when(request as never, context))
}

const codeOf = (error: ErrorName): number => typeof error === "number" ? error : ErrorCode[error]

const errorAnswer = (api: string, request: unknown, error: ErrorName): unknown =>
  (errorAnswers as Readonly<Record<string, (request: never, errorCode: number) => unknown>>)[api]!(
    request as never,
    codeOf(error)
  )

/** The controls of a broker, asked in the order in which they were given; the first that meets a request has it. */
export class Controls {
  private rules: ReadonlyArray<Rule> = []
  private readonly onCarriedOut: (api: string) => void

  constructor(onCarriedOut: (api: string) => void) {
    this.onCarriedOut = onCarriedOut
  }

  add<Name extends ApiName>(match: ControlMatch<Name>, action: ControlAction<Name>): Control {
    const rule = { match, action, matched: 0, controlled: 0 } as unknown as Rule
    this.rules = [...this.rules, rule]
    return {
      count: () => rule.controlled,
      lift: () => {
        this.rules = this.rules.filter((one) => one !== rule)
      }
    }
  }

  clear(): void {
    this.rules = []
  }

  /** The handler under the controls. */
  readonly intercept = (handler: InterceptedHandler, broker: InterceptorBroker): InterceptedHandler => {
    const api = handler.api.name
    const handle: InterceptedHandler["handle"] = (request, context, reply, disconnect) => {
      const answer = (response: unknown): void => reply(response as never)
      const rule = this.ruleFor(api, request, context, broker)
      const end = (): void => (disconnect as (why?: string) => void)("a test's control")
      const carryOut = (then: (response: unknown) => void) => {
        const carriedOut = (response: unknown): void => {
          then(response)
          this.onCarriedOut(api)
        }
        return handler.handle(request, context, carriedOut as never, disconnect)
      }
      return rule === undefined
        ? carryOut(answer)
        : controlled(rule.action, { api, request, context, answer, end, carryOut })
    }
    return { ...handler, handle }
  }

  private ruleFor(api: string, request: unknown, context: RequestContext, broker: InterceptorBroker): Rule | undefined {
    for (const rule of this.rules) {
      if (!isMatch(rule, api, request, context, broker)) continue
      rule.matched++
      const { from = 1, times = Infinity } = rule.match
      if (rule.matched < from || rule.controlled >= times) continue
      rule.controlled++
      return rule
    }
    return undefined
  }
}

interface ControlledRequest {
  readonly api: string
  readonly request: unknown
  readonly context: RequestContext
  readonly answer: (response: unknown) => void
  readonly end: () => void
  readonly carryOut: (then: (response: unknown) => void) => (() => void) | void
}

/** Time of the network, not of the broker's clock: real clients keep it. */
const later = (delayMs: number, run: () => void): () => void => {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

const controlled = (action: any, one: ControlledRequest): (() => void) | void => {
  const { answer, api, carryOut, context, end, request } = one
  if ("error" in action) return answer(errorAnswer(api, request, action.error))
  // Made before, as the request's memory may be lent again once it is carried out.
  if ("errorAfter" in action) {
    const failed = errorAnswer(api, request, action.errorAfter)
    return carryOut(() => answer(failed))
  }
  if ("respond" in action) return answer(action.respond(request, context))
  if ("change" in action) {
    return carryOut((response) => answer(response === undefined ? response : action.change(response, request)))
  }
  if ("throttleMs" in action) {
    return carryOut((response) =>
      answer(response === undefined ? response : { ...(response as object), throttleTimeMs: action.throttleMs })
    )
  }
  if ("disconnect" in action) return action.disconnect === "before" ? end() : carryOut(end)
  if ("blackHole" in action) return action.blackHole === "before" ? undefined : carryOut(() => undefined)
  if (action.of === "answer") return carryOut((response) => void later(action.delayMs, () => answer(response)))
  let abandon: (() => void) | void
  const cancel = later(action.delayMs, () => {
    abandon = carryOut(answer)
  })
  return () => {
    cancel()
    abandon?.()
  }
}
