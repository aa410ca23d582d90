import { startBroker, type StartBrokerOptions } from "@kafka-broker/node-server"
import fastify from "fastify"

/** The broker lives as long as the server: `close` stops both. */
export const fastifyServer = async (options: StartBrokerOptions) => {
  const broker = await startBroker(options)
  await broker.createTopics([{ name: "orders" }])
  const orders = broker.topic("orders")
  const server = fastify()
  server.addHook("onClose", () => broker.stop())
  server.post<{ Body: { id: string } }>("/orders", async ({ body }, reply) => {
    const [placed] = await orders.produce([{ key: body.id, value: body }])
    return reply.code(201).send(placed)
  })
  server.get("/orders", async () => (await orders.records()).map(({ value }) => value))
  return server
}
