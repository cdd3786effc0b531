// A topic's name and a partition's number: whose log it is.

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}
