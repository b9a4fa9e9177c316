import { parseQuantity } from "./quantity.ts";

const mebibyte = 2 ** 20;

/**
 * Bytes that Kafka Connect with the connector holds without events: about 60 MiB of objects that stay (measured after a
 * full collection of an idle worker), and room for the collector.
 */
const idle = 96 * mebibyte;

/**
 * Copies of one largest event on its way: in the connector's queue, in the batch taken from the queue, as a message of
 * PostgreSQL and as the strings read from it, as JSON twice (the encoder's buffer and its result), and in the producer.
 * Arrays of this size need contiguous space, and buffers double as they grow: with 12 copies in the heap, several events of
 * 31 MiB in a row still ran out of memory.
 */
const copies = 16;

/** Share of the heap for the queue. The batch that Connect takes from it can be as large again. */
const queueShare = 1 / 20;

/** Bytes of a small event as objects, with its key and schema references: bounds the number of events in the queue. */
const smallEvent = 2 ** 11;

/** Debezium's default for `max.queue.size`. */
const mostQueued = 8192;

/** Room in the producer for the batch around an event, and for other events that wait. */
const producerRoom = mebibyte;

interface Sizes {
  readonly heap: string;
  readonly maxEventSize: string;
}

/** The smallest heap in which an event of the largest size can pass, as a quantity. */
export const smallestHeap = (maxEventSize: string): string =>
  `${String(Math.ceil((idle + copies * (parseQuantity(maxEventSize) ?? 0)) / mebibyte))}Mi`;

/** The largest `maxEventSize` that passes in a heap, as a quantity; at least 1Mi. */
export const largestEvent = (heap: string): string =>
  `${String(Math.max(1, Math.floor(((parseQuantity(heap) ?? 0) - idle) / copies / mebibyte)))}Mi`;

/** The limits of queue, batch and producer that keep any number of events of any allowed size within the heap. */
export function captureMemory({ heap, maxEventSize }: Sizes) {
  const event = Math.floor(parseQuantity(maxEventSize) ?? 0);
  const queue = Math.floor((parseQuantity(heap) ?? 0) * queueShare);
  const queued = Math.min(mostQueued, Math.max(16, Math.floor(queue / smallEvent)));
  return {
    /** `max.queue.size.in.bytes`. One event more fits: Debezium waits only when the limit is reached. */
    queueBytes: queue,
    /** `max.queue.size`, in events. */
    queued,
    /** `max.batch.size`, in events; must be below `max.queue.size`. */
    batch: Math.floor(queued / 4),
    /** `max.request.size` of the producer: an event as JSON with its key, before compression. */
    requestBytes: event,
    /** `buffer.memory` of the producer: it refuses an event that it cannot hold. */
    producerBytes: event + producerRoom,
  } as const;
}
