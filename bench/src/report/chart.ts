import type { Report } from "./Report.ts"

const colours: Readonly<Record<string, string>> = {
  "floor": "#9aa5b1",
  "kafka-broker": "#1f77b4",
  "apache-kafka": "#d9822b",
  "kfake": "#5c9e5c"
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

const bar = (system: string, value: number, largest: number, label: string): string =>
  `<div class="bar"><span class="name">${escaped(system)}</span><span class="track"><i style="width:${
    (value / largest * 100).toFixed(1)
  }%;background:${colours[system] ?? "#888"}"></i></span><span>${escaped(label)}</span></div>`

const rounded = (value: number): string => value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3)

const loadSection = (load: string, report: Report): string => {
  const entries = Object.entries(report.figures[load]!)
  const kind = report.loads[load]!.kind
  const isMemory = kind === "idle" || kind === "coldPartitions"
  const values = entries.map(([system, figures]) => {
    if (isMemory) {
      const kibibytes = (figures.bytesEach?.median ?? 0) / 1024
      return { system, value: Math.max(0, kibibytes), label: `${rounded(kibibytes)} KiB each` }
    }
    if (kind === "latency") {
      const p99 = figures.latencyMs?.p99 ?? 0
      return { system, value: p99, label: `p50 ${rounded(figures.latencyMs?.p50 ?? 0)} ms, p99 ${rounded(p99)} ms` }
    }
    const { median } = figures.requestsPerSecond
    const megabytes = figures.megabytesPerSecond.median
    return {
      system,
      value: median,
      label: `${rounded(median)} ${kind === "client" ? "records" : "requests"}/s, ${rounded(megabytes)} MB/s`
    }
  })
  const largest = Math.max(1e-9, ...values.map(({ value }) => value))
  const bars = values.map(({ system, value, label }) => bar(system, value, largest, label)).join("\n")
  return `<section><h2>${escaped(load)}${
    isMemory || kind === "latency" ? " (less is better)" : ""
  }</h2>\n${bars}</section>`
}

/** The report as one HTML page without scripts. */
export const chartOf = (report: Report): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>kafka-broker bench</title><style>
body { font: 14px system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; color: #222 }
h2 { font-size: 1rem; margin: 1.2rem 0 .3rem }
.bar { display: grid; grid-template-columns: 8rem 1fr 18rem; gap: .6rem; align-items: center; margin: 2px 0 }
.track { background: #f0f2f4; height: 1rem } .track i { display: block; height: 100% }
pre { background: #f6f7f8; padding: .8rem; overflow-x: auto }
</style></head><body>
<h1>kafka-broker bench</h1>
<p>${escaped(report.startedAt)} · ${escaped(report.machine.cpu)}, ${report.machine.cores} cores · Node ${
    escaped(report.machine.node)
  } · <code>${escaped(report.command)}</code></p>
${Object.keys(report.figures).map((load) => loadSection(load, report)).join("\n")}
<h2>Our rate over the floor's</h2>
<pre>${escaped(JSON.stringify(report.ratiosToFloor, null, 2))}</pre>
</body></html>
`
