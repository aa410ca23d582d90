/**
 * What a hostile peer can do, each as it was found, with its neighbours. An attack prepares what it needs as an
 * administrator would have made it, then does its worst until it is done or its time is up.
 */
import type { Attack } from "./attacks/Attack.ts"
import { decompression } from "./attacks/decompression.ts"
import { expressions } from "./attacks/expressions.ts"
import { halfFrames } from "./attacks/halfFrames.ts"
import { unreadAnswers } from "./attacks/unreadAnswers.ts"

/** All of them, in the order of the trial. */
export const attacks: ReadonlyArray<Attack> = [...unreadAnswers, ...decompression, ...halfFrames, ...expressions]
