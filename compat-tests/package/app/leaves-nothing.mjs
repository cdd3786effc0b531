// Prints what keeps a process alive a moment after a broker has stopped, and ends only if nothing does.
import { startBroker } from 'odradek'
import roundTrip from './round-trip.cjs'

const broker = await startBroker({ topics: ['orders'] })
await roundTrip(broker)
await broker.stop()
setTimeout(() => {
  const left = process
    .getActiveResourcesInfo()
    .filter(kind => !/^(Pipe|TTY|FSReq|Immediate|Timeout)/.test(kind))
  console.log('active:', JSON.stringify(left))
  console.log('listeners:', process.listenerCount('SIGTERM') + process.listenerCount('SIGINT'))
}, 100)
