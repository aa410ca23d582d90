import { KafkaError } from "@kafka-broker/core"
import type { StartedBroker } from "@kafka-broker/node-server"
import express from "express"

/** Orders that are posted lie in a topic; the broker is started and stopped with the process. */
export const expressApp = (broker: StartedBroker): express.Express => {
  const orders = broker.topic("orders")
  const app = express()
  app.use(express.json())
  app.post("/orders", async (request, response) => {
    const [placed] = await orders.produce([{ key: request.body.id, value: request.body }])
    response.status(201).json(placed)
  })
  app.use(
    ((error, _request, response, next) => {
      if (error instanceof KafkaError) response.status(503).json({ error: error.message })
      else next(error)
    }) satisfies express.ErrorRequestHandler
  )
  return app
}
