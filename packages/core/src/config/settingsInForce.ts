import { Result } from "effect"
import type { MetadataImage } from "../metadata/MetadataImage.ts"
import { brokerLevels, effectiveBrokerProperties } from "./BrokerProperties.ts"
import { type BrokerSettings, brokerSettings } from "./BrokerSettings.ts"

/**
 * Makes the function that gives the broker's settings as they are in force under an image, dynamic configs included. What
 * acts at once on a setting asks it each time: images share config maps that did not change, and for the same maps it
 * answers from memory. Source: DynamicBrokerConfig.currentConfig.
 */
export const settingsInForce = (started: BrokerSettings): (image: MetadataImage) => BrokerSettings => {
  let broker: ReadonlyMap<string, string> | undefined
  let clusterDefault: ReadonlyMap<string, string> | undefined
  let settings = started
  return (image) => {
    const levels = brokerLevels(image, started.properties)
    if (levels.broker !== broker || levels.clusterDefault !== clusterDefault) {
      broker = levels.broker
      clusterDefault = levels.clusterDefault
      // A directory of another broker may hold configs that contradict each other here; then those of the start hold.
      settings = Result.getOrElse(brokerSettings(effectiveBrokerProperties(levels)), () => started)
    }
    return settings
  }
}
