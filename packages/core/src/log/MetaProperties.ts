/** The `meta.properties` of a log directory, version 1. Source: MetaProperties, java.util.Properties. */

/** Who owns a log directory; ids in Kafka's text form. */
export interface MetaProperties {
  readonly clusterId: string
  readonly nodeId: number
  /** Undefined in directories formatted before KIP-858. */
  readonly directoryId: string | undefined
}

/** The text of the file. */
export const formatMetaProperties = (properties: Required<MetaProperties>): string =>
  [
    "#",
    `node.id=${properties.nodeId}`,
    `directory.id=${properties.directoryId}`,
    "version=1",
    `cluster.id=${properties.clusterId}`,
    ""
  ].join("\n")

const parseProperties = (text: string): Map<string, string> => {
  const entries = new Map<string, string>()
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim()
    if (line === "" || line.startsWith("#") || line.startsWith("!")) continue
    const match = /^((?:\\.|[^=:\s\\])+)\s*[=:\s]\s*(.*)$/.exec(line)
    if (match !== null) entries.set(match[1]!.replace(/\\(.)/g, "$1"), match[2]!.replace(/\\(.)/g, "$1"))
  }
  return entries
}

/** Reads the file; a string says what is wrong with it. */
export const parseMetaProperties = (text: string): MetaProperties | string => {
  const entries = parseProperties(text)
  const version = entries.get("version") ?? (entries.has("broker.id") ? "0" : undefined)
  if (version === undefined) return "it is damaged: it has no version"
  if (version === "0") {
    return "it has the format of a ZooKeeper-based Kafka (version 0); migrate the cluster to KRaft with Kafka first"
  }
  if (version !== "1") return `its version ${version} is not known`
  const clusterId = entries.get("cluster.id")
  const nodeId = entries.get("node.id")
  if (clusterId === undefined || clusterId === "") return "it has no cluster.id"
  if (nodeId === undefined || !/^\d{1,10}$/.test(nodeId)) return "it has no valid node.id"
  return { clusterId, nodeId: Number(nodeId), directoryId: entries.get("directory.id") }
}
