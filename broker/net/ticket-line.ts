/**
 * The order of appends on one connection (ports/request-context.ts, Ticket). Tickets are issued in the order of arrival and redeemed in
 * any order; it is a ticket's turn when every earlier one is redeemed. In the usual case each request appends in the tick in which it
 * starts, nobody waits and nothing is allocated beyond the ticket itself.
 */
import type { Ticket } from '../ports/request-context.ts'

export class TicketLine {
  #first: LinedTicket | undefined
  #last: LinedTicket | undefined

  issue(): Ticket {
    const ticket = new LinedTicket(this)
    if (this.#last === undefined) this.#first = ticket
    else this.#last.next = ticket
    this.#last = ticket
    return ticket
  }

  isFirst(ticket: LinedTicket): boolean {
    return this.#first === ticket
  }

  /** Drops redeemed tickets from the front and calls the one whose turn it now is. */
  advance(): void {
    for (let first = this.#first; first?.redeemed; first = this.#first) {
      this.#first = first.next
      // A dropped ticket that has grown old would keep all after it alive, until the next full collection.
      first.next = undefined
      if (this.#first === undefined) this.#last = undefined
      else this.#first.call?.()
    }
  }
}

class LinedTicket implements Ticket {
  readonly #line: TicketLine
  next: LinedTicket | undefined
  call: (() => void) | undefined
  redeemed = false

  constructor(line: TicketLine) {
    this.#line = line
  }

  turn(): Promise<void> | undefined {
    if (this.redeemed || this.#line.isFirst(this)) return undefined
    return new Promise(resolve => {
      this.call = resolve
    })
  }

  redeem(): void {
    if (this.redeemed) return
    this.redeemed = true
    this.#line.advance()
  }
}
