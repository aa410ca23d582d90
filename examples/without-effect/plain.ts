import { startBroker } from "@kafka-broker/node-server"

await using broker = await startBroker({ port: 9092, dataDir: "./data" })
if (!(await broker.listTopics()).includes("orders")) await broker.createTopics([{ name: "orders" }])

const orders = broker.topic("orders") // keys are text, values JSON
await orders.produce([{ key: "42", value: { item: "lamp" } }])
for await (const { key, offset, value } of orders.consume()) {
  console.log(offset, key, value)
  break
}
