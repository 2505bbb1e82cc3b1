/**
 * Virtual time and what is due at some time of it. Time is nanoseconds since boot, whole numbers
 * (2^53 ns are 104 days); it moves only when somebody advances it. Events due at the same time
 * happen in the order in which they were scheduled, so that a run is the same every time.
 */
export interface ClockEvent {
  readonly atNs: number;
  readonly sequence: number;
  readonly run: () => void;
}

export class VirtualClock {
  private time = 0;
  private sequence = 0;
  /**
   * Due times descending, so that the next event is popped from the end. A PC has a handful of
   * them.
   */
  private readonly events: ClockEvent[] = [];

  get nowNs(): number {
    return this.time;
  }

  get nextEventNs(): number | null {
    return this.events[this.events.length - 1]?.atNs ?? null;
  }

  schedule(delayNs: number, run: () => void): ClockEvent {
    const event = { atNs: this.time + Math.max(0, delayNs), sequence: this.sequence++, run };
    let at = this.events.length;
    // Among equals the later scheduled one stands nearer to the front.
    while (at > 0 && (this.events[at - 1] as ClockEvent).atNs <= event.atNs) at--;
    this.events.splice(at, 0, event);
    return event;
  }

  /** Does nothing when the event has happened already. */
  cancel(event: ClockEvent): void {
    const at = this.events.indexOf(event);
    if (at >= 0) this.events.splice(at, 1);
  }

  /** Let time pass; each event runs at its own time. */
  advance(ns: number): void {
    this.advanceTo(this.time + ns);
  }

  advanceTo(targetNs: number): void {
    for (;;) {
      const next = this.events[this.events.length - 1];
      if (next === undefined || next.atNs > targetNs) break;
      this.events.pop();
      this.time = Math.max(this.time, next.atNs);
      next.run();
    }
    this.time = Math.max(this.time, targetNs);
  }
}

/** Time as it passes outside: whatever is done takes as long as it takes. */
export class RealClock extends VirtualClock {
  private readonly startedMs = performance.now();

  override advance(_ns: number): void {
    this.advanceTo(Math.floor((performance.now() - this.startedMs) * 1e6));
  }
}
