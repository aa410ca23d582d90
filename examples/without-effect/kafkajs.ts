import type { StartedBroker } from "@kafka-broker/node-server"
import kafkajs from "kafkajs"

/** Sends one message with kafkajs, over connections inside this process: no port is used. */
export const sendWithKafkajs = async (broker: StartedBroker, topic: string, value: string) => {
  const { bootstrap, socketFactory } = broker
  const producer = new kafkajs.Kafka({ brokers: [bootstrap], socketFactory }).producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value }] })
  await producer.disconnect()
}
